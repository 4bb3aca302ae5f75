package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"ebb/pipeline/shard"
)

// statistic is what one shard published to the coordinator at a cut.
type statistic struct {
	partition int
	body      []byte
	more      bool // others follow by now
}

// StatisticSource reads statistics in order. What others published there is
// passed over and told. One goroutine may use it.
type StatisticSource struct {
	coordinator *Coordinator
	from        uint64
	prefix      string
	key         *sealKey
	reader      *reader
	unread      []statistic
}

// Next returns the body of the next statistic, waiting for it if need be, and
// whether the stream held more when the server sent it.
func (s *StatisticSource) Next(ctx context.Context) (body []byte, more bool, err error) {
	next, err := s.next(ctx)

	return next.body, next.more, err
}

func (s *StatisticSource) next(ctx context.Context) (statistic, error) {
	for s.reader == nil {
		if err := s.begin(ctx); err != nil {
			if refused(err) && !streamMissing(err) {
				return statistic{}, err
			}
			if restErr := rest(ctx); restErr != nil {
				return statistic{}, fmt.Errorf("%w (last attempt: %w)", restErr, err)
			}
		}
	}
	for len(s.unread) == 0 {
		deliveries, err := s.reader.read(ctx)
		if streamMissing(err) || errors.Is(err, ErrRewound) {
			// Purged, or deleted and made anew by the shards: what it held is
			// said again.
			s.reader.close()
			s.reader = nil

			return s.next(ctx)
		}
		if err != nil {
			return statistic{}, err
		}
		for i := range deliveries {
			d := &deliveries[i]
			if partition, ok := s.own(d.message.Subject, d.sequence, d.message.Header.Get(headerSeal), d.message.Data); ok {
				s.unread = append(s.unread, statistic{partition, d.message.Data, d.pending > 0})
			}
		}
	}
	first := s.unread[0]
	s.unread = s.unread[1:]

	return first, nil
}

// begin reads the key, and the last statistic of each partition where that is
// to come first: one that a stranger published behind it does not hide it.
func (s *StatisticSource) begin(ctx context.Context) error {
	c := s.coordinator
	key, err := c.keys.get(ctx)
	if err != nil {
		return err
	}
	s.key = key
	stream := leader{c.js, c.layout.StreamName(shard.Statistics)}
	from := s.from
	s.from = 0
	if from == 0 {
		state, err := stream.state(ctx)
		if err != nil {
			return err
		}
		if err := s.readLast(ctx, stream); err != nil {
			return err
		}
		// What came meanwhile is read once more; a report that is known
		// changes nothing.
		from = state.Last + 1
	}
	s.reader = newReader(c.js, stream.stream, from, c.layout.Prefix+".s.*")

	return nil
}

func (s *StatisticSource) readLast(ctx context.Context, stream leader) error {
	var last []latest
	for partition := range s.coordinator.layout.Partitions {
		found, err := search{
			leader: stream, subject: s.prefix + strconv.Itoa(partition),
			own: func(message *stored) (uint64, bool) {
				header, err := message.header()
				if err != nil {
					return 0, false
				}
				_, ok := s.own(message.Subject, message.Sequence, header.Get(headerSeal), message.Data)

				return 0, ok
			},
		}.last(ctx, 0)
		if err != nil {
			return err
		}
		if found.own() {
			last = append(last, found)
		}
	}
	slices.SortFunc(last, func(a, b latest) int { return cmp.Compare(a.Sequence, b.Sequence) })

	s.unread = s.unread[:0]
	for i := range last {
		partition, _ := parseNumber(last[i].Subject[len(s.prefix):])
		s.unread = append(s.unread, statistic{int(partition), last[i].Data, i+1 < len(last)})
	}

	return nil
}

// own reads the partition of a statistic; false for what a stranger published.
func (s *StatisticSource) own(subject string, sequence uint64, seal string, body []byte) (int, bool) {
	c := s.coordinator
	partition, ok := parseNumber(subject[len(s.prefix):])
	if !ok || partition >= uint64(c.layout.Partitions) {
		return 0, false
	}
	if !s.key.before(c.layout.StreamName(shard.Statistics), sequence) && !s.key.holds(seal, subject, body) {
		c.strangers.met(Stranger{Subject: subject, Sequence: sequence})

		return 0, false
	}

	return int(partition), true
}

// Close ends the reading. It must not be called while Next runs.
func (s *StatisticSource) Close() error {
	if s.reader != nil {
		s.reader.close()
	}

	return nil
}
