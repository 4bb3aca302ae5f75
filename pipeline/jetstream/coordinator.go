package jetstream

import (
	"context"
	"fmt"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
)

// Statistic is what one shard published to the coordinator at a cut.
type Statistic struct {
	Sequence  uint64 // in the statistics stream
	Partition int
	Body      []byte
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

// PublishModel stores a model record in a partition's control lane.
func (c *Coordinator) PublishModel(ctx context.Context, partition int, body []byte) error {
	if err := c.layout.checkPartition(partition); err != nil {
		return fmt.Errorf("publish a model: %w", err)
	}

	return publishControl(ctx, c.js, c.layout, partition, pipeline.ControlModel, body)
}

// StatisticSource reads statistics in order. One goroutine may use it.
type StatisticSource struct {
	reader *reader
	prefix string
	limit  uint64
	batch  []Statistic
}

// Next returns the next statistics, at least one, waiting for them if need be.
// The slice is the caller's until the next call.
func (s *StatisticSource) Next(ctx context.Context) ([]Statistic, error) {
	s.batch = s.batch[:0]
	for len(s.batch) == 0 {
		deliveries, err := s.reader.read(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range deliveries {
			partition, ok := parseNumber(d.message.Subject[len(s.prefix):])
			if !ok || partition >= s.limit {
				continue
			}
			s.batch = append(s.batch, Statistic{d.sequence, int(partition), d.message.Data})
		}
	}

	return s.batch, nil
}

// Close ends the reading. It must not be called while Next runs.
func (s *StatisticSource) Close() error {
	s.reader.close()
	return nil
}
