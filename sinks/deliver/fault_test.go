package deliver_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/sinks"
	"ebb/sinks/deliver"
)

// rejectEvents refuses batches that hold a row with one of the counts.
func rejectEvents(counts ...int64) func(*sinks.Batch) error {
	return func(b *sinks.Batch) error {
		for _, r := range b.Rollups[sinks.Total] {
			if slices.Contains(counts, r.Events) {
				return sinks.Refuse("rollups_total", fmt.Errorf("events is %d", r.Events))
			}
		}

		return nil
	}
}

func TestRefusedMessagesAreSetAsideAndTheRestIsWritten(t *testing.T) {
	b := newBench(t)
	b.sink.set(rejectEvents(4, 13, 14), nil)
	for i := range 30 {
		b.cut(i)
	}
	unreadable := b.publish("engagement.rollups.rollups_total.3", []byte(`{"schema":9,"table":"rollups_total"}`))
	f := b.start(nil)
	b.caughtUp(f)
	b.caughtUp(f) // once more, for the dead letters

	b.expectTotals(30, 4, 13, 14)
	if got := f.Counters(deliver.Rollups).Refused.Load(); got != 4 {
		t.Errorf("%d messages counted as refused, want 4", got)
	}
	letters := b.sink.Rows().DeadLetters
	if len(letters) != 4 {
		t.Fatalf("%d dead letters, want 4: %+v", len(letters), letters)
	}
	for _, l := range letters {
		if l.Reason != deliver.RefusedReason || l.Subject != "engagement.rollups.rollups_total.3" || l.Partition != 3 || l.Error == "" {
			t.Errorf("dead letter is %+v", l)
		}
		if l.Sequence != unreadable && !bytes.Equal(l.Body, totals(int(l.Sequence-1)/2, "1m")) {
			t.Errorf("dead letter of sequence %d has body %s", l.Sequence, l.Body)
		}
	}
}

// A message of many rows loses only the bad ones.
func TestGoodRowsOfARefusedMessageAreWritten(t *testing.T) {
	b := newBench(t)
	b.sink.set(rejectEvents(2), nil)
	message := []byte(`{"schema":1,"table":"rollups_total","partition":3,"version":9,"clock":300000,"windows":[`)
	for i := range 5 {
		message = fmt.Appendf(message, `{"window":"1m","end":%d,"rows":[[%d,1]]},`, (i+1)*60_000, i)
	}
	b.publish("engagement.rollups.rollups_total.3", append(message[:len(message)-1], "]}"...))
	f := b.start(nil)
	b.caughtUp(f)
	b.expectTotals(5, 2)
	if got := f.Counters(deliver.Rollups).Refused.Load(); got != 1 {
		t.Errorf("%d messages counted as refused, want 1", got)
	}
}

// Rows that no sink keeps are known without a try: halving would take thousands
// where a newer version writes a window that this one does not know.
func TestRowsThatNoSinkKeepsCostFewTries(t *testing.T) {
	b := newBench(t)
	const messages, rows = 40, 50
	for i := range messages {
		message := fmt.Appendf(nil, `{"schema":1,"table":"rollups_total","partition":3,"version":%d,"clock":300000,"windows":[`, i+1)
		for k := range rows {
			window := [...]string{"1m", "5s"}[k%2]
			message = fmt.Appendf(message, `{"window":%q,"end":%d,"rows":[[%d,1]]},`, window, (i*rows+k+1)*60_000, i*rows+k)
		}
		b.publish("engagement.rollups.rollups_total.3", append(message[:len(message)-1], "]}"...))
	}
	f := b.start(nil)
	b.caughtUp(f)

	if got := len(b.rows()); got != messages*rows/2 {
		t.Errorf("the sink holds %d rows, want %d", got, messages*rows/2)
	}
	if got := f.Counters(deliver.Rollups).Refused.Load(); got != messages {
		t.Errorf("%d messages counted as refused, want %d", got, messages)
	}
	if got, batches := b.sink.tries.Load(), f.Counters(deliver.Rollups).Batches.Load(); got > 3*int64(batches)+3*messages {
		t.Errorf("%d tries for %d batches", got, batches)
	}
	b.caughtUp(f)
	letters := b.sink.Rows().DeadLetters
	if len(letters) != messages {
		t.Fatalf("%d dead letters, want %d", len(letters), messages)
	}
	for _, l := range letters {
		if !strings.Contains(l.Error, `window is "5s"`) {
			t.Errorf("dead letter says %q", l.Error)
		}
	}
}

// The dead letter of a dead letter would go round for ever.
func TestARefusedDeadLetterIsNotPublishedAgain(t *testing.T) {
	b := newBench(t)
	b.sink.set(func(batch *sinks.Batch) error {
		if len(batch.DeadLetters) > 0 {
			return sinks.Refuse("deadletters", errors.New("too long"))
		}

		return nil
	}, nil)
	last := b.publish("engagement.deadletters.malformed", []byte("{"))
	f := b.start(nil)
	if err := f.WaitFor(t.Context(), deliver.DeadLetters, last); err != nil {
		t.Fatal(err)
	}
	stream, err := b.js.Stream(t.Context(), "ENGAGEMENT_DEADLETTERS")
	if err != nil {
		t.Fatal(err)
	}
	if got := stream.CachedInfo().State.LastSeq; got != last {
		t.Errorf("the stream ends at %d, want %d: the refused dead letter was published again", got, last)
	}
	if got := f.Counters(deliver.DeadLetters).Refused.Load(); got != 1 {
		t.Errorf("%d messages counted as refused, want 1", got)
	}
}

func TestGapOfRetentionIsCountedAndErasedMessagesAreNot(t *testing.T) {
	b := newBench(t)
	f := b.start(nil)
	for i := range 10 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.stop(f)
	for i := range 10 {
		b.cut(10 + i) // sequences 21 to 40
	}
	stream, err := b.js.Stream(t.Context(), "ENGAGEMENT_ROLLUPS")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 35); err != nil { // the row of minute 17
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(25)); err != nil { // rows of minutes 10 and 11
		t.Fatal(err)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	b.caughtUp(f)
	b.expectTotals(20, 10, 11, 17)
	if c := f.Counters(deliver.Rollups); c.Gaps.Load() != 1 || c.Missing.Load() != 4 {
		t.Errorf("%d gaps of %d messages, want 1 of 4", c.Gaps.Load(), c.Missing.Load())
	}
}

// The last message may be an erased one: there is nothing to wait for then.
func TestCaughtUpWithTheLastMessageErased(t *testing.T) {
	b := newBench(t)
	b.cut(0)
	last := b.publish("engagement.rollups.rollups_total.3", totals(1, "1m"))
	stream, err := b.js.Stream(t.Context(), "ENGAGEMENT_ROLLUPS")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	f := b.start(nil)
	b.caughtUp(f)
	b.expectTotals(1)
}

func TestAStreamMadeAnewIsReadFromItsStart(t *testing.T) {
	b := newBench(t)
	f := b.start(nil)
	for i := range 10 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.stop(f)
	if err := b.js.DeleteStream(t.Context(), "ENGAGEMENT_ROLLUPS"); err != nil {
		t.Fatal(err)
	}
	b.createStream(deliver.Rollups)
	for i := range 12 {
		b.cut(100 + i)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	b.caughtUp(f)
	if got := len(b.sink.Rows().Rollups[sinks.Total]); got != 22 {
		t.Errorf("the sink holds %d rows, want 22", got)
	}
}

func TestStreamsThatComeLate(t *testing.T) {
	b := newBench(t)
	if err := b.js.DeleteStream(t.Context(), "ENGAGEMENT_ROLLUPS"); err != nil {
		t.Fatal(err)
	}
	f := b.start(nil)
	time.Sleep(50 * time.Millisecond) // a few tries in vain
	b.createStream(deliver.Rollups)
	b.cut(0)
	b.eventually("the row is written", func() bool { return f.Counters(deliver.Rollups).Rows.Load() == 1 })
	b.expectTotals(1)
}

// Two feeds of one name disturb each other, but nothing is lost. If the first
// has taken everything, the second sees that with the next message.
func TestTwoFeedsOfOneNameLoseNothing(t *testing.T) {
	b := newBench(t)
	first, second := b.start(nil), b.start(nil)
	for i := range 60 {
		b.cut(i)
	}
	c := second.Counters(deliver.Rollups)
	b.eventually("both have begun", func() bool { return c.Sessions.Load() > 0 && first.Counters(deliver.Rollups).Sessions.Load() > 0 })
	b.stop(first)
	b.cut(60)
	b.caughtUp(second)
	b.expectTotals(61)
}
