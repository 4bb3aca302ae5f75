package jetstream

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Messages that are no markers, markers of no seal and copies of old markers
// behind ebb's own are passed over: the last own marker is found, and the next
// batch goes behind them.
func TestStrangersBehindAMarkerArePassedOver(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	var told []uint64
	outputs := NewOutputs(js, layout).OnStranger(func(s Stranger) { told = append(told, s.Sequence) })
	subject := layout.MarkerSubject(shard.Rollups, 3)
	stream := leader{js, layout.StreamName(shard.Rollups)}

	fence, known := uint64(0), uint64(0)
	for cut := range uint64(5) {
		for _, known := range []uint64{0, known} { // with and without what the manifest says
			marker, err := outputs.Marker(ctx, shard.Rollups, 3, known)
			if err != nil || marker.Cut != cut || marker.Fence != fence {
				t.Fatalf("cut %d: marker %+v, %v, want the fence %d", cut, marker, err, fence)
			}
		}
		stored, err := outputs.Publish(ctx, shard.Rollups, 3, fence, rows(3, 2), own.Marker{Cut: cut + 1, Chunk: 1, Of: 1, Sequence: cut + 7})
		if err != nil {
			t.Fatal(err)
		}
		known = stored
		own, err := stream.at(ctx, stored)
		if err != nil {
			t.Fatal(err)
		}
		header, err := own.header()
		if err != nil {
			t.Fatal(err)
		}
		header = nats.Header{"Content-Type": header["Content-Type"]}
		for n := range 300 * int(cut%2) { // a flood, longer than the first look back
			publishRaw(t, js, subject, nil, strconv.Itoa(n))
		}
		for _, body := range []string{"no marker", "", "{}", `{"cut":99,"chunk":1,"of":1,"sequence":5}`, string(own.Data)} {
			fence = publishRaw(t, js, subject, header, body)
		}
	}
	if len(told) != 4 || !slices.IsSorted(told) {
		t.Errorf("told of %v, want the 4 that were last when one looked, each once", told)
	}
}

// An owner that finds the marker's subject taken by a stranger is fenced, looks,
// and goes on: the fence works among owners as before.
func TestStrangerOnAMarkerDoesNotBreakTheFence(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	one, two := NewOutputs(js, layout), NewOutputs(js, layout)
	first, err := one.Publish(ctx, shard.Rollups, 0, 0, rows(0, 3), own.Marker{Cut: 1})
	if err != nil {
		t.Fatal(err)
	}
	publishRaw(t, js, layout.MarkerSubject(shard.Rollups, 0), nil, "hello")
	marker, err := two.Marker(ctx, shard.Rollups, 0, first)
	if err != nil || marker.Stored != first || marker.Fence != first+1 {
		t.Fatalf("marker %+v, %v", marker, err)
	}
	if _, err := two.Publish(ctx, shard.Rollups, 0, marker.Fence, rows(0, 3), own.Marker{Cut: 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Publish(ctx, shard.Rollups, 0, first+1, rows(0, 3), own.Marker{Cut: 2}); err == nil {
		t.Error("two owners published behind one marker")
	}
}

// What others publish to the import subject neither hides the import nor ends
// the importer.
func TestStrangersOnTheImportSubject(t *testing.T) {
	js, layout := provisioned(t)
	stray := func() {
		t.Helper()
		for _, body := range []string{"no marker", "{}", `{"import":"evil","state":"open","rows":1}`} {
			publishRaw(t, js, layout.importSubject(), nil, body)
		}
	}
	stray()
	i := openImport(t, js, layout, "a")
	appendAll(t, i, history(0, 500))
	stray()
	publishRaw(t, js, layout.laneSubject(laneHistory, 3), nats.Header{event.HeaderClock: {"9"}}, "{}")
	if got, err := LastImport(t.Context(), js, layout); err != nil || got.ID != "a" || got.Records != 500 {
		t.Errorf("LastImport = %+v, %v", got, err)
	}
	appendAll(t, i, history(500, 500))
	stray()
	again := openImport(t, js, layout, "a")
	appendAll(t, again, history(1000, 24))
	if err := again.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	stray()
	if got := openImport(t, js, layout, "a").Status(); got.State != ImportEnded || got.Records != 1_024 {
		t.Errorf("opened after its end: %+v", got)
	}
	if got := openImport(t, js, layout, "b").Status(); got.State != ImportOpen {
		t.Errorf("another import: %+v", got)
	}
}

// A value that others wrote to a manifest's key, or to the others that ebb
// keeps there, is not ebb's.
func TestStrangersInTheBucketOfManifests(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	bucket, err := js.KeyValue(ctx, layout.Manifests)
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := NewManifests(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	want := own.Manifest{Partition: 2, Nonce: "mine", Generation: 4, Cursor: 17}
	revision, err := manifests.Save(ctx, want, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"junk", "{}", `{"partition":2,"generation":9,"nonce":"theirs","logic_version":4}`} {
		strange, err := bucket.Put(ctx, "p.2", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, at, err := manifests.Load(ctx, 2)
		if err != nil || got != want || at != strange {
			t.Fatalf("Load behind %q = %+v, %d, %v", body, got, at, err)
		}
		if _, err := manifests.Save(ctx, want, revision); err == nil {
			t.Errorf("Save over %q without having read it", body)
		}
		if revision, err = manifests.Save(ctx, want, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{keyStream, keySeal} {
		if _, err := bucket.Put(ctx, key, []byte("junk")); err != nil {
			t.Fatal(err)
		}
	}
	provision(t, js, layout)
	again, err := NewManifests(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := again.Load(ctx, 2); err != nil || got != want {
		t.Errorf("Load after a new start = %+v, %v", got, err)
	}
}

// Statistics of others teach nobody, and do not hide the last of a partition.
func TestStrangersAmongStatistics(t *testing.T) {
	js, layout := provisioned(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	publish := func(last uint64, body string) uint64 {
		t.Helper()
		stored, err := NewOutputs(js, layout).Publish(ctx, shard.Statistics, 3, last,
			[]shard.Message{{Subject: "s.3", Data: []byte(body)}}, own.Marker{Cut: 1})
		if err != nil {
			t.Fatal(err)
		}

		return stored
	}
	last := publish(0, `{"partition":3}`)
	stray, err := json.Marshal(fact.StatisticsReport{Schema: 2, Partition: 3, Step: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	publishRaw(t, js, "engagement.s.3", nil, string(stray))
	publishRaw(t, js, "engagement.s.4", nil, "junk")

	told := 0
	source := NewCoordinator(js, layout).OnStranger(func(Stranger) { told++ }).Statistics(0)
	defer source.Close()
	for _, want := range []string{`{"partition":3}`, `{"partition":3,"clock":1}`} {
		if body, _, err := source.Next(ctx); err != nil || string(body) != want {
			t.Fatalf("%q, %v, want %q", body, err, want)
		}
		publishRaw(t, js, "engagement.s.3", nil, string(stray))
		last = publish(last, `{"partition":3,"clock":1}`)
	}
	if told < 2 {
		t.Errorf("told of %d strangers", told)
	}
}

// Control and history records of others are what a producer's forged ones are,
// and every record of ebb's is still ebb's when the key was lost: what is
// stored before a key is made is taken as it is.
func TestRecordsOfBeforeTheKey(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	if err := NewInput(js, layout).Tick(ctx, 3); err != nil {
		t.Fatal(err)
	}
	appendAll(t, openImport(t, js, layout, "a"), history(0, 10))
	if err := js.DeleteKeyValue(ctx, layout.Manifests); err != nil {
		t.Fatal(err)
	}
	provision(t, js, layout)
	publishRaw(t, js, layout.laneSubject(laneControl, 3), nats.Header{event.HeaderControl: {"tick"}}, "{}")
	records := readRecords(t, open(t, js, layout, 0), 1+16+10+1)
	for i, record := range records {
		if stranger := i == len(records)-1; record.Forged != stranger {
			t.Errorf("record %+v", record)
		}
	}
	if got, err := LastImport(ctx, js, layout); err != nil || got.Records != 10 {
		t.Errorf("LastImport = %+v, %v", got, err)
	}
}
