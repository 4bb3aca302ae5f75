package replay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
)

const (
	segmentRow = `{"type":"track","event":"Order Completed","userId":"u1","messageId":"m1","timestamp":"2026-03-01T10:00:00Z","properties":{"revenue":12.5,"currency":"EUR"}}`
	otherRow   = `{"type":"track","event":"Quiz Finished","userId":"u2","timestamp":"2026-03-01T11:00:00Z"}`
	cloudRow   = `{"specversion":"1.0","id":"1","source":"/shop","type":"com.example.page.viewed","subject":"u3","time":"2026-03-01T12:00:00Z"}`
	nativeRow  = `{"id":"n1","time":"2026-03-01T13:00:00Z","customer":"u4","type":"page.viewed"}`
)

// sniffed is what an import would make of a file with this content.
func sniffed(t *testing.T, content string) replay.Summary {
	t.Helper()
	return sniffedAs(t, "", content)
}

func sniffedAs(t *testing.T, of replay.Format, content string) replay.Summary {
	t.Helper()
	path := filepath.Join(t.TempDir(), "events.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	source := replay.FileSource(path)
	mapping := replay.FormatMapping(of)
	if of == "" {
		var err error
		if mapping, err = replay.LoadMapping("", source); err != nil {
			t.Fatal(err)
		}
	}
	summary, err := replay.Sniff(source, mapping, vocabulary.DefaultVocabulary(), replay.Limits{Lateness: time.Hour * 24, Skew: time.Hour})
	if err != nil {
		t.Fatal(err)
	}

	return summary
}

// Files of events in foreign formats are recognized and read, whichever way the
// JSON is laid out.
func TestForeignFiles(t *testing.T) {
	pretty := strings.NewReplacer(",", ",\n  ", "{", "{\n  ").Replace
	for name, content := range map[string]string{
		"lines":      segmentRow + "\n" + otherRow + "\n" + cloudRow + "\n\n" + nativeRow + "\n",
		"array":      "[" + segmentRow + ",\n" + otherRow + ",\n" + cloudRow + ",\n" + nativeRow + "]\n",
		"one line":   "[" + segmentRow + "," + otherRow + "," + cloudRow + "," + nativeRow + "]",
		"pretty":     pretty(segmentRow) + "\n" + pretty(otherRow) + "\n" + pretty(cloudRow) + "\n" + pretty(nativeRow),
		"array line": "[" + segmentRow + "," + otherRow + "]\n[" + cloudRow + "," + nativeRow + "]\n",
		"batch":      `{"batch":[` + segmentRow + "," + otherRow + "]}\n" + cloudRow + "\n" + nativeRow,
	} {
		t.Run(name, func(t *testing.T) {
			s := sniffed(t, content)
			if s.Rows != 4 || s.Bad != 0 || s.Customers != 4 || s.Engaging != 1 || s.Mapping != "auto" {
				t.Errorf("%d rows, %d bad, %d customers, %d engaging by %s: %v", s.Rows, s.Bad, s.Customers, s.Engaging, s.Mapping, s.Problems)
			}
			types := map[string]int64{}
			for _, of := range s.Types {
				types[of.Type] += of.Rows
			}
			if types["Order Completed"] != 1 || types["track"] != 1 || types["page.viewed"] != 2 {
				t.Errorf("types are %v", types)
			}
			if notes := strings.Join(s.Notes, "\n"); !strings.Contains(notes, "1 events have names that the vocabulary lacks, and count as the type track (passive): Quiz Finished 1; name their kind in the setting vocabulary, such as Quiz Finished=active") {
				t.Errorf("notes are %s", notes)
			}
		})
	}
}

// A bad event of several in a line is told by its index; the others count.
func TestForeignProblems(t *testing.T) {
	s := sniffed(t, `[`+segmentRow+`,{"type":"track","userId":"u1"}]`+"\n"+cloudRow+"\n{\"specversion\":\n")
	if s.Rows != 4 || s.Bad != 2 || s.DeadLetters["malformed"] != 2 && s.DeadLetters["missing_id"]+s.DeadLetters["malformed"] != 2 {
		t.Errorf("%d rows, %d bad, dead letters %v", s.Rows, s.Bad, s.DeadLetters)
	}
	if s := sniffedAs(t, replay.Segment, nativeRow+"\n"); s.Bad != 1 || s.DeadLetters["malformed"] != 1 {
		t.Errorf("a native event in a file of Segment's: %d bad, dead letters %v", s.Bad, s.DeadLetters)
	}
	problems := strings.Join(s.Problems, "\n")
	for _, want := range []string{
		"events.json: row 2 (line 1): missing_time: item 2: segment timestamp; send when it happened, such as 2026-05-04T12:34:56.789Z",
		"events.json: row 4 (line 3): malformed: native byte 15; send a value after the colon",
	} {
		if !strings.Contains(problems, want) {
			t.Errorf("problems are\n%s\nwant\n%s", problems, want)
		}
	}
}
