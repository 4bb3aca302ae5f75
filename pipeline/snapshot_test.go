package pipeline_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ebb/pipeline/meaning"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"

	"github.com/klauspost/compress/zstd"
)

// snapshotOf is a snapshot of some history.
func snapshotOf(t testing.TB, seed uint64, records int) (meaning.Config, []byte) {
	t.Helper()
	config := smallConfig()
	config.Partitions = 1
	shard := oneShard(t, config)
	process(t, shard, partitionRecords(config, seed, records), nil)

	return config, shard.Capture().AppendBinary(nil)
}

// A snapshot that was cut or changed anywhere is refused by a sentence that names
// the section, never taken for another state, and never a reason to panic.
func TestSpoiledSnapshotsAreRefused(t *testing.T) {
	config, good := snapshotOf(t, 3, 300)
	sections, err := opened(good)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, data []byte, names bool) {
		t.Helper()
		_, err := shard.RestoreShard(config, 0, data)
		if !errors.Is(err, shard.ErrSnapshot) || errors.Is(err, shard.ErrNewer) {
			t.Fatalf("%s: %v, want ErrSnapshot", what, err)
		}
		if names && !strings.Contains(err.Error(), "section ") {
			t.Fatalf("%s: %v, which names no section", what, err)
		}
	}
	refused("nothing", nil, false)
	for at := range good {
		behindHeader := at >= len(section.Begin(nil))
		step := 1 + len(good)/97
		if at%step == 0 || at < 600 || at > len(good)-300 {
			refused(fmt.Sprint("cut at ", at), good[:at], behindHeader)
			flipped := bytes.Clone(good)
			flipped[at] ^= 1 << (at % 8)
			refused(fmt.Sprint("changed at ", at), flipped, behindHeader)
		}
	}
	refused("longer", append(bytes.Clone(good), 0), true)

	// And where the bytes fit their checksum but not their section.
	for i := range sections {
		for _, body := range [][]byte{nil, sections[i].Body[:len(sections[i].Body)/2], append(bytes.Clone(sections[i].Body), 0xff)} {
			other := append([]section.Section(nil), sections...)
			if other[i].Body = body; bytes.Equal(body, sections[i].Body) || (body == nil && len(sections[i].Body) < 2) || sections[i].Name == "pending" && body == nil {
				continue
			}
			if _, err := shard.RestoreShard(config, 0, sealed(other)); !errors.Is(err, shard.ErrSnapshot) ||
				!strings.Contains(err.Error(), fmt.Sprintf("section %q", sections[i].Name)) {
				t.Errorf("%d bytes of section %s: %v", len(body), sections[i].Name, err)
			}
		}
	}
	other := config
	other.Partitions = 2
	if _, err := shard.RestoreShard(other, 1, good); err == nil {
		t.Error("the snapshot of partition 0 was taken for partition 1")
	}
}

// So is one whose compressed bytes were cut or changed, with no more memory than
// they could stand for.
func TestSpoiledCompressedSnapshotsAreRefused(t *testing.T) {
	config, good := snapshotOf(t, 3, 300)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := encoder.EncodeAll(good, nil)
	for at := 0; at < len(packed); at += 1 + len(packed)/500 {
		for _, spoiled := range [][]byte{packed[:at], append(append(bytes.Clone(packed[:at]), packed[at]^0x10), packed[at+1:]...)} {
			sh, err := shard.RestoreShard(config, 0, spoiled)
			if err == nil && !bytes.Equal(sh.Capture().AppendBinary(nil), good) { // some bits of zstd mean nothing
				t.Fatalf("at %d: other bytes were taken", at)
			}
			if err != nil && (!errors.Is(err, shard.ErrSnapshot) || at > 100 && !strings.Contains(err.Error(), "section ")) {
				t.Fatalf("at %d: %v, want ErrSnapshot and the section", at, err)
			}
		}
	}
	if _, err := shard.RestoreShard(config, 0, encoder.EncodeAll(make([]byte, 1<<27), nil)); !errors.Is(err, shard.ErrSnapshot) {
		t.Errorf("128 MiB of nothing: %v, want ErrSnapshot", err)
	}
}

// What no reader knows is refused, whatever its checksum says.
func TestSnapshotsOfOtherFormatsAreRefused(t *testing.T) {
	config, snapshot := snapshotOf(t, 3, 10)
	if format := section.FormatOf(snapshot); format != section.Format {
		t.Fatalf("a snapshot has format %d, want %d", format, section.Format)
	}
	for _, other := range []byte{0, 4, 5} {
		changed := bytes.Clone(snapshot)
		changed[len(section.Magic)] = other
		if _, err := shard.RestoreShard(config, 0, changed); !errors.Is(err, shard.ErrSnapshot) {
			t.Errorf("format %d: %v, want ErrSnapshot", other, err)
		}
	}
}

// FuzzSnapshot puts arbitrary bytes in the place of a section: its codec has to
// refuse them without a panic, and what it takes has to be what it would write.
func FuzzSnapshot(f *testing.F) {
	config, good := snapshotOf(f, 1, 60)
	sections, err := opened(good)
	if err != nil {
		f.Fatal(err)
	}
	for i := range sections {
		f.Add(uint8(i), sections[i].Body)
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		other := append([]section.Section(nil), sections...)
		other[int(which)%len(other)].Body = body
		sh, err := shard.RestoreShard(config, 0, sealed(other))
		if err != nil {
			return
		}
		again, err := shard.RestoreShard(config, 0, sh.Capture().AppendBinary(nil))
		if err != nil {
			t.Fatalf("what a restored shard writes can't be restored: %v", err)
		}
		if !bytes.Equal(sh.Capture().AppendBinary(nil), again.Capture().AppendBinary(nil)) {
			t.Fatal("restoring changes the bytes")
		}
	})
}

// opened are the sections of a snapshot.
func opened(snapshot []byte) ([]section.Section, error) {
	_, sections, err := shard.OpenSnapshot(snapshot)

	return sections, err
}

// sealed makes a snapshot of sections, with right lengths and checksums, so that
// tests reach the codecs behind them.
func sealed(sections []section.Section) []byte {
	snapshot := section.Begin(nil)
	for _, s := range sections {
		snapshot = section.Append(snapshot, s.Head, func(dst []byte) []byte { return append(dst, s.Body...) })
	}

	return section.End(snapshot, len(sections))
}
