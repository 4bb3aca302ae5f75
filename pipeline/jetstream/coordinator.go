package jetstream

import (
	"context"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
)

// Coordinator carries statistics from the shards to the coordinator, and its
// answers back into the partitions' input.
type Coordinator struct {
	js        natsjs.JetStream
	layout    Layout
	keys      *keyring
	strangers strangers
}

// NewCoordinator returns the coordinator's transport. It asks the server
// nothing.
func NewCoordinator(js natsjs.JetStream, layout Layout) *Coordinator {
	layout = layout.WithDefaults()
	return &Coordinator{js: js, layout: layout, keys: newKeyring(js, layout)}
}

// OnStranger tells of statistics that are not ebb's. It is called before
// anything else.
func (c *Coordinator) OnStranger(tell func(Stranger)) *Coordinator {
	c.strangers.tell = tell
	return c
}

// Statistics reads what the shards publish. From 0, it begins with the last
// statistic of each partition, in stream order; else with that sequence.
func (c *Coordinator) Statistics(from uint64) *StatisticSource {
	return &StatisticSource{coordinator: c, from: from, prefix: c.layout.Prefix + ".s."}
}

// PublishModel stores a model record in a partition's control lane, or one of an
// import among the answers.
func (c *Coordinator) PublishModel(ctx context.Context, partition int, imported string, body []byte) error {
	return c.publish(ctx, partition, imported, event.ControlModel, body)
}

// PublishAlerts does so with a record of how many customers may be alerted of.
func (c *Coordinator) PublishAlerts(ctx context.Context, partition int, imported string, body []byte) error {
	return c.publish(ctx, partition, imported, event.ControlAlerts, body)
}

func (c *Coordinator) publish(ctx context.Context, partition int, imported string, control event.Control, body []byte) error {
	if err := c.layout.checkPartition(partition); err != nil {
		return fmt.Errorf("publish a %s record: %w", control, err)
	}
	if imported == "" {
		return publishControl(ctx, c.keys, c.layout.Stream, c.layout.laneSubject(laneControl, partition), control, body)
	}

	return publishControl(ctx, c.keys, c.layout.StreamName(shard.Statistics), c.layout.answerSubject(partition), control, body)
}
