package shard

import (
	"errors"
	"testing"

	"ebb/pipeline/customers"
	"ebb/pipeline/meaning"
	"ebb/windows/codec"
)

// Whoever is forgotten is not remembered as who was last there with a device.
func TestDevicesOfTheForgotten(t *testing.T) {
	s, err := NewShard(meaning.DefaultConfig(), 0)
	if err != nil {
		t.Fatal(err)
	}
	s.joins.told.Put([]byte("till"), toldOf{"c1", 1})
	s.joins.told.Put([]byte("phone"), toldOf{"c2", 1})
	s.members.erase([]byte("c1"))
	if _, known := s.joins.told.Get([]byte("till")); known || s.joins.told.Len() != 1 {
		t.Errorf("%d devices are known, want that of c2 alone", s.joins.told.Len())
	}
}

// What was written before histories moved is read, with none merged.
func TestJoinsOfBeforeHistoriesMoved(t *testing.T) {
	var s Shard
	s.config.MaxCustomers = 10
	s.joins.reconfigure(&s.config)
	var departed customers.RecentSet
	departed.Most = 10
	departed.Add([]byte("anonymous:a"))
	former := departed.Capture()(departed.Capture()(nil))
	s.joins.told.Put([]byte("a"), toldOf{"c", 3})
	s.joins.joined.Put([]byte("anonymous:a"), 7)
	s.joins.merged.Add([]byte("origin"))
	now := s.joins.capture(&Counts{JoinsTold: 3, Joined: 2, Merged: 1, Followed: 4})(nil)
	var counts Counts

	for name, c := range map[string]struct {
		body   []byte
		read   func(*joins, *codec.Reader)
		merged int
		home   uint16
	}{
		"before": {former, (*joins).readOne, 0, nowhere},
		"now":    {now, func(j *joins, r *codec.Reader) { j.read(r, &counts) }, 1, 7},
	} {
		var read joins
		r := codec.From(c.body, errors.New("no joins"))
		c.read(&read, &r)
		err := r.End()
		home, _ := read.joined.Get([]byte("anonymous:a"))
		if err != nil || !read.isJoined([]byte("anonymous:a")) || home != c.home || read.merged.Len() != c.merged || read.told.Len() != c.merged {
			t.Errorf("%s: %v, %+v", name, err, read)
		}
	}
	if want := (Counts{JoinsTold: 3, Joined: 2, Merged: 1, Followed: 4}); counts != want {
		t.Errorf("%+v, want %+v", counts, want)
	}
}
