package jetstream

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A stream that lost its end, or was made anew, may have grown beyond the last
// record read by the time the reader is back. Its records are others then, and
// going on behind the last one would leave some out.
func TestReaderFindsARewoundStreamThatHasGrownAgain(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 10)
	s := open(t, js, layout, 1)
	expectCounting(t, readRecords(t, s, 10))

	if err := js.DeleteStream(t.Context(), layout.Stream); err != nil {
		t.Fatal(err)
	}
	provision(t, js, layout)
	publishEvents(t, js, layout, 101, 30)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if records, err := s.Next(ctx); !errors.Is(err, ErrRewound) {
		t.Errorf("%d records, error %v, want ErrRewound", len(records), err)
	}
}
