package pipeline_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/inspect"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
)

// A program that is too old for the snapshots is refused by name before it claims
// any partition; whoever runs them goes on, and nothing of what is stored changes.
func TestADowngradeIsRefusedBeforeAnythingIsClaimed(t *testing.T) {
	config := smallConfig()
	for name, newer := range map[string]string{
		"a section": " windows.9",
		"a format":  "",
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			history(m, config, 7, 300, 20)
			if err := runUntilTaken(t, m, config, "newer"); err != nil {
				t.Fatal(err)
			}
			last := m.manifests[config.Partitions-1] // the others could be read
			if last.SnapshotFormat() != section.Format || last.Sections.Check(shard.SnapshotVersions()) != nil {
				t.Fatalf("the manifest says that the snapshot has %q", last.Sections)
			}
			last.Sections += section.Versions(newer)
			want := []string{`section "windows" is of version 9, and this ebb reads version 1 and older`, "run the ebb that wrote it", last.Snapshot}
			if newer == "" {
				last.Sections = "7" + last.Sections[1:]
				want[0] = "the snapshot is of format 7, and this ebb reads format 6"
			}
			m.manifests[config.Partitions-1] = last
			before, snapshots := maps.Clone(m.manifests), maps.Clone(m.snapshots)
			config := config
			config.Skew = time.Minute // what else it would change, it doesn't
			err := runUntilTaken(t, m, config, "older")
			if !errors.Is(err, own.ErrRecovery) || !errors.Is(err, shard.ErrNewer) {
				t.Fatalf("got %v, want ErrRecovery and ErrNewer", err)
			}
			for _, word := range want {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%v does not say %q", err, word)
				}
			}
			if !maps.Equal(m.manifests, before) || !maps.EqualFunc(m.snapshots, snapshots, slices.Equal) || len(m.configs) != 1 {
				t.Error("something of what is stored has changed")
			}
			if err := own.CheckManifest(last, config); !errors.Is(err, shard.ErrNewer) {
				t.Errorf("ebb check would say %v", err)
			}
		})
	}
}

// Where no manifest said it, the snapshot does; its state is not made again, as that
// of a damaged one would be.
func TestANewerSnapshotIsNoDamage(t *testing.T) {
	config := smallConfig()
	config.Partitions = 1
	m := newMemory()
	history(m, config, 7, 300, 20)
	if err := runUntilTaken(t, m, config, "newer"); err != nil {
		t.Fatal(err)
	}
	name := m.manifests[0].Snapshot
	sections, err := opened(m.snapshots[name])
	if err != nil {
		t.Fatal(err)
	}
	sections[slices.IndexFunc(sections, func(s section.Section) bool { return s.Name == "keys" })].Version = 3
	newer := sealed(sections)
	m.snapshots[name] = newer
	manifests(m, func(f *own.Manifest) { f.Sections = "" })
	err = runUntilTaken(t, m, config, "older")
	if !errors.Is(err, shard.ErrNewer) || !strings.Contains(err.Error(), `section "keys" is of version 3`) {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(m.snapshots[name], newer) || m.manifests[0].Snapshot != name {
		t.Error("the snapshot is gone, or another one")
	}
	ports := inspect.Ports{Input: m, Manifests: memoryManifests{m}, Snapshots: memorySnapshots{m}}
	if _, err := inspect.Inspect(t.Context(), config, ports, "c1", nil); !errors.Is(err, shard.ErrNewer) {
		t.Errorf("whoever looks at a customer gets %v", err)
	}
}

// A partition whose snapshot is of the former format goes on from it, in an
// instance, and its manifest says so before and after.
func TestAnInstanceGoesOnFromTheFormerFormat(t *testing.T) {
	c := readCorpus(t, "format5")
	at := c.Taken["live"]
	m := newMemory()
	m.append(c.records...)
	record := &c.records[at-1]
	manifest := own.Manifest{
		Partition: 0, Partitions: 1, LogicVersion: meaning.LogicVersion, Architecture: meaning.Architecture(),
		Generation: 1, Nonce: "former", Snapshot: "p.0.old", SnapshotAt: at, Cursor: at,
	}
	manifest.SnapshotClock, manifest.CursorClock = record.Stored, record.Stored
	manifest.SnapshotHash = own.Fingerprint(record.Data)
	manifest.CursorHash = manifest.SnapshotHash
	sh, err := shard.RestoreShard(c.Config, 0, c.snapshots["live"])
	if err != nil {
		t.Fatal(err)
	}
	manifest.Cut = shardCuts(t, c, at)
	m.manifests[0], m.snapshots["p.0.old"] = manifest, c.snapshots["live"]
	m.revision, m.revisions[0] = 1, 1
	if manifest.SnapshotFormat() != 5 || sh.Lineage().Format != 5 {
		t.Errorf("the manifest says format %d, the shard %d", manifest.SnapshotFormat(), sh.Lineage().Format)
	}
	if err := runUntilTaken(t, m, c.Config, "now"); err != nil {
		t.Fatal(err)
	}
	after := m.manifests[0]
	if after.SnapshotAt != uint64(len(m.records)) || after.SnapshotFormat() != section.Format || m.snapshots["p.0.old"] != nil {
		t.Errorf("it stopped at record %d of %d with a snapshot of format %d", after.SnapshotAt, len(m.records), after.SnapshotFormat())
	}
	if read := m.read; read != len(m.records)-int(at) { // one brings the configuration
		t.Errorf("%d records were read, want those behind the snapshot, %d", read, len(m.records)-int(at))
	}
}

// shardCuts is how many cuts there were up to a record.
func shardCuts(t *testing.T, c *corpusOf, at uint64) uint64 {
	_, cuts := playRecords(t, c.Config, c.records[:at], nil)

	return uint64(len(cuts))
}
