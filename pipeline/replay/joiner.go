package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/zeebo/xxh3"
)

// joiner makes the Joins of a file: one pass, beside what else it is for, finds
// the customer of each anonymous id. Where some have several, a second one, of
// times alone, finds the moments at which each signed in; and where those don't
// come in the order of time, a third one keeps all moments of these ids.
type joiner struct {
	joins  *Joins
	bounds joinBounds
	kept   int // sign-ins

	examples []sharedID // the first
}

// sharedID is an anonymous id of several customers, or of too many.
type sharedID struct {
	key  xxh3.Uint128
	text string
}

// maxNamedIDs is how many ids a sentence names.
const maxNamedIDs = 3

// joinBounds are those of the constants; tests have smaller ones.
type joinBounds struct{ joins, shared, names, signIns int }

// newJoiner is nil where the mapping joins nothing.
func newJoiner(m *Mapping) *joiner {
	if !m.joins() {
		return nil
	}

	return &joiner{
		bounds:   joinBounds{maxJoins, maxShared, maxNames, maxSignIns},
		examples: make([]sharedID, 0, 10*maxNamedIDs),
		joins:    &Joins{customers: make(map[xxh3.Uint128]uint32), shared: make(map[xxh3.Uint128]*signIns)},
	}
}

// collect is the function that a Reader tells of anonymous ids; nil for nobody.
func (j *joiner) collect() func(*Row, []byte, []byte) {
	if j == nil {
		return nil
	}

	return j.add
}

// add takes a row of the first pass. customer is empty where the row has none.
func (j *joiner) add(row *Row, anonymous, customer []byte) {
	joins := j.joins
	if len(customer) == 0 {
		joins.alone++

		return
	}
	key := xxh3.Hash128(anonymous)
	place, known := joins.customers[key]
	switch {
	case !known && (len(joins.customers) >= j.bounds.joins || !j.roomFor(customer)):
		j.beyond(row, anonymous)
	case !known:
		joins.customers[key] = j.write(customer)
	case place == nobody:
		j.beyond(row, anonymous)
	case joins.shared[key] == nil && !bytes.Equal(joins.name(place), customer):
		j.share(row, key, anonymous)
	}
}

// share notes that an id has several customers.
func (j *joiner) share(row *Row, key xxh3.Uint128, anonymous []byte) {
	joins := j.joins
	if len(joins.shared) >= j.bounds.shared {
		joins.customers[key] = nobody
		j.beyond(row, anonymous)

		return
	}
	joins.shared[key] = new(signIns)
	if len(j.examples) < cap(j.examples) {
		j.examples = append(j.examples, sharedID{key, quotedID(anonymous)})
	}
}

func quotedID(id []byte) string { return fmt.Sprintf("%+q", id[:min(len(id), maxKindBytes)]) }

// beyond counts a row whose anonymous id can't be kept.
func (j *joiner) beyond(row *Row, anonymous []byte) {
	if j.joins.Beyond++; j.joins.Beyond == 1 {
		j.joins.BeyondRow, j.joins.BeyondID = row.Number, string(anonymous)
	}
}

func (j *joiner) roomFor(customer []byte) bool {
	return len(j.joins.names)+len(customer) < j.bounds.names
}

// write keeps the name of a customer, 1 to 256 bytes.
func (j *joiner) write(customer []byte) uint32 {
	joins := j.joins
	place := uint32(len(joins.names)) // bounded by maxNames
	joins.names = append(append(joins.names, byte(len(customer)-1)), customer...)

	return place
}

// finish reads the file again where ids are shared, and counts.
func (j *joiner) finish(source Source, m *Mapping, timeline *Timeline) (*Joins, error) {
	if j == nil {
		return nil, nil //nolint:nilnil // nothing is joined, and nothing went wrong
	}
	joins := j.joins
	if joins.alone == 0 {
		return new(Joins), nil
	}
	if len(joins.shared) > 0 {
		if err := j.read(source, m, timeline, j.inOrder); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(slices.Collect(maps.Values(joins.shared)), func(s *signIns) bool { return s.jumbled }) {
			if err := j.read(source, m, timeline, j.keepAll); err != nil {
				return nil, err
			}
		}
	}
	j.count()

	return joins, nil
}

// read makes a pass over the times of the file.
func (j *joiner) read(source Source, m *Mapping, timeline *Timeline, add func(*Row, []byte, []byte)) error {
	reader, err := NewReader(source, m, ReadOptions{Timeline: timeline, timesOnly: true, people: add})
	if err != nil {
		return err
	}
	defer reader.Close()
	var row Row
	for {
		err := reader.nextInFile(&row)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// count brings the sign-ins in order and counts ids and customers.
func (j *joiner) count() {
	joins := j.joins
	customers := make(map[uint64]struct{})
	for key, place := range joins.customers {
		s := joins.shared[key]
		switch {
		case place == nobody, s != nil && len(s.list) == 0:
			continue
		case s == nil:
			customers[xxh3.Hash(joins.name(place))] = struct{}{}
		default:
			joins.Shared++
			slices.SortFunc(s.list, j.compare)
			s.list = slices.CompactFunc(s.list, func(a, b signIn) bool { return a.at == b.at })
			for _, name := range s.people {
				customers[xxh3.Hash(joins.name(name))] = struct{}{}
			}
		}
		joins.AnonymousIDs++
	}
	joins.Customers = int64(len(customers))
	for _, e := range j.examples {
		if joins.customers[e.key] != nobody && len(joins.sharedExamples) < maxNamedIDs {
			joins.sharedExamples = append(joins.sharedExamples, e.text)
		}
	}
}
