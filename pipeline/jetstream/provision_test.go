package jetstream

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/event"
	"ebb/pipeline/shard"
)

func TestProvisionCreatesWhatTheLayoutNames(t *testing.T) {
	js, layout := provisioned(t)
	publishEvents(t, js, layout, 1, 3)
	provision(t, js, layout) // again: keeps what there is

	for _, want := range layout.streams() {
		stream, err := js.Stream(t.Context(), want.Name)
		if err != nil {
			t.Fatal(err)
		}
		got := stream.CachedInfo().Config
		if !got.AllowAtomicPublish || got.AllowDirect || got.MaxAge != defaultMaxAge || got.Storage != natsjs.FileStorage {
			t.Errorf("stream %s: %+v", want.Name, got)
		}
	}
	if got := streamState(t, js, layout.Stream); got.Last != 3 {
		t.Errorf("stream ends at %d after provisioning again, want 3", got.Last)
	}
	snapshots, err := js.Stream(t.Context(), "OBJ_"+layout.Snapshots)
	if err != nil || snapshots.CachedInfo().Config.AllowDirect {
		t.Errorf("snapshots may be read from a replica that is behind (%v)", err)
	}
}

func TestProvisionByManyAtOnce(t *testing.T) {
	url := localtest.NATS(t)
	var all sync.WaitGroup
	for range 6 {
		js := connect(t, url)
		all.Go(func() {
			if err := Provision(t.Context(), js, Layout{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestProvisionChangesLimitsAndKeepsTheRest(t *testing.T) {
	js, layout := provisioned(t)
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	config := stream.CachedInfo().Config
	config.Description = "an operator's own words"
	config.AllowAtomicPublish = false
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}

	layout.Input = Limits{MaxAge: time.Hour, MaxBytes: 1 << 30}
	provision(t, js, layout)
	stream, err = js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	got := stream.CachedInfo().Config
	if got.MaxAge != time.Hour || got.MaxBytes != 1<<30 || !got.AllowAtomicPublish || got.Description != config.Description {
		t.Errorf("config = %+v", got)
	}
}

// What an operator has set on the server stays where the layout says nothing.
func TestProvisionKeepsWhatAnOperatorHasSet(t *testing.T) {
	js, layout := provisioned(t)
	for _, name := range []string{"ENGAGEMENT", "ENGAGEMENT_ROLLUPS", "ENGAGEMENT_STATISTICS"} {
		stream, err := js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		want := stream.CachedInfo().Config
		want.MaxAge, want.MaxBytes, want.MaxMsgs, want.MaxMsgSize = 90*24*time.Hour, 5<<30, 1<<40, 1<<21
		want.Discard, want.Compression, want.Duplicates, want.AllowDirect = natsjs.DiscardNew, natsjs.S2Compression, time.Minute, true
		if _, err := js.UpdateStream(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		provision(t, js, layout)
		stream, err = js.Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if got := stream.CachedInfo().Config; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: config\n%+v\nwant\n%+v", name, got, want)
		}
	}

	layout.Input = Limits{MaxBytes: -1}
	provision(t, js, layout)
	stream, err := js.Stream(t.Context(), layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if got := stream.CachedInfo().Config; got.MaxBytes != -1 || got.MaxAge != 90*24*time.Hour {
		t.Errorf("config %+v, want no limit by size", got)
	}
}

// A long horizon needs old reports: an age that nobody has set is no less, and
// what is longer, or for ever, stays.
func TestProvisionKeepsAtLeastWhatIsNeeded(t *testing.T) {
	const year = 365 * 24 * time.Hour
	js, layout := provisioned(t)
	age := func() time.Duration {
		stream, err := js.Stream(t.Context(), layout.StreamName(shard.Statistics))
		if err != nil {
			t.Fatal(err)
		}

		return stream.CachedInfo().Config.MaxAge
	}
	for _, step := range []struct {
		limits Limits
		want   time.Duration
	}{
		{Limits{LeastAge: year}, year},
		{Limits{LeastAge: year / 2}, year},
		{Limits{LeastAge: 2 * year, MaxAge: year}, year},
		{Limits{}, year},
	} {
		layout.Statistics = step.limits
		provision(t, js, layout)
		if got := age(); got != step.want {
			t.Errorf("%+v: %v, want %v", step.limits, got, step.want)
		}
	}
	other := Layout{Prefix: "other", Stream: "OTHER", Manifests: "m", Snapshots: "s", Leases: "l", Statistics: Limits{LeastAge: year}}.WithDefaults()
	layout = other
	provision(t, js, other)
	if got := age(); got != year {
		t.Errorf("a new stream: %v, want %v", got, year)
	}
}

func TestProvisionRefusesAnotherNumberOfPartitions(t *testing.T) {
	js, layout := provisioned(t)
	layout.Partitions = 32
	err := Provision(t.Context(), js, layout)
	if !errors.Is(err, ErrPartitions) || !strings.Contains(err.Error(), "set partitions to 16") {
		t.Errorf("Provision with 32 partitions = %v, want ErrPartitions and the remedy", err)
	}

	// The stream was made anew with 32, beside manifests for 16.
	if err := js.DeleteStream(t.Context(), layout.Stream); err != nil {
		t.Fatal(err)
	}
	if err := Provision(t.Context(), js, layout); !errors.Is(err, ErrPartitions) {
		t.Errorf("Provision beside manifests for 16 partitions = %v, want ErrPartitions", err)
	}
}

func TestProvisionRefusesStreamsItCannotUse(t *testing.T) {
	cases := []struct {
		name   string
		config natsjs.StreamConfig
		want   string
	}{
		{"no transform", natsjs.StreamConfig{Name: "ENGAGEMENT", Subjects: []string{"engagement.events.*"}}, "without the subject transform"},
		{"another transform", natsjs.StreamConfig{Name: "ENGAGEMENT", Subjects: []string{"engagement.events.*"},
			SubjectTransform: &natsjs.SubjectTransformConfig{Source: "engagement.events.*", Destination: "other.{{partition(16,1)}}"}},
			"with the subject transform"},
		{"a subject is missing", natsjs.StreamConfig{Name: "ENGAGEMENT", Subjects: []string{"engagement.events.*"},
			SubjectTransform: &natsjs.SubjectTransformConfig{Source: "engagement.events.*", Destination: "engagement.p.{{partition(16,1)}}"}},
			"without the subject engagement.c.*"},
		{"a work queue", natsjs.StreamConfig{Name: "ENGAGEMENT_ROLLUPS", Subjects: []string{"engagement.rollups.>"},
			Retention: natsjs.WorkQueuePolicy}, "retention"},
		{"the subjects are taken", natsjs.StreamConfig{Name: "OTHER", Subjects: []string{"engagement.>"}}, "another stream holds"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			js := connect(t, localtest.NATS(t))
			if _, err := js.CreateStream(t.Context(), c.config); err != nil {
				t.Fatal(err)
			}
			err := Provision(t.Context(), js, Layout{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Provision = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for field, layout := range map[string]Layout{
		"prefix":           {Prefix: "a b"},
		"stream":           {Stream: "A.B"},
		"partitions":       {Partitions: 2000},
		"replicas":         {Replicas: 6},
		"manifests bucket": {Manifests: "a.b"},
		"snapshots bucket": {Snapshots: "a.b"},
	} {
		err := Provision(t.Context(), nil, layout)
		if err == nil || !strings.HasPrefix(err.Error(), field) {
			t.Errorf("Provision(%+v) = %v, want an error about %s", layout, err, field)
		}
	}
}

func TestTwoInstallationsOnOneServer(t *testing.T) {
	js, first := provisioned(t)
	second := Layout{Prefix: "shop.engagement", Stream: "SHOP", Partitions: 4, Manifests: "shop_manifests", Snapshots: "shop_snapshots"}.WithDefaults()
	provision(t, js, second)
	publishRaw(t, js, "shop.engagement.events.a", nil, "x")

	record := readRecords(t, open(t, js, second, 0), 1)[0]
	if want := event.Partition("a", 4); record.Partition != want {
		t.Errorf("partition %d, want %d", record.Partition, want)
	}
	if got := streamState(t, js, first.Stream); got.Last != 0 {
		t.Error("an event went to the other installation too")
	}
}
