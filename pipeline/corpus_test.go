package pipeline_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// corpusLine is a record as corpora hold it. Its names never change.
type corpusLine struct {
	Sequence uint64 `json:"sequence"`
	Stored   int64  `json:"stored"`
	Clock    int64  `json:"clock"`
	Lane     uint8  `json:"lane,omitempty"`
	Control  string `json:"control,omitempty"`
	Rows     int    `json:"rows,omitempty"`
	Data     string `json:"data"`
}

func corpusRecord(r event.Record) corpusLine {
	return corpusLine{r.Sequence, r.Stored, r.Clock, uint8(r.Lane), r.Control.String(), r.Rows, string(r.Data)}
}

func (l *corpusLine) record() event.Record {
	return event.Record{
		Sequence: l.Sequence, Stored: l.Stored, Clock: l.Clock, Lane: event.Lane(l.Lane),
		Control: event.ParseControl(l.Control), Rows: l.Rows, Data: []byte(l.Data),
	}
}

// readCorpus reads a directory of testdata/corpus.
func readCorpus(t testing.TB, name string) *corpusOf {
	t.Helper()
	decoder, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	read := func(file string) []byte {
		data, err := os.ReadFile(filepath.Join("testdata", "corpus", name, file))
		if err != nil {
			t.Fatal(err)
		}

		return data
	}
	c := &corpusOf{snapshots: map[string][]byte{}}
	if err := json.Unmarshal(read("corpus.json"), c); err != nil {
		t.Fatal(err)
	}
	c.Config.Churn.Prior = meaning.DefaultConfig().Churn.Prior // part of the program
	lines, err := decoder.DecodeAll(read(corpusRecords), nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(lines) {
		var l corpusLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		c.records = append(c.records, l.record())
	}
	for what := range c.Taken {
		c.snapshots[what] = read(what + ".snapshot.zst")
	}

	return c
}

// playRecords lets a shard take records, from the beginning where there is none
// yet, and gives it back with what each cut published.
func playRecords(t testing.TB, config meaning.Config, records []event.Record, sh *shard.Shard) (_ *shard.Shard, cuts [][]byte) {
	t.Helper()
	if sh == nil {
		var err error
		if sh, err = shard.NewShard(config, 0); err != nil {
			t.Fatal(err)
		}
	}
	sh.BelongTo(memoryEra)
	for i := range records {
		err := sh.Process(&records[i], func(cut *shard.Cut) {
			text := fmt.Appendf(nil, "cut %d of %d\n", cut.Number, cut.Sequence)
			for stream, messages := range cut.Outputs {
				for _, m := range messages {
					text = fmt.Appendf(text, "%d %s %v %s\n", stream, m.Subject, m.Header, m.Data)
				}
			}
			cuts = append(cuts, text)
		})
		if err != nil {
			t.Fatalf("record %d: %v", records[i].Sequence, err)
		}
	}

	return sh, cuts
}

func outputsHash(cuts [][]byte) string {
	return strconv.FormatUint(xxh3.Hash(bytes.Join(cuts, nil)), 16)
}

// Snapshots of every format that there was come back, and go on as an instance
// that never stopped: byte for byte where this program computes what the one of
// then did. A corpus is kept for ever; see corpus_write_test.go for a new one.
func TestSnapshotsOfEveryFormatGoOn(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		c := readCorpus(t, entry.Name())
		never, whole := playRecords(t, c.Config, c.records, nil)
		same := outputsHash(whole) == c.Outputs
		if !same {
			t.Logf("%s: this program computes other outputs than the one of then: not compared", entry.Name())
		}
		for _, what := range slices.Sorted(maps.Keys(c.Taken)) {
			t.Run(entry.Name()+"/"+what, func(t *testing.T) {
				sh, err := shard.RestoreShard(c.Config, 0, c.snapshots[what])
				if err != nil {
					t.Fatal(err)
				}
				if sh.Sequence() != c.Taken[what] {
					t.Fatalf("it stands at record %d, want %d", sh.Sequence(), c.Taken[what])
				}
				image := sh.Capture().AppendBinary(nil)
				again, err := shard.RestoreShard(c.Config, 0, image)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(again.Capture().AppendBinary(nil), image) {
					t.Error("restored and written again, it has other bytes")
				}
				rest := c.goOn(t, sh)
				if len(rest) == 0 || len(rest) >= len(whole) {
					t.Fatalf("%d cuts follow, of %d in all", len(rest), len(whole))
				}
				if same {
					sameEnd(t, sh, never, rest, whole)
				}
				if got, want := sh.Counts(), never.Counts(); got.Events() != want.Events() || sh.Clock() != never.Clock() {
					t.Errorf("in the end it counts %+v, want the events and the clock of %+v", got, want)
				}
			})
		}
	}
}

// goOn lets a restored shard take the records that follow.
func (c *corpusOf) goOn(t *testing.T, sh *shard.Shard) [][]byte {
	t.Helper()
	_, rest := playRecords(t, c.Config, c.records[sh.Sequence():], sh)

	return rest
}

// sameEnd compares what a restored shard published, and its state in the end, with
// those of one that never stopped.
func sameEnd(t *testing.T, sh, never *shard.Shard, rest, whole [][]byte) {
	t.Helper()
	want := whole[len(whole)-len(rest):]
	for i := range rest {
		if !bytes.Equal(rest[i], want[i]) {
			t.Fatalf("what was restored goes on with\n%.2000s\nwant\n%.2000s", rest[i], want[i])
		}
	}
	if !bytes.Equal(sh.Capture().AppendBinary(nil), never.Capture().AppendBinary(nil)) {
		t.Error("in the end its state is another than that of a shard that never stopped")
	}
}

// Whatever this program computes, its own snapshots at the same places go on as if
// there had been none, byte for byte.
func TestSnapshotsAtThePlacesOfACorpusGoOn(t *testing.T) {
	c := readCorpus(t, "format5")
	var never *shard.Shard
	var whole, snapshots [][]byte
	from := uint64(0)
	for _, at := range append(slices.Sorted(maps.Values(c.Taken)), uint64(len(c.records))) {
		var cuts [][]byte
		never, cuts = playRecords(t, c.Config, c.records[from:at], never)
		whole, from = append(whole, cuts...), at
		snapshots = append(snapshots, never.Capture().AppendBinary(nil))
	}
	for _, snapshot := range snapshots[:len(c.Taken)] {
		sh, err := shard.RestoreShard(c.Config, 0, snapshot)
		if err != nil {
			t.Fatal(err)
		}
		sameEnd(t, sh, never, c.goOn(t, sh), whole)
	}
}

// A corpus has something of every section that its program wrote.
func TestCorporaLeaveNothingUntried(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		c := readCorpus(t, entry.Name())
		sh, err := shard.NewShard(c.Config, 0)
		if err != nil {
			t.Fatal(err)
		}
		empty, err := opened(sh.Capture().AppendBinary(nil))
		if err != nil {
			t.Fatal(err)
		}
		most, bodies := map[string]int{}, map[string]map[string]bool{} // by section
		for what, snapshot := range c.snapshots {
			sections, err := opened(snapshot)
			if err != nil {
				t.Fatalf("%s/%s: %v", entry.Name(), what, err)
			}
			for _, s := range sections {
				if bodies[s.Name] == nil {
					bodies[s.Name] = map[string]bool{}
				}
				bodies[s.Name][string(s.Body)] = true
				most[s.Name] = max(most[s.Name], len(s.Body))
			}
		}
		for _, s := range empty {
			if there, ok := most[s.Name]; ok && there <= len(s.Body) && len(bodies[s.Name]) == 1 {
				t.Errorf("%s: nothing stands in section %s", entry.Name(), s.Name)
			}
		}
		if len(most) < 19 {
			t.Errorf("%s: %d sections", entry.Name(), len(most))
		}
	}
}
