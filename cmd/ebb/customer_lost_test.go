package main

import (
	"reflect"
	"strings"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/show"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// Whatever of a customer's state is lost, the command says what is left: all of
// it while the stream holds what it was made of, and else what signals say.
func TestCustomerWhoseStateIsLost(t *testing.T) {
	o := startOperated(t)
	o.importHistory(t, "ann", 15, 40*setting.Day)
	o.process(t)
	look := func() (report shard.CustomerReport) {
		t.Helper()
		commandJSON(t, &report, "customer", "ann", "--json")

		return report
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	before := look()
	if len(before.History) == 0 || before.Missing != "" {
		t.Fatalf("the customer is no test: %+v", before)
	}
	stripped := func(r shard.CustomerReport) shard.CustomerReport {
		r.Notes = nil

		return r
	}

	must(o.js.DeleteObjectStore(t.Context(), "ebb_snapshots"))
	if got := look(); !reflect.DeepEqual(stripped(got), stripped(before)) {
		t.Errorf("without snapshots\n%+v\nbefore\n%+v", got, before)
	}

	input, err := o.js.Stream(t.Context(), "ENGAGEMENT")
	must(err)
	must(input.Purge(t.Context(), natsjs.WithPurgeSequence(4)))
	got, last := look(), before.History[len(before.History)-1]
	if got.Missing == "" || got.Level != last.Level || got.Risk != last.Risk || got.Clock != last.At || len(got.History) != len(before.History) {
		t.Errorf("what signals say is %+v\nthe last is %+v", got, last)
	}
	code, stdout, stderr := command(t, "customer", "ann")
	for _, want := range []string{"ann was " + show.FrameOf("en").Say(last.Level), "Missing is what came since", "snapshot or manifest is gone", "Changes of level", last.Reasons[0].Text} {
		if code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, without %q:\n%s%s", code, want, stdout, stderr)
		}
	}
	if strings.Contains(stdout, "Rhythm") || strings.Contains(stdout, "Next level") {
		t.Errorf("it says what nobody knows:\n%s", stdout)
	}
	head, _, _ := strings.Cut(stdout, "\nWhy")
	for line := range strings.SplitSeq(head, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	must(o.js.DeleteKeyValue(t.Context(), "ebb_manifests"))
	if without := look(); !reflect.DeepEqual(without, got) {
		t.Errorf("without manifests\n%+v\nbefore\n%+v", without, got)
	}
	code, _, stderr = command(t, "customer", "ben")
	if code != exitFailure || !strings.Contains(stderr, "no signal of theirs") || !strings.Contains(stderr, "can't be read") {
		t.Errorf("somebody without signals: %d %s", code, stderr)
	}
}

// Without the stream of signals the state still says how a customer is.
func TestCustomerWithoutTheStreamOfSignals(t *testing.T) {
	o := startOperated(t)
	o.importHistory(t, "ann", 15, 5*setting.Day)
	o.process(t)
	var before, after shard.CustomerReport
	commandJSON(t, &before, "customer", "ann", "--json")
	if err := o.js.DeleteStream(t.Context(), "ENGAGEMENT_SIGNALS"); err != nil {
		t.Fatal(err)
	}
	commandJSON(t, &after, "customer", "ann", "--json")
	if after.Level != before.Level || after.Risk != before.Risk || after.Missing != "" || len(after.Notes) != 1 || !strings.Contains(after.Notes[0], "signals") {
		t.Errorf("report %+v", after)
	}
	for _, reason := range []wire.Reason{before.Reasons[0], after.Reasons[0]} {
		if reason.Text == "" {
			t.Error("a reason without words")
		}
	}
}
