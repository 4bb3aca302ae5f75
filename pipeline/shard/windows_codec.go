package shard

import (
	"math"

	"ebb/pipeline/silence"
	"ebb/windows"
	"ebb/windows/codec"
)

func (s *Shard) appendWindows(dst []byte) []byte { return codec.Must(s.windows.AppendBinary(dst)) }

func (s *Shard) readWindows(body []byte) (err error) {
	s.windows, err = windows.Restore(s.config.Windows(), body)

	return err
}

// captureRing shares what is remembered of events.
func (s *Shard) captureRing() appender {
	ring := s.ring.Clone()

	return func(dst []byte) []byte { return codec.Must(ring.AppendBinary(dst)) }
}

func (s *Shard) readRing(body []byte) (err error) {
	s.ring, err = windows.RestoreRing(s.config.Duplicates.Ring(s.config.Lateness), body)

	return err
}

// appendFormer appends what is remembered of events in the way of before, if
// anything is.
func (s *Shard) appendFormer(dst []byte) []byte {
	if s.former == nil {
		return dst
	}

	c := s.former.Config()
	w := codec.To(dst)
	w.Int(c.Lateness)
	w.Uint(uint64(c.Most))

	return codec.Must(s.former.AppendBinary(w.Bytes()))
}

func (s *Shard) readFormer(body []byte) (err error) {
	if len(body) == 0 {
		return nil
	}
	r := reading(body)
	config := windows.RingConfig{
		Lateness: r.Int(), Most: int(r.UintTo(math.MaxInt64, "identities at most")), Anywhere: !s.config.Duplicates.ByID,
	}
	ring := r.Take(uint64(r.Len()))
	if err := r.End(); err != nil {
		return err
	}
	s.former, err = windows.RestoreRing(config, ring)

	return err
}

func (s *Shard) appendFeed(dst []byte) []byte { return s.feed.AppendBinary(dst) }

func (s *Shard) readFeed(body []byte) (err error) {
	s.feed, err = silence.Restore(s.config.Feed, len(s.vocabulary.ChannelNames), body)

	return err
}
