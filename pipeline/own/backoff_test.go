package own

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// Pauses double from 20 ms to 5 s, each between half and all, and begin anew when
// something works.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPauses()
		for _, round := range []string{"first", "second"} {
			for want := 20 * time.Millisecond; want < 20*time.Second; want *= 2 {
				most := min(want, 5*time.Second)
				begun := time.Now()
				if err := p.wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(begun); waited < most/2 || waited > most+time.Nanosecond {
					t.Errorf("%s round: waited %v, want between half and all of %v", round, waited, most)
				}
			}
			p.Reset()
		}
	})
}

func TestRepeat(t *testing.T) {
	failing, fatal, stopped := errors.New("failing"), errors.New("fatal"), errors.New("stopped")
	for _, test := range []struct {
		name  string
		fails int   // so often before it works
		last  error // instead of working
		ends  time.Duration
		want  []error // in the error
		told  int
		tries int
	}{
		{name: "at once", tries: 1},
		{name: "later", fails: 7, told: 7, tries: 8},
		{name: "for good", fails: 2, last: fatal, want: []error{fatal}, told: 2, tries: 3},
		{name: "until the end", fails: 1 << 30, ends: time.Hour, want: []error{stopped, failing}, told: 960, tries: 960},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.ends > 0 {
					time.AfterFunc(test.ends, func() { cancel(stopped) })
				}
				tries, told := 0, 0
				err := newPauses().repeat(ctx, func() error {
					if tries++; tries <= test.fails {
						return failing
					}

					return forGood(test.last)
				}, func(err error) {
					if told++; !errors.Is(err, failing) {
						t.Errorf("told %v", err)
					}
				})
				if len(test.want) == 0 && err != nil {
					t.Errorf("failed: %v", err)
				}
				for _, want := range test.want {
					if !errors.Is(err, want) {
						t.Errorf("failed with %v, want %v", err, want)
					}
				}
				// Within an hour, at pauses of 3.75 s on average.
				if near := test.told / 10; tries < test.tries-near || tries > test.tries+near || told < test.told-near || told > test.told+near {
					t.Errorf("%d tries, %d told, want %d and %d", tries, told, test.tries, test.told)
				}
			})
		})
	}
}
