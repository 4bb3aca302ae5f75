package jetstream

import (
	"context"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
)

// statistic is what one shard published to the coordinator at a cut.
type statistic struct {
	partition int
	body      []byte
	more      bool // others follow by now
}

// Coordinator carries statistics from the shards to the coordinator, and its
// answers back into the partitions' input.
type Coordinator struct {
	js     natsjs.JetStream
	layout Layout
}

// NewCoordinator returns the coordinator's transport. It asks the server
// nothing.
func NewCoordinator(js natsjs.JetStream, layout Layout) *Coordinator {
	return &Coordinator{js, layout.WithDefaults()}
}

// Statistics reads what the shards publish. From 0, it begins with the last
// statistic of each partition, in stream order; else with that sequence.
func (c *Coordinator) Statistics(from uint64) *StatisticSource {
	r := newReader(c.js, c.layout.StreamName(pipeline.Statistics), from, c.layout.Prefix+".s.*")
	r.latest = from == 0

	return &StatisticSource{
		reader: r,
		prefix: c.layout.Prefix + ".s.",
		limit:  uint64(c.layout.Partitions),
	}
}

// PublishModel stores a model record in a partition's control lane, or one of an
// import among the answers.
func (c *Coordinator) PublishModel(ctx context.Context, partition int, imported string, body []byte) error {
	return c.publish(ctx, partition, imported, pipeline.ControlModel, body)
}

// PublishAlerts does so with a record of how many customers may be alerted of.
func (c *Coordinator) PublishAlerts(ctx context.Context, partition int, imported string, body []byte) error {
	return c.publish(ctx, partition, imported, pipeline.ControlAlerts, body)
}

func (c *Coordinator) publish(ctx context.Context, partition int, imported string, control pipeline.Control, body []byte) error {
	if err := c.layout.checkPartition(partition); err != nil {
		return fmt.Errorf("publish a %s record: %w", control, err)
	}
	if imported == "" {
		return publishControl(ctx, c.js, c.layout.Stream, c.layout.laneSubject(laneControl, partition), control, body)
	}

	return publishControl(ctx, c.js, c.layout.StreamName(pipeline.Statistics), c.layout.answerSubject(partition), control, body)
}

// StatisticSource reads statistics in order. One goroutine may use it.
type StatisticSource struct {
	reader *reader
	prefix string
	limit  uint64
	unread []delivery
}

// Next returns the body of the next statistic, waiting for it if need be, and
// whether the stream held more when the server sent it.
func (s *StatisticSource) Next(ctx context.Context) (body []byte, more bool, err error) {
	next, err := s.next(ctx)

	return next.body, next.more, err
}

func (s *StatisticSource) next(ctx context.Context) (statistic, error) {
	for {
		for len(s.unread) > 0 {
			d := s.unread[0]
			s.unread = s.unread[1:]
			partition, ok := parseNumber(d.message.Subject[len(s.prefix):])
			if ok && partition < s.limit {
				return statistic{int(partition), d.message.Data, d.pending > 0}, nil
			}
		}
		var err error
		if s.unread, err = s.reader.read(ctx); err != nil {
			return statistic{}, err
		}
	}
}

// Close ends the reading. It must not be called while Next runs.
func (s *StatisticSource) Close() error {
	s.reader.close()
	return nil
}
