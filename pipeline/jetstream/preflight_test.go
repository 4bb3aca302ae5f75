package jetstream

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/preflight"
	"ebb/pipeline/shard"
)

// serverWith starts a server of other options than a user's first one.
func serverWith(t *testing.T, adjust func(*server.Options)) string {
	t.Helper()
	options := &server.Options{JetStream: true}
	adjust(options)

	return localtest.Serve(t, options)
}

// user connects as one of a server's users, whose password is their name.
func user(t *testing.T, url, name string) ConnectConfig {
	t.Helper()
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
		t.Fatal(err)
	}

	return ConnectConfig{URL: url, User: name, Password: Secret{File: path}}
}

func permitted(name string, p Permissions) *server.User {
	return &server.User{Username: name, Password: name, Permissions: &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: p.Publish},
		Subscribe: &server.SubjectPermission{Allow: p.Subscribe},
	}}
}

func find(t *testing.T, found []preflight.Finding, check string) preflight.Finding {
	t.Helper()
	i := slices.IndexFunc(found, func(f preflight.Finding) bool { return f.Check == check })
	if i < 0 {
		t.Fatalf("no finding %q in %+v", check, found)
	}

	return found[i]
}

func preflightOf(t *testing.T, cfg ConnectConfig, layout Layout, config meaning.Config) []preflight.Finding {
	t.Helper()
	js, err := Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(js.Conn().Close)
	found, err := Preflight(t.Context(), js, cfg, layout, config)
	if err != nil {
		t.Fatal(err)
	}

	return found
}

func TestPreflightIsWellBeforeAndAfterTheStreamsAreMade(t *testing.T) {
	url := serverWith(t, func(*server.Options) {})
	js := connect(t, url)
	for range 2 {
		found := preflightOf(t, ConnectConfig{URL: url}, Layout{}, meaning.DefaultConfig())
		if preflight.Worst(found) != preflight.OK {
			t.Errorf("findings %+v", found)
		}
		names := js.StreamNames(t.Context())
		for name := range names.Name() {
			if state := streamState(t, js, name); state.Last > 2 { // the bucket of manifests notes the partitions, and holds the key of the seals
				t.Errorf("the check has stored %d messages in %s", state.Last, name)
			}
		}
		provision(t, js, Layout{}.WithDefaults())
	}
}

// Each single permission that is missing is named, and no other.
func TestEveryMissingPermissionIsNamed(t *testing.T) {
	all := Layout{}.WithDefaults().Permissions("")
	lacking := func(p Permissions, n int) (Permissions, string) {
		if n < len(p.Publish) {
			return Permissions{slices.Delete(slices.Clone(p.Publish), n, n+1), p.Subscribe}, p.Publish[n]
		}

		return Permissions{p.Publish, []string{"nothing"}}, p.Subscribe[0]
	}
	count := len(all.Publish) + len(all.Subscribe)
	url := serverWith(t, func(o *server.Options) {
		o.Users = append(o.Users, permitted("all", all), permitted("none", Permissions{[]string{"nothing"}, []string{"nothing"}}))
		for n := range count {
			lacks, _ := lacking(all, n)
			o.Users = append(o.Users, permitted(fmt.Sprint("lacks-", n), lacks))
		}
	})
	if missing, err := all.Missing(t.Context(), user(t, url, "all")); err != nil || len(missing.Publish)+len(missing.Subscribe) > 0 {
		t.Errorf("who may all: missing %+v, %v", missing, err)
	}
	if missing, err := all.Missing(t.Context(), user(t, url, "none")); err != nil || len(missing.Publish)+len(missing.Subscribe) != count {
		t.Errorf("who may nothing: missing %d and %d of %d, %v", len(missing.Publish), len(missing.Subscribe), count, err)
	}
	for n := range count {
		_, subject := lacking(all, n)
		missing, err := all.Missing(t.Context(), user(t, url, fmt.Sprint("lacks-", n)))
		if got := slices.Concat(missing.Publish, missing.Subscribe); err != nil || !slices.Equal(got, []string{subject}) {
			t.Errorf("without %s: missing %q, %v", subject, got, err)
		}
	}
	found := preflightOf(t, user(t, url, "lacks-3"), Layout{}, meaning.DefaultConfig())
	_, subject := lacking(all, 3)
	if got := find(t, found, "nats permissions"); got.Status != preflight.Failed || !strings.Contains(got.Text, subject) || !strings.Contains(got.Remedy, "ebb check --permissions") {
		t.Errorf("finding %+v", got)
	}
}

func TestPreflightSaysWhatANATSServerLacks(t *testing.T) {
	config := meaning.DefaultConfig()
	for _, test := range []struct {
		name   string
		adjust func(*server.Options)
		layout Layout
		check  string
		text   string
		remedy string
	}{
		{"JetStream off", func(o *server.Options) { o.JetStream = false }, Layout{}, "jetstream", "JetStream is off", "jetstream"},
		{"small messages", func(o *server.Options) { o.MaxPayload = 64 << 10 }, Layout{}, "nats max_payload", "65536", "1MB"},
		{"replicas without a cluster", func(*server.Options) {}, Layout{Replicas: 3}, "replicas", "not in a cluster", "stream.replicas"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := find(t, preflightOf(t, ConnectConfig{URL: serverWith(t, test.adjust)}, test.layout, config), test.check)
			if got.Status != preflight.Failed || !strings.Contains(got.Text, test.text) || !strings.Contains(got.Remedy, test.remedy) {
				t.Errorf("finding %+v", got)
			}
		})
	}
}

func TestPreflightSaysWhatStreamsDoNotFit(t *testing.T) {
	url := serverWith(t, func(*server.Options) {})
	js := connect(t, url)
	provision(t, js, Layout{}.WithDefaults())
	cfg, config := ConnectConfig{URL: url}, meaning.DefaultConfig()

	if got := find(t, preflightOf(t, cfg, Layout{Partitions: 8}, config), "streams"); got.Status != preflight.Failed || !strings.Contains(got.Remedy, "partitions") {
		t.Errorf("another number of partitions: %+v", got)
	}
	began := config
	began.Skew = time.Minute
	body, err := shard.EncodeConfig(1, began)
	if err != nil {
		t.Fatal(err)
	}
	if err := NewConfigs(js, Layout{}).Add(t.Context(), 1, body); err != nil {
		t.Fatal(err)
	}
	if got := find(t, preflightOf(t, cfg, Layout{}, config), "configuration"); got.Status != preflight.Warning || !strings.Contains(got.Text, "skew: 1m → 5m") {
		t.Errorf("another skew: %+v", got)
	}
	if got := find(t, preflightOf(t, cfg, Layout{}, began), "configuration"); got.Status != preflight.OK || !strings.Contains(got.Text, "version 1") {
		t.Errorf("the same settings: %+v", got)
	}
	began.Holdout = 0.1
	if got := find(t, preflightOf(t, cfg, Layout{}, began), "configuration"); got.Status != preflight.Failed || !strings.Contains(got.Remedy, "churn.holdout is 0.1") {
		t.Errorf("another hold-out: %+v", got)
	}
	manifests, err := NewManifests(t.Context(), js, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if got := find(t, preflightOf(t, cfg, Layout{}, config), "state"); got.Status != preflight.OK || got.Text != "there are no snapshots yet" {
		t.Errorf("without a snapshot: %+v", got)
	}
	mine := own.Manifest{
		Partition: 2, Partitions: 16, LogicVersion: meaning.LogicVersion, Architecture: meaning.Architecture(), Snapshot: "p.2.1.1",
	}
	revision, err := manifests.Save(t.Context(), mine, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := find(t, preflightOf(t, cfg, Layout{}, config), "state"); got.Status != preflight.OK || !strings.Contains(got.Text, "1 snapshots of format 5, which this ebb reads; it writes format") {
		t.Errorf("a snapshot of the former format: %+v", got)
	}
	newer := mine
	newer.Sections = "6 configuration.9"
	if revision, err = manifests.Save(t.Context(), newer, revision); err != nil {
		t.Fatal(err)
	}
	if got := find(t, preflightOf(t, cfg, Layout{}, config), "state"); got.Status != preflight.Failed ||
		!strings.Contains(got.Remedy, `section "configuration" is of version 9, and this ebb reads version 1`) || !strings.Contains(got.Remedy, "run the ebb that wrote it") {
		t.Errorf("a snapshot of a newer ebb: %+v", got)
	}
	if _, err = manifests.Save(t.Context(), mine, revision); err != nil {
		t.Fatal(err)
	}
	other := own.Manifest{Partition: 3, Partitions: 16, LogicVersion: meaning.LogicVersion + 1, Architecture: meaning.Architecture()}
	if _, err := manifests.Save(t.Context(), other, 0); err != nil {
		t.Fatal(err)
	}
	if got := find(t, preflightOf(t, cfg, Layout{}, config), "configuration"); got.Status != preflight.Failed || !strings.Contains(got.Remedy, "logic version") {
		t.Errorf("another logic: %+v", got)
	}
}

func TestPreflightSaysWhatAnAccountLacks(t *testing.T) {
	limits := func(l natsjs.AccountLimits) natsjs.AccountLimits {
		if l.MaxStore == 0 {
			l.MaxStore = -1
		}

		return l
	}
	for _, test := range []struct {
		name   string
		tier   natsjs.Tier
		have   int
		status preflight.Status
		text   string
	}{
		{"no limits", natsjs.Tier{Limits: limits(natsjs.AccountLimits{})}, 0, preflight.OK, "no limit"},
		{"few streams", natsjs.Tier{Streams: 2, Limits: limits(natsjs.AccountLimits{MaxStreams: 10})}, 0, preflight.Failed, "may have 10 streams"},
		{"its own streams are there", natsjs.Tier{Streams: 10, Limits: limits(natsjs.AccountLimits{MaxStreams: 10})}, 9, preflight.OK, "no limit"},
		{"bytes are demanded", natsjs.Tier{Limits: limits(natsjs.AccountLimits{MaxBytesRequired: true})}, 0, preflight.Failed, "max_bytes_required"},
		{"roomy", natsjs.Tier{Store: 10, Limits: natsjs.AccountLimits{MaxStore: 100}}, 0, preflight.OK, "10 B of the account's 100 B"},
		{"nearly full", natsjs.Tier{Store: 85 << 20, Limits: natsjs.AccountLimits{MaxStore: 100 << 20}}, 0, preflight.Warning, "85.0 MiB of"},
		{"full", natsjs.Tier{Store: 99, Limits: natsjs.AccountLimits{MaxStore: 100}}, 0, preflight.Failed, "stores nothing more"},
	} {
		got := checkAccount(&natsjs.AccountInfo{Tier: test.tier}, Layout{}.WithDefaults(), test.have)
		if got.Status != test.status || !strings.Contains(got.Text, test.text) {
			t.Errorf("%s: %+v", test.name, got)
		}
	}

	// An account with limits by the number of copies needs those of its streams.
	tiers := &natsjs.AccountInfo{Tiers: map[string]natsjs.Tier{"R1": {Limits: natsjs.AccountLimits{MaxStore: -1}}}}
	for replicas, want := range map[int]preflight.Status{0: preflight.OK, 1: preflight.OK, 3: preflight.Failed} {
		if got := checkAccount(tiers, Layout{Replicas: replicas}.WithDefaults(), 0); got.Status != want || want == preflight.Failed && !strings.Contains(got.Text, "tier R3") {
			t.Errorf("%d copies: %+v", replicas, got)
		}
	}
}

// A stream at its limit of bytes is told of where that removes what is not old yet.
func TestStreamsAtTheirLimitAreToldOf(t *testing.T) {
	const day = 24 * time.Hour
	for _, test := range []struct {
		name       string
		limit, has int
		age, since time.Duration
		want       preflight.Status
	}{
		{"no limit", 0, 100, day, time.Hour, preflight.OK},
		{"no age", 100, 100, 0, time.Hour, preflight.OK},
		{"roomy", 100, 79, day, time.Hour, preflight.OK},
		{"at its limit", 3 << 40, 5 << 39, day, time.Hour, preflight.Warning},
		{"at its limit, and old enough", 100, 99, day, 2 * day, preflight.OK},
	} {
		got := checkRoom([]*natsjs.StreamInfo{
			{Config: natsjs.StreamConfig{Name: "OTHER"}},
			{
				Config: natsjs.StreamConfig{Name: "ENGAGEMENT", MaxBytes: int64(test.limit), MaxAge: test.age},
				State:  natsjs.StreamState{Msgs: 1, Bytes: uint64(test.has), FirstTime: time.Now().Add(-test.since)},
			},
		})
		if got.Status != test.want || test.want == preflight.Warning && !strings.Contains(got.Text, "stream ENGAGEMENT has 2.5 TiB of its 3.0 TiB") {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

func TestOldServersAreRefused(t *testing.T) {
	for version, old := range map[string]bool{
		"2.13.9": true, "1.4.0": true, "2.9.25": true, "2.14.0": false, "2.14.0-RC.1": false, "2.15.2": false, "3.0.0": false, "dev": false,
	} {
		if got := versionBefore(version, leastMajor, leastMinor); got != old {
			t.Errorf("%s: old is %v", version, got)
		}
	}
}

func TestPassingErrorsAreThoseOfServersThatAreAway(t *testing.T) {
	_, err := Connect(t.Context(), ConnectConfig{URL: "nats://127.0.0.1:1"})
	if !Passing(err) {
		t.Errorf("nobody listens: %v", err)
	}
	url := serverWith(t, func(o *server.Options) { o.Username, o.Password = "a", "b" })
	if _, err = Connect(t.Context(), ConnectConfig{URL: url}); err == nil || Passing(err) {
		t.Errorf("wrong credentials: %v", err)
	}
	if Passing(errors.New("anything")) || Passing(natsjs.ErrJetStreamNotEnabled) || Passing(nil) {
		t.Error("what a server refuses is not passing")
	}
}
