package shard

import (
	"errors"
	"testing"

	"ebb/windows/codec"
)

// What was written before histories moved is read, with none merged.
func TestJoinsOfBeforeHistoriesMoved(t *testing.T) {
	var s Shard
	s.config.MaxCustomers = 10
	s.joins.reconfigure(&s.config)
	s.joins.told.Add([]byte("a\x00c"))
	s.joins.joined.Add([]byte("anonymous:a"))
	former := s.joins.joined.Capture()(s.joins.told.Capture()(nil))
	s.joins.merged.Add([]byte("origin"))
	now := s.joins.capture(&Counts{JoinsTold: 3, Joined: 2, Merged: 1})(nil)
	var counts Counts

	for name, c := range map[string]struct {
		body   []byte
		read   func(*joins, *codec.Reader)
		merged int
	}{
		"before": {former, (*joins).readOne, 0},
		"now":    {now, func(j *joins, r *codec.Reader) { j.read(r, &counts) }, 1},
	} {
		var read joins
		r := codec.From(c.body, errors.New("no joins"))
		c.read(&read, &r)
		if err := r.End(); err != nil || !read.told.Has([]byte("a\x00c")) || !read.isJoined([]byte("anonymous:a")) || read.merged.Len() != c.merged {
			t.Errorf("%s: %v, %+v", name, err, read)
		}
	}
	if want := (Counts{JoinsTold: 3, Joined: 2, Merged: 1}); counts != want {
		t.Errorf("%+v, want %+v", counts, want)
	}
}
