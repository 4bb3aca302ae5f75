package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/inspect"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// ReadPartition makes memory an own.PartitionReader.
func (m *memory) ReadPartition(
	_ context.Context, partition int, sequence uint64, take func(records []event.Record, left uint64) error,
) error {
	m.mu.Lock()
	var all []event.Record
	for _, record := range m.records[m.removed:] {
		if record.Partition == partition && record.Sequence >= sequence {
			all = append(all, record)
			m.read++
		}
	}
	m.mu.Unlock()
	for batch := range slices.Chunk(all, 41) {
		all = all[len(batch):]
		if err := take(batch, uint64(len(all))); err != nil {
			return err
		}
	}

	return nil
}

type memorySignals struct{ m *memory }

func (s memorySignals) Newest(_ context.Context, partition int, token string, limit int) ([]wire.Signal, error) {
	var found []wire.Signal
	for _, message := range s.m.published(shard.Signals) {
		if message.partition == partition && strings.HasSuffix(message.Subject, "."+token) {
			var signal wire.Signal
			if err := json.Unmarshal(message.Data, &signal); err != nil {
				return nil, err
			}
			found = append(found, signal)
		}
	}

	return found[max(0, len(found)-limit):], nil
}

func (m *memory) inspectPorts() inspect.Ports {
	return inspect.Ports{Input: m, Manifests: memoryManifests{m}, Snapshots: memorySnapshots{m}, Signals: memorySignals{m}}
}

func inspectAll(t *testing.T, m *memory, config meaning.Config, customer string) *shard.CustomerReport {
	t.Helper()
	report, err := inspect.Inspect(t.Context(), config, m.inspectPorts(), customer, nil)
	if err != nil {
		t.Fatal(err)
	}

	return report
}

// A report says the same whether it begins with a snapshot of an owner or with
// the first record, and its level and history are what the owner published.
func TestInspectSaysWhatAnOwnerPublished(t *testing.T) {
	config := smallConfig()
	unowned, owned := newMemory(), newMemory()
	history(unowned, config, 41, 900, 12)
	history(owned, config, 41, 900, 12)
	if err := run(t, owned, config, "owner", 1); err != nil {
		t.Fatal(err)
	}
	revision, outputs := owned.revision, len(owned.published(shard.Rollups))
	if owned.manifests[0].Snapshot == "" {
		t.Fatal("the owner took no snapshot")
	}
	changes := 0
	for i := range 12 {
		customer := fmt.Sprintf("c%d", i)
		got, want := inspectAll(t, owned, config, customer), inspectAll(t, unowned, config, customer)
		published, err := memorySignals{owned}.Newest(t.Context(), got.Partition, got.Token, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for n, change := range got.History {
			if !change.Published || want.History[n].Published {
				t.Errorf("%s: change %d is published: %t, and without an owner: %t", customer, n, change.Published, want.History[n].Published)
			}
			if n >= len(published) || !reflect.DeepEqual(change.Signal, published[n]) {
				t.Errorf("%s: change %d is %+v, published was %+v", customer, n, change.Signal, published)
			}
			want.History[n] = change
		}
		if len(got.History) != len(published) || got.Episode != uint32(len(published)) || got.OlderChanges() != 0 {
			t.Errorf("%s: %d changes in episode %d, published were %d", customer, len(got.History), got.Episode, len(published))
		}
		if n := len(published); n > 0 && published[n-1].Level != got.Level {
			t.Errorf("%s is %s, last published was %s", customer, got.Level, published[n-1].Level)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: from a snapshot\n%+v\nfrom the beginning\n%+v", customer, got, want)
		}
		changes += len(published)
	}
	if changes == 0 {
		t.Error("no signals at all")
	}
	if owned.revision != revision || len(owned.published(shard.Rollups)) != outputs || owned.ticks != 0 {
		t.Error("looking has written something")
	}
}

// live is a memory with one customer who came so many days in a row and was
// then silent.
func live(config meaning.Config, customer, eventType string, days, silent int) *memory {
	m := newMemory()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for day := range days {
		m.append(liveRecord(config, customer, eventType, start.AddDate(0, 0, day)))
	}
	passes(m, config, customer, start.AddDate(0, 0, days-1+silent).UnixMilli())

	return m
}

func liveRecord(config meaning.Config, customer, eventType string, at time.Time) event.Record {
	return event.Record{
		Stored: at.UnixMilli(), Clock: at.UnixMilli(), Partition: event.PartitionOf(customer, config.Partitions),
		Data: fmt.Appendf(nil, `{"id":"%d","time":%q,"customer":%q,"type":%q}`, at.Unix(), at.Format(time.RFC3339), customer, eventType),
	}
}

// passes lets time pass up to a moment, by ticks: a single one after a long
// silence would not be believed.
func passes(m *memory, config meaning.Config, customer string, at int64) {
	for before := 15 * time.Minute; before >= 0; before -= 5 * time.Minute {
		stored := at - before.Milliseconds()
		m.append(event.Record{
			Stored: stored, Clock: stored, Partition: event.PartitionOf(customer, config.Partitions),
			Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}"),
		})
	}
}

// runOwner lets an owner commit all but the last record, whose cut comes with the
// next one.
func runOwner(t *testing.T, m *memory, config meaning.Config, nonce string) {
	t.Helper()
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: nonce, SnapshotInterval: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	sequences := m.last(config.Partitions)
	for i := range sequences {
		sequences[i] -= min(sequences[i], 1)
	}
	waited := instance.WaitCommitted(ctx, sequences)
	cancel()
	if err := errors.Join(waited, <-done); err != nil {
		t.Fatal(err)
	}
}

// The next crossing comes when and as it is said: not a millisecond sooner.
func TestNextCrossingComes(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions = 3
	m := live(config, "ann", "order.completed", 20, 1)
	for _, want := range []string{"cooling", "at_risk", "lapsed"} {
		next := inspectAll(t, m, config, "ann").Next
		if next == nil || next.Level != want || next.Signal != wire.Raised || next.In <= 0 {
			t.Fatalf("next crossing %+v, want one to %s", next, want)
		}
		passes(m, config, "ann", next.At-1)
		if before := inspectAll(t, m, config, "ann"); before.Level == want || before.Next == nil || before.Next.At != next.At {
			t.Fatalf("a millisecond before: %s, next %+v", before.Level, before.Next)
		}
		passes(m, config, "ann", next.At)
		after := inspectAll(t, m, config, "ann")
		last := after.History[len(after.History)-1]
		if after.Level != want || last.At != next.At || last.Published {
			t.Fatalf("at the crossing: %s, last change %+v", after.Level, last)
		}
	}
	if last := inspectAll(t, m, config, "ann"); last.Next != nil {
		t.Errorf("after lapsed: %+v", last.Next)
	}
}

func TestReportOfARhythm(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions = 3
	const day = 24 * 3600_000
	report := inspectAll(t, live(config, "ann", "order.completed", 20, 9), config, "ann")
	rhythm := report.Rhythm
	if rhythm.Silent != 9*day || rhythm.Last-rhythm.First != 19*day || rhythm.Last != rhythm.LastAny || rhythm.Visits < 2 {
		t.Errorf("rhythm %+v", rhythm)
	}
	if rhythm.UsualGap <= 0 || rhythm.UsualGap > 5*day {
		t.Errorf("gaps %+v", rhythm)
	}
	if !report.Engaged || len(report.Reasons) == 0 || report.Clock != rhythm.Last+9*day || report.Token != "ann" {
		t.Errorf("report %+v", report)
	}
	// The day after the first order was a silence that raised a level.
	scores := slices.DeleteFunc(slices.Clone(report.Scores), func(p shard.ScorePoint) bool { return p.Source == shard.ScoreSignal })
	first, last := scores[0], scores[len(scores)-1]
	if first.At != rhythm.Last || first.Source != shard.ScoreSilence || last.Source != shard.ScoreAhead || first.Risk >= last.Risk {
		t.Errorf("scores from %+v to %+v", first, last)
	}
	now := slices.IndexFunc(scores, func(p shard.ScorePoint) bool { return p.At == report.Clock })
	if now < 0 || scores[now].Risk != report.Risk {
		t.Errorf("risk %v is not among the scores %+v", report.Risk, scores)
	}
	if !slices.IsSortedFunc(scores, func(a, b shard.ScorePoint) int { return int(a.At - b.At) }) {
		t.Errorf("scores are not in order: %+v", scores)
	}
}

// Mail that the company sent makes a customer known, and says nothing of them.
func TestReportWithoutEngagement(t *testing.T) {
	config := meaning.DefaultConfig()
	report := inspectAll(t, live(config, "ann", "message.sent", 3, 40), config, "ann")
	if report.Engaged || report.Risk != 0 || report.Next != nil || len(report.Scores) != 0 || report.Rhythm.LastAny == 0 {
		t.Errorf("report %+v", report)
	}
	if data, err := json.Marshal(report); err != nil || !strings.Contains(string(data), `"next_crossing":null,"scores":[]`) || strings.Contains(string(data), `"history":null`) {
		t.Errorf("%v: %s", err, data)
	}
}

// What the last owner has not come to is part of the report, and is said to be
// unpublished.
func TestInspectGoesBeyondTheLastCommit(t *testing.T) {
	config := meaning.DefaultConfig()
	config.Partitions = 3
	m := live(config, "ann", "order.completed", 2, 30)
	runOwner(t, m, config, "owner")
	before := inspectAll(t, m, config, "ann")
	passes(m, config, "ann", before.Clock+60*24*3600_000)
	after := inspectAll(t, m, config, "ann")
	if len(after.History) <= len(before.History) {
		t.Fatalf("%d changes before, %d after", len(before.History), len(after.History))
	}
	for i, change := range after.History {
		if change.Published != (i < len(before.History)) {
			t.Errorf("change %d of %d: published %t, and %d were", i, len(after.History), change.Published, len(before.History))
		}
	}
	// A report that was made before the newest signals leaves them out.
	passes(m, config, "ann", after.Clock+1000)
	runOwner(t, m, config, "next")
	m.records = m.records[:len(m.records)-8]
	m.manifests = map[int]own.Manifest{}
	if again := inspectAll(t, m, config, "ann"); len(again.History) != len(before.History) {
		t.Errorf("%d changes, want the %d up to the report's record", len(again.History), len(before.History))
	}
}

// An owner takes a new snapshot and removes the last one while it is looked
// for: then the new one will do. One that is not there at all is made again from
// the stream.
func TestInspectFindsAReplacedSnapshot(t *testing.T) {
	config := smallConfig()
	m := live(config, "ann", "order.completed", 20, 1)
	runOwner(t, m, config, "owner")
	want := inspectAll(t, m, config, "ann")
	ports := m.inspectPorts()
	for _, stale := range []int{1, 3, 1000} { // how often the manifest is an older one
		ports.Manifests = &staleManifests{memoryManifests{m}, stale}
		got, err := inspect.Inspect(t.Context(), config, ports, "ann", nil)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d times an older manifest: %+v, %v", stale, got, err)
		}
	}
}

type staleManifests struct {
	own.ManifestReader
	left int
}

func (s *staleManifests) Load(ctx context.Context, partition int) (own.Manifest, uint64, error) {
	manifest, revision, err := s.ManifestReader.Load(ctx, partition)
	if s.left--; s.left >= 0 {
		manifest.Snapshot = "removed"
	}

	return manifest, revision, err
}

func TestInspectExplainsWhyNot(t *testing.T) {
	config := smallConfig()
	m := live(config, "ann", "order.completed", 20, 1)
	runOwner(t, m, config, "owner")
	changed := func(change func(*meaning.Config)) meaning.Config {
		other := config
		change(&other)

		return other
	}
	home := event.PartitionOf("ann", 3)
	among := func(name func(i int) string) string { // the first in the partition that has records
		for i := 0; ; i++ {
			if id := name(i); event.PartitionOf(id, 3) == home {
				return id
			}
		}
	}
	other := among(func(i int) string { return fmt.Sprintf("ann-%d", i) })
	encoded := among(func(i int) string { return event.Token(fmt.Sprintf("Änn %d", i)) })
	for _, test := range []struct {
		customer string
		config   meaning.Config
		is       error
		want     string
	}{
		{"Ann", config, inspect.ErrUnknownCustomer, fmt.Sprintf("%d of 0 to 2 (subject token Ann), has no records", event.PartitionOf("Ann", 3))},
		{other, config, inspect.ErrUnknownCustomer, "case-sensitive"},
		{other, config, inspect.ErrUnknownCustomer, fmt.Sprintf("partition %d of 0 to 2 (subject token %s)", home, other)},
		{encoded, config, inspect.ErrUnknownCustomer, "this is the subject token of customer"},
		{"", config, event.ErrInvalidCustomer, "empty"},
		{"a\nb", config, event.ErrInvalidCustomer, "control"},
		{"ann", changed(func(c *meaning.Config) { c.Partitions = 2 }), inspect.ErrSettings, "stream.partitions"},
	} {
		_, err := inspect.Inspect(t.Context(), test.config, m.inspectPorts(), test.customer, nil)
		if !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %v with %q", test.customer, err, test.is, test.want)
		}
	}

	// What the stream is run with stands in it, so that nobody has to bring the file.
	if report, err := inspect.Inspect(t.Context(), changed(func(c *meaning.Config) { c.Lateness++ }), m.inspectPorts(), "ann", nil); err != nil || report.Customer != "ann" {
		t.Errorf("with another lateness: %v", err)
	}

	kept := m.manifests
	m.manifests = maps.Clone(kept)
	manifests(m, func(f *own.Manifest) { f.LogicVersion-- })
	if _, err := inspect.Inspect(t.Context(), config, m.inspectPorts(), "ann", nil); err == nil || !strings.Contains(err.Error(), "logic version") {
		t.Errorf("another logic version: %v", err)
	}
	m.manifests = kept

	manifests(m, func(f *own.Manifest) { f.Architecture = "pdp11" })
	if report := inspectAll(t, m, config, "ann"); len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "pdp11") {
		t.Errorf("notes %q", report.Notes)
	}
}
