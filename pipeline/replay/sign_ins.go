package replay

import (
	"bytes"
	"cmp"

	"github.com/zeebo/xxh3"
)

// signIns are those of one anonymous id, in the order of time once they are
// complete.
type signIns struct {
	list    []signIn
	people  []uint32
	last    int64 // the latest
	jumbled bool  // they don't come in the order of time, so all have to be kept
	gone    bool  // the id stays anonymous
}

type signIn struct {
	at   int64 // Unix ms, not shifted
	name uint32
}

// inOrder takes a row of the second pass. As long as the sign-ins of an id come
// in the order of time, the first of each customer's in a row is enough.
func (j *joiner) inOrder(row *Row, anonymous, customer []byte) {
	s := j.signIns(row, anonymous, customer)
	if s == nil || s.jumbled {
		return
	}
	name := j.person(s, row, anonymous, customer)
	if name == nobody {
		return
	}
	if n := len(s.list); n > 0 {
		same := s.list[n-1].name == name
		switch {
		case row.Time < s.last, row.Time == s.last && !same:
			j.kept -= len(s.list)
			s.jumbled, s.list = true, nil

			return
		case same:
			s.last = row.Time

			return
		}
	}
	s.last = row.Time
	j.keep(s, row, anonymous, name)
}

// keepAll takes a row of the third pass.
func (j *joiner) keepAll(row *Row, anonymous, customer []byte) {
	s := j.signIns(row, anonymous, customer)
	if s == nil || !s.jumbled {
		return
	}
	name := j.person(s, row, anonymous, customer)
	if name == nobody {
		return
	}
	j.keep(s, row, anonymous, name)
}

func (j *joiner) keep(s *signIns, row *Row, anonymous []byte, name uint32) {
	if j.kept >= j.bounds.signIns {
		j.giveUp(s, anonymous)
		j.beyond(row, anonymous)

		return
	}
	j.kept++
	s.list = append(s.list, signIn{row.Time, name})
}

// signIns are those that a row adds to; nil for none.
func (j *joiner) signIns(row *Row, anonymous, customer []byte) *signIns {
	if len(customer) == 0 || !row.Timed {
		return nil
	}
	if s := j.joins.shared[xxh3.Hash128(anonymous)]; s != nil && !s.gone {
		return s
	}

	return nil
}

// person is the place of the name of one of an id's customers, or nobody if
// there are too many.
func (j *joiner) person(s *signIns, row *Row, anonymous, customer []byte) uint32 {
	for _, name := range s.people {
		if bytes.Equal(j.joins.name(name), customer) {
			return name
		}
	}
	switch {
	case len(s.people) == maxPeople:
		j.crowded(anonymous)
		j.giveUp(s, anonymous)

		return nobody
	case !j.roomFor(customer):
		j.beyond(row, anonymous)
		j.giveUp(s, anonymous)

		return nobody
	}
	name := j.write(customer)
	s.people = append(s.people, name)

	return name
}

// giveUp lets an id stay anonymous.
func (j *joiner) giveUp(s *signIns, anonymous []byte) {
	j.kept -= len(s.list)
	*s = signIns{gone: true}
	j.joins.customers[xxh3.Hash128(anonymous)] = nobody
}

// crowded counts an id of too many customers.
func (j *joiner) crowded(anonymous []byte) {
	joins := j.joins
	joins.Crowded++
	if len(joins.crowdedExamples) < maxNamedIDs {
		joins.crowdedExamples = append(joins.crowdedExamples, quotedID(anonymous))
	}
}

// compare puts sign-ins in the order of time, and of several at one moment the
// one that counts first.
func (j *joiner) compare(a, b signIn) int {
	return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(j.joins.name(a.name), j.joins.name(b.name)))
}
