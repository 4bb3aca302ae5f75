package pipeline_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/section"
	"ebb/pipeline/shard"
)

// sectionsOf are those of a snapshot, and a place in them.
func sectionsOf(t *testing.T, snapshot []byte, name string) ([]section.Section, int) {
	t.Helper()
	sections, err := opened(snapshot)
	if err != nil {
		t.Fatal(err)
	}

	return sections, slices.IndexFunc(sections, func(s section.Section) bool { return s.Name == name })
}

// A section that this program does not know is kept as it is, also while the
// shard goes on, and written back.
func TestUnknownSectionsAreKept(t *testing.T) {
	config, snapshot := snapshotOf(t, 3, 300)
	sections, _ := sectionsOf(t, snapshot, "")
	strange := section.Section{
		Head: section.Head{Name: "segments", Version: 7, Since: section.Since{Sequence: 11, Clock: 12}, At: 290},
		Body: []byte("nobody here knows what this is"),
	}
	with := sealed(slices.Insert(slices.Clone(sections), 4, strange))
	sh, err := shard.RestoreShard(config, 0, with)
	if err != nil {
		t.Fatal(err)
	}
	for i := range with { // the shard shares none of it
		with[i] = 0xff
	}
	process(t, sh, partitionRecords(config, 3, 400)[300:], nil)
	again, at := sectionsOf(t, sh.Capture().AppendBinary(nil), "segments")
	if at < 0 || again[at].Head != strange.Head || !bytes.Equal(again[at].Body, strange.Body) {
		t.Fatalf("section segments stands at %d of %d, or is another one", at, len(again))
	}
	without := slices.Delete(again, at, at+1)
	plain, err := shard.RestoreShard(config, 0, snapshot)
	if err != nil {
		t.Fatal(err)
	}
	process(t, plain, partitionRecords(config, 3, 400)[300:], nil)
	if !bytes.Equal(sealed(without), plain.Capture().AppendBinary(nil)) {
		t.Error("it changed something else")
	}
}

// A section that a snapshot lacks starts empty, and the shard remembers from when
// on it tells of the input; so do the snapshots that follow.
func TestMissingSectionsStartEmpty(t *testing.T) {
	config, snapshot := snapshotOf(t, 3, 300)
	for _, name := range []string{"model", "sampler", "feed", "losses", "departed", "columns", "cohorts", "census", "forgotten", "joins"} {
		sections, at := sectionsOf(t, snapshot, name)
		stale := slices.Clone(sections)
		stale[at].At-- // a program that did not know it went on without
		for what, data := range map[string][]byte{
			"missing": sealed(slices.Delete(slices.Clone(sections), at, at+1)),
			"stale":   sealed(stale),
		} {
			sh, err := shard.RestoreShard(config, 0, data)
			if err != nil {
				t.Fatalf("%s %s: %v", what, name, err)
			}
			want := section.Since{Sequence: sh.Sequence(), Clock: sh.Clock()}
			if got := sh.Lineage().Since(name); got != want {
				t.Errorf("%s %s: it tells of the input since %+v, want %+v", what, name, got, want)
			}
			process(t, sh, partitionRecords(config, 3, 400)[300:], nil)
			again, err := shard.RestoreShard(config, 0, sh.Capture().AppendBinary(nil))
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range []string{"model", "sampler", "feed", "losses", "departed", "columns", "cohorts", "census", "forgotten", "joins"} {
				if got := again.Lineage().Since(other); got != want && other == name || got != (section.Since{}) && other != name {
					t.Errorf("%s %s: after the next restart %s tells since %+v", what, name, other, got)
				}
			}
		}
	}
}

// Without one of the others a snapshot is none.
func TestASnapshotNeedsItsSections(t *testing.T) {
	config, snapshot := snapshotOf(t, 3, 300)
	sections, _ := sectionsOf(t, snapshot, "")
	optional := []string{"model", "sampler", "feed", "losses", "departed", "columns", "cohorts", "census", "forgotten", "joins"}
	for i := range sections {
		if slices.Contains(optional, sections[i].Name) {
			continue
		}
		_, err := shard.RestoreShard(config, 0, sealed(slices.Delete(slices.Clone(sections), i, i+1)))
		if !errors.Is(err, shard.ErrSnapshot) || !strings.Contains(err.Error(), sections[i].Name) {
			t.Errorf("without %s: %v", sections[i].Name, err)
		}
	}
}

// A section of a newer version is refused by name, and is no damage.
func TestNewerSectionsAreRefusedByName(t *testing.T) {
	config, snapshot := snapshotOf(t, 3, 100)
	sections, _ := sectionsOf(t, snapshot, "")
	for i, known := range shard.SnapshotVersions() {
		newer, at := sectionsOf(t, snapshot, i)
		newer[at].Version = known + 1
		_, err := shard.RestoreShard(config, 0, sealed(newer))
		if !errors.Is(err, shard.ErrNewer) || errors.Is(err, shard.ErrSnapshot) {
			t.Errorf("%s: %v, want ErrNewer alone", i, err)

			continue
		}
		for _, word := range []string{i, "version", "run the ebb that wrote it", "nothing is lost"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, which does not say %q", i, err, word)
			}
		}
	}
	if len(sections) != len(shard.SnapshotVersions()) {
		t.Errorf("%d sections are written, and %d declared", len(sections), len(shard.SnapshotVersions()))
	}
}

// What was learned of other terms than those of this program is dropped, and said,
// because it stands in their order.
func TestWhatWasLearnedOfOtherTermsIsDropped(t *testing.T) {
	c := readCorpus(t, "format5")
	whole, err := shard.RestoreShard(c.Config, 0, c.snapshots["live"])
	if err != nil {
		t.Fatal(err)
	}
	image := whole.Capture().AppendBinary(nil)
	sections, at := sectionsOf(t, image, "model")
	for i := range sections {
		if name := sections[i].Name; name == "model" || name == "sampler" {
			sections[i].Body = bytes.Replace(sections[i].Body, []byte("rhythm"), []byte("melody"), 1)
		}
	}
	if bytes.Equal(sealed(sections), image) || at < 0 {
		t.Fatal("no terms are named")
	}
	sh, err := shard.RestoreShard(c.Config, 0, sealed(sections))
	if err != nil {
		t.Fatal(err)
	}
	want := section.Since{Sequence: sh.Sequence(), Clock: sh.Clock()}
	if sh.Lineage().Since("model") != want || sh.Lineage().Since("sampler") != want || sh.Lineage().Since("feed") != (section.Since{}) {
		t.Errorf("model tells since %+v, sampler since %+v, want %+v", sh.Lineage().Since("model"), sh.Lineage().Since("sampler"), want)
	}
	if sh.Customers() != whole.Customers() || sh.Status().Levels != whole.Status().Levels {
		t.Error("the customers are others")
	}
	playRecords(t, c.Config, c.records[sh.Sequence():], sh)
}

// Parameters that can't be used are damage, and not the prior without a word.
func TestParametersOfASnapshotAreUsedOrRefused(t *testing.T) {
	c := readCorpus(t, "format5")
	sections, at := sectionsOf(t, c.snapshots["live"], "model")
	sections[at].Body = bytes.Replace(sections[at].Body, []byte(`"rates":{"shape":0.`), []byte(`"rates":{"shape":9.`), 1)
	_, err := shard.RestoreShard(c.Config, 0, sealed(sections))
	if !errors.Is(err, shard.ErrSnapshot) || !strings.Contains(err.Error(), `section "model": parameters: `) {
		t.Errorf("got %v", err)
	}
}
