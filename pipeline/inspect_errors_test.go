package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/inspect"
	"ebb/pipeline/own"
	"ebb/pipeline/wire"
)

var errUnread = errors.New("can't be read")

// unread are ports that fail where a test says so.
type unread struct {
	own.PartitionReader
	inspect.SignalReader
	own.ManifestReader
	own.SnapshotReader
	records, signals, manifests, snapshots bool
	stop                                   context.CancelFunc
}

func (u *unread) ReadPartition(ctx context.Context, partition int, sequence uint64, take func([]event.Record, uint64) error) error {
	if u.records {
		return errUnread
	}

	return u.PartitionReader.ReadPartition(ctx, partition, sequence, take)
}

func (u *unread) Newest(ctx context.Context, partition int, token string, limit int) ([]wire.Signal, error) {
	if u.signals {
		return nil, errUnread
	}

	return u.SignalReader.Newest(ctx, partition, token, limit)
}

func (u *unread) Load(ctx context.Context, partition int) (own.Manifest, uint64, error) {
	if u.manifests {
		return own.Manifest{}, 0, errUnread
	}

	return u.ManifestReader.Load(ctx, partition)
}

func (u *unread) Get(ctx context.Context, name string) ([]byte, error) {
	if u.snapshots {
		u.stop()

		return nil, errUnread
	}

	return u.SnapshotReader.Get(ctx, name)
}

// Whatever can't be read is named, and where the report can do without it, it says
// what is missing.
func TestInspectSaysWhatItCannotRead(t *testing.T) {
	config := smallConfig()
	m := newMemory()
	history(m, config, 41, 900, 12)
	if err := run(t, m, config, "owner", 1); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		spoil func(*unread)
		lose  bool // the snapshots and the first records
		want  string
		note  string // in the report's notes, instead of an error
	}{
		{name: "the manifest", spoil: func(u *unread) { u.manifests = true }, want: "read the manifest of partition "},
		{name: "the records", spoil: func(u *unread) { u.records = true }, want: "read partition "},
		{name: "the snapshot, as it is given up", spoil: func(u *unread) { u.snapshots = true }, want: "can't be read"},
		{name: "the signals", spoil: func(u *unread) { u.signals = true }, note: "earlier changes of level are missing"},
		{name: "the state and the signals", spoil: func(u *unread) { u.signals = true }, lose: true, want: "read the signals of partition "},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			records, snapshots := m.records, m.snapshots
			defer func() { m.records, m.removed, m.snapshots = records, 0, snapshots }()
			if test.lose {
				m.snapshots, m.removed = map[string][]byte{}, 3
			}
			ports := m.inspectPorts()
			u := &unread{PartitionReader: ports.Input, SignalReader: ports.Signals, ManifestReader: ports.Manifests, SnapshotReader: ports.Snapshots, stop: cancel}
			test.spoil(u)
			ports.Input, ports.Signals, ports.Manifests, ports.Snapshots = u, u, u, u
			report, err := inspect.Inspect(ctx, config, ports, "c3", nil)
			if test.note != "" {
				if err != nil || !strings.Contains(strings.Join(report.Notes, "\n"), test.note) {
					t.Errorf("%v, notes %q, want %q", err, report.Notes, test.note)
				}

				return
			}
			if !errors.Is(err, errUnread) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it says %v, want %q", err, test.want)
			}
		})
	}
}

// heldOut is a stream whose newest configuration has another hold-out.
type heldOut struct {
	own.ConfigReader
	version uint64
	share   float64
	err     error
}

func (h heldOut) Newest(context.Context) (own.KeptConfig, error) {
	var kept own.KeptConfig
	kept.Version, kept.Config.Holdout = h.version, h.share

	return kept, h.err
}

// Whoever asks need not know the hold-out of the stream: the one in force is taken.
func TestInspectTakesTheHoldoutInForce(t *testing.T) {
	config := smallConfig()
	config.Holdout = 0.5
	m := newMemory()
	history(m, config, 41, 900, 12)
	asked := config
	asked.Holdout = 0.1
	for _, test := range []struct {
		name    string
		configs heldOut
		as      float64 // the hold-out that it is like
	}{
		{"of the stream", heldOut{memoryConfigs{m}, 3, 0.5, nil}, 0.5},
		{"none yet", heldOut{memoryConfigs{m}, 0, 0, nil}, 0.1},
	} {
		held := 0
		for _, customer := range []string{"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9"} {
			ports := m.inspectPorts()
			ports.Configs = test.configs
			got, err := inspect.Inspect(t.Context(), asked, ports, customer, nil)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			like := config
			like.Holdout = test.as
			if want := inspectAll(t, m, like, customer); got.Holdout != want.Holdout {
				t.Errorf("%s: %s is in the hold-out: %t, want %t", test.name, customer, got.Holdout, want.Holdout)
			}
			if got.Holdout {
				held++
			}
		}
		if test.as == 0.5 && (held == 0 || held == 10) {
			t.Errorf("%s: %d of 10 are in a hold-out of a half", test.name, held)
		}
	}
	ports := m.inspectPorts()
	ports.Configs = heldOut{err: errUnread}
	if _, err := inspect.Inspect(t.Context(), config, ports, "c1", nil); !errors.Is(err, errUnread) {
		t.Errorf("with configurations that can't be read it says %v", err)
	}
	if _, err := inspect.Inspect(t.Context(), config, ports, "", nil); err == nil || errors.Is(err, errUnread) {
		t.Errorf("of nobody's id it says %v", err)
	}
}
