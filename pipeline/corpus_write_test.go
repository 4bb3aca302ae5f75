package pipeline_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"

	"github.com/klauspost/compress/zstd"
)

var writeCorpus = flag.String("write-corpus", "", "write a corpus of snapshots of this name, as a new format needs one; never over one that is there")

// corpusOf is a directory of testdata/corpus: a partition's records, and its
// snapshots as the store held them, written once by the program of then.
type corpusOf struct {
	Written string            `json:"written"` // by which format
	Taken   map[string]uint64 `json:"taken"`   // by what stands in the snapshot: after which record
	Outputs string            `json:"outputs"` // hash of all outputs of the records, as the program of then made them
	Config  meaning.Config    `json:"config"`  // that the partition began with

	records   []event.Record
	snapshots map[string][]byte
}

const corpusRecords = "records.jsonl.zst"

// TestWriteCorpus writes a corpus where it is told to.
func TestWriteCorpus(t *testing.T) {
	s := playCorpusScene(t)
	if len(s.taken) != 6 || s.shard.Counts().Held == 0 || s.shard.Counts().RoomMade == 0 || s.shard.Counts().Left == 0 {
		t.Errorf("the scene leaves something untried: %d snapshots, %+v", len(s.taken), s.shard.Counts())
	}
	if *writeCorpus == "" {
		return
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("testdata", "corpus", *writeCorpus)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var lines []byte
	for i := range s.records {
		line, err := json.Marshal(corpusRecord(s.records[i]))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	write(corpusRecords, encoder.EncodeAll(lines, nil))
	for what, snapshot := range s.snapshot {
		write(what+".snapshot.zst", encoder.EncodeAll(snapshot, nil))
	}
	about := corpusOf{Written: *writeCorpus, Taken: s.taken, Config: corpusConfig()}
	_, cuts := playRecords(t, about.Config, s.records, nil)
	about.Outputs = outputsHash(cuts)
	body, err := json.MarshalIndent(about, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	write("corpus.json", append(body, '\n'))
}
