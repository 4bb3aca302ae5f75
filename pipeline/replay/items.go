package replay

import (
	"errors"
	"fmt"
	"io"

	"ebb/pipeline/event"
)

// Item is one event of history that does not come from a file.
type Item struct {
	Clock    int64  // Unix ms; never less than that of the item before
	Customer string // whose partition it goes to
	Body     []byte // a native event, or what will be a dead letter
}

// Items is history that can be read again and again, always the same.
type Items struct {
	Name   string // for people
	Digest string // of everything that the items depend on
	First  int64  // clock of the first item, Unix ms
	Last   int64  // no clock is later
	Count  uint64 // about how many

	// Open begins anew. The function that it returns yields the next item,
	// false behind the last.
	Open func() (func() (Item, bool), error)
}

// NewItemsPlan is NewPlan for items. Their times stand as they are; with
// ShiftToNow live time follows the last of them.
func NewItemsPlan(items Items, options Options) (*Plan, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	if options.Chaos || options.Twice {
		return nil, errors.New("the chaos order and publishing twice need the times of a file's rows; write the items to a file")
	}
	options.ask(int64(items.Count))
	p := &Plan{
		Source:   Source{Name: items.Name},
		Mapping:  &Mapping{Format: Native},
		Options:  options,
		Identity: Identity{Digest: items.Digest, Lines: int64(items.Count)},
		First:    items.First,
		Last:     items.Last,
		items:    &items,
	}
	var err error
	p.Import, err = p.identify()

	return p, err
}

// itemOrder yields items as they come.
type itemOrder struct {
	read       func() (Item, bool)
	partitions int
	clock      int64
}

func (o *itemOrder) next() (placed, error) {
	item, ok := o.read()
	if !ok {
		return placed{}, io.EOF
	}
	if item.Clock < o.clock {
		return placed{}, fmt.Errorf("an item has the clock %d after one with %d; sort them by their clocks", item.Clock, o.clock)
	}
	o.clock = item.Clock

	return placed{clock: item.Clock, payload: payload{
		body:      item.Body,
		partition: event.PartitionOf(item.Customer, o.partitions),
	}}, nil
}
