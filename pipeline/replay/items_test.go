package replay

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func itemsOf(clocks ...int64) Items {
	return Items{
		Name: "made", Digest: "d", First: clocks[0], Last: clocks[len(clocks)-1], Count: uint64(len(clocks)),
		Open: func() (func() (Item, bool), error) {
			next := 0

			return func() (Item, bool) {
				if next == len(clocks) {
					return Item{}, false
				}
				next++

				return Item{Clock: clocks[next-1], Customer: "anna", Body: fmt.Appendf(nil, "event %d", next)}, true
			}, nil
		},
	}
}

func TestItemsAreImportedLikeRows(t *testing.T) {
	p, err := NewItemsPlan(itemsOf(1098144000000, 1098230400000), Options{Partitions: 2, TickRows: 1, CoordinateRows: 2, ShiftToNow: true})
	if err != nil {
		t.Fatal(err)
	}
	p.Import = "i"
	want := strings.Split(strings.TrimSpace(`
19 00:00 | 0 | start {"import":"i","source":"made","shift_ms":0}
19 00:00 | 1 | start {"import":"i","source":"made","shift_ms":0}
19 00:00 | 1 | row event 1
19 00:00 | 0 | tick {}
19 00:00 | 1 | tick {}
20 00:00 | 1 | row event 2
20 00:00 | 0 | tick {"coordinate":1}
20 00:00 | 1 | tick {"coordinate":1}
20 00:00 | 0 | tick {"last":true} | behind answer 1
20 00:00 | 1 | tick {"last":true}
20 00:00 | 0 | end {"import":"i","aborted":false}
20 00:00 | 1 | end {"import":"i","aborted":false}
`), "\n")
	for range 2 { // items can be read again
		if got := script(readAll(t, mustOpen(t, p, p.Shift(time.Now())))); !slices.Equal(got, want) {
			t.Errorf("sequence\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestItemsHaveToBeInOrder(t *testing.T) {
	p, err := NewItemsPlan(itemsOf(5, 4), Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, Run{Plan: p, Writer: newStreamWriter(p, 0)}.Import(t.Context()), "the clock 4 after one with 5", "sort them")
	_, err = NewItemsPlan(itemsOf(5), Options{Partitions: 1, Chaos: true})
	wantError(t, err, "write the items to a file")
	_, err = NewItemsPlan(itemsOf(5), Options{})
	wantError(t, err, "partitions is 0")
	gone := errors.New("the items are gone")
	broken := itemsOf(5)
	broken.Open = func() (func() (Item, bool), error) { return nil, gone }
	if p, err = NewItemsPlan(broken, Options{Partitions: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Open(0); !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
}
