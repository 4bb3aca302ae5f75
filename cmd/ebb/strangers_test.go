package main

import (
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ebb/cmd/ebb/serve"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
)

// stray publishes what a stranger may on every subject and key of ebb's own.
func (o *operated) stray(t *testing.T) {
	t.Helper()
	headers := []nats.Header{
		nil,
		{"Ebb-Control": {"start"}, "Ebb-Clock": {"4102444800000"}},
		{"Ebb-Control": {"model"}, "Ebb-Seal": {"00"}, "Ebb-Clock": {"1"}},
		{"Ebb-Control": {"end"}, "Ebb-Import": {"1.00"}, "Ebb-Clock": {"1"}},
		{"Ebb-Control": {"alerts"}}, {"Ebb-Control": {"tick"}, "Ebb-Clock": {"4102444800000"}}, {"Ebb-Clock": {"4102444800000"}},
	}
	subjects := []string{"engagement.import"}
	for _, partition := range []string{"0", "1"} {
		for _, subject := range []string{
			"marker.rollups.", "marker.signals.", "marker.deadletters.", "marker.s.", "rollups.marker.", "signals.marker.", "s.marker.", "c.", "h.", "s.", "rollups.total.", "signals.at_risk.",
		} {
			subjects = append(subjects, "engagement."+subject+partition)
		}
	}
	for _, subject := range subjects {
		for _, header := range headers {
			for _, body := range []string{"", "junk \x1b[31m", "{}", `{"import":"evil","cut":7,"sequence":3,"of":1,"chunk":1,"partition":1,"schema":2,"state":"open"}`} {
				message := &nats.Msg{Subject: subject, Header: header, Data: []byte(body)}
				if _, err := o.js.PublishMsg(t.Context(), message); err != nil {
					t.Fatalf("%s: %v", subject, err)
				}
			}
		}
	}
	manifests, err := o.js.KeyValue(t.Context(), o.layout.WithDefaults().Manifests)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"p.0", "p.1", "stream", "seal", "else"} {
		if _, err := manifests.Put(t.Context(), key, []byte(`{"junk":true}`)); err != nil {
			t.Fatal(err)
		}
	}
	objects, err := o.js.ObjectStore(t.Context(), o.layout.WithDefaults().Snapshots)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := objects.PutBytes(t.Context(), "else", []byte("junk")); err != nil {
		t.Fatal(err)
	}
}

var versions = regexp.MustCompile(`"(version|sequence|created|era)":\d+`)

// outputs are the rollups, signals and levels that ebb published, without the
// sequences that strangers move.
func (o *operated) outputs(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	for _, stream := range []string{"ENGAGEMENT_ROLLUPS", "ENGAGEMENT_SIGNALS"} {
		for sequence := uint64(1); sequence <= o.lastOf(t, stream); sequence++ {
			handle, err := o.js.Stream(t.Context(), stream)
			if err != nil {
				t.Fatal(err)
			}
			message, err := handle.GetMsg(t.Context(), sequence)
			if err != nil {
				t.Fatal(err)
			}
			own := strings.HasPrefix(string(message.Data), `{"schema"`)
			if own && !strings.Contains(message.Subject, ".pipeline.") {
				found[message.Subject+" "+versions.ReplaceAllString(string(message.Data), "")] = true
			}
		}
	}

	return slices.Sorted(maps.Keys(found))
}

func (o *operated) lastOf(t *testing.T, stream string) uint64 {
	t.Helper()
	handle, err := o.js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}

	return handle.CachedInfo().State.LastSeq
}

// importDisturbed imports history in two parts, with a restart in between, and
// returns what was published, and how many strangers were met.
func importDisturbed(t *testing.T, disturb bool) (outputs []string, met uint64) {
	o := startOperated(t)
	stray := func() {
		if disturb {
			o.stray(t)
		}
	}
	open, err := jetstream.OpenImport(t.Context(), o.js, o.layout, jetstream.ImportConfig{ID: "i", Source: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	for part := range 2 {
		stray()
		e, err := serve.StartEngine(t.Context(), serve.EngineConfig{Js: o.js, Layout: o.layout, Pipeline: o.config, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		stray()
		if err := open.Append(t.Context(), strangersHistory(part)); err != nil {
			t.Fatal(err)
		}
		stray() // perhaps between the batch and its marker
		if err := open.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		stray()
		if err := e.Settled(t.Context(), o.js, o.layout); err != nil {
			t.Fatal(err)
		}
		met += e.Observer.Strangers.Count.Load()
		if err := e.Stop(); err != nil {
			t.Fatal(err)
		}
	}

	return o.outputs(t), met
}

// strangersHistory is forty days of ten customers, twenty a part, who leave one
// by one.
func strangersHistory(part int) (records []jetstream.HistoryRecord) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := part * 20; d < part*20+20; d++ {
		at := begin.AddDate(0, 0, d)
		for c := range 10 {
			customer := fmt.Sprintf("c%d", c)
			if d > 15+c {
				continue
			}
			records = append(records, jetstream.HistoryRecord{
				Partition: event.PartitionOf(customer, 2), Clock: at.UnixMilli(),
				Body: fmt.Appendf(nil, `{"id":"%d","time":%q,"customer":%q,"type":"order.completed"}`, d, at.Format(time.RFC3339), customer),
			})
		}
		for partition := range 2 {
			records = append(records, jetstream.HistoryRecord{
				Partition: partition, Clock: at.UnixMilli(), Control: event.ControlTick, Body: []byte("{}"),
			})
		}
	}

	return records
}

// Strangers publish on every subject while ebb runs and while it is stopped:
// ebb goes on, starts again, and publishes what it publishes undisturbed.
func TestStrangersChangeNothing(t *testing.T) {
	want, _ := importDisturbed(t, false)
	got, met := importDisturbed(t, true)
	if len(want) < 100 || !slices.Equal(got, want) {
		t.Errorf("%d outputs, undisturbed %d", len(got), len(want))
		for i := range got {
			if i < len(want) && got[i] != want[i] {
				t.Fatalf("got  %s\nwant %s", got[i], want[i])
			}
		}
	}
	if met < 100 {
		t.Errorf("%d strangers were met", met)
	}
}

// A forged mark that an import begins does not turn live events into dead
// letters.
func TestForgedStartIsNoImport(t *testing.T) {
	o := startOperated(t)
	for _, partition := range []string{"0", "1"} {
		message := &nats.Msg{
			Subject: "engagement.h." + partition, Data: []byte(`{"import":"evil","source":"x","shift_ms":0}`),
			Header: nats.Header{"Ebb-Control": {"start"}, "Ebb-Clock": {"1000"}},
		}
		if _, err := o.js.PublishMsg(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	// A stranger gives a partition no clock: its dead letter waits for an event.
	customers := []string{"ann", "ben", "cleo", "dora"}
	for _, customer := range customers {
		o.publish(t, customer, shopEvent("1", customer, "page.viewed"))
	}
	counts := o.process(t)
	if counts.Processed != uint64(len(customers)) || counts.DeadLetters != 2 {
		t.Errorf("%+v, want the events processed and the forged records dead letters", counts)
	}
	_, stdout, _ := command(t, "deadletters", "list", "--reason", "forged_control")
	if strings.Count(stdout, "evil") != 2 {
		t.Errorf("dead letters\n%s", stdout)
	}
}
