package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

func readerOf(t *testing.T, entry string) *Reader {
	t.Helper()
	s, err := ParseEntry(entry)
	if err != nil {
		t.Fatal(err)
	}
	known, err := vocabulary.NewVocabulary(vocabulary.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&s, known)
	if err != nil {
		t.Fatal(err)
	}

	return r
}

// Messages in each form become native events; what lacks an id or a time gets that of
// the message.
func TestReadForms(t *testing.T) {
	const stored = 1_780_000_000_000 // 2026-05-28T20:26:40Z
	mapping := filepath.Join(t.TempDir(), "till.yaml")
	text := "name: till\nformat: ndjson\nfields: {time: sale.at, customer: card, value: sale.total}\nconstants: {type: order.completed, currency: EUR}\n"
	if err := os.WriteFile(mapping, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		entry, data string
		header      map[string][]string
		want        []string
	}{
		"native": {"a;stream=S", `{"id":"1","time":"2026-05-01T00:00:00Z","customer":"c","type":"page.viewed"}`, nil,
			[]string{`{"id":"1","time":"2026-05-01T00:00:00.000Z","customer":"c","type":"page.viewed"}`}},
		"segment": {"a;stream=S", `{"type":"track","userId":"c","event":"Order Completed","timestamp":"2026-05-01T00:00:00Z","properties":{"revenue":5,"currency":"EUR"}}`, nil,
			[]string{`{"id":"a:7","time":"2026-05-01T00:00:00.000Z","customer":"c","type":"Order Completed","value":5,"currency":"EUR","properties":{"revenue":5,"currency":"EUR"}}`}},
		"segment without a time": {"a;stream=S", `{"type":"page","userId":"c","messageId":"m"}`, nil,
			[]string{`{"id":"m","time":"2026-05-28T20:26:40.000Z","customer":"c","type":"page","received_at":"2026-05-28T20:26:40.000Z"}`}},
		"binary": {"a;stream=S", `{"value":3,"currency":"EUR"}`,
			map[string][]string{"ce-specversion": {"1.0"}, "ce-id": {"9"}, "ce-source": {"/s"}, "ce-type": {"x.order.completed"}, "ce-subject": {"c"}, "ce-time": {"2026-05-01T00:00:00Z"}},
			[]string{`"id":"/s 9","time":"2026-05-01T00:00:00.000Z","customer":"c","type":"order.completed"`}},
		"several": {"a;stream=S;format=native;constants=channel:store", `[{"id":"1","time":"2026-05-01T00:00:00Z","customer":"c","type":"page.viewed"},{"id":"2","customer":"c","type":"page.viewed","channel":"web"}]`, nil,
			[]string{`"channel":"store"`, `"refused":{"reason":"missing_time"`}},
		"mapping": {"a;stream=S;mapping=" + mapping, "{\"card\": \"c\",\n\"sale\": {\"at\": \"2026-05-01T00:00:00Z\", \"total\": 12.5}}", nil,
			[]string{`"id":"a:7-1","time":"2026-05-01T00:00:00.000Z","customer":"c","type":"order.completed","value":12.5,"currency":"EUR"`}},
		"mapping of a bad time": {"a;stream=S;mapping=" + mapping, `{"card":"c","sale":{"at":"noon","total":1}}`, nil,
			[]string{`"field":"sale.at"`}},
		"empty": {"a;stream=S", ``, nil, []string{`"refused":{"reason":"malformed"`}},
	} {
		got := readerOf(t, test.entry).Read(&Message{Sequence: 7, Stored: stored, Header: test.header, Data: []byte(test.data)})
		if len(got) != len(test.want) {
			t.Errorf("%s: %d events, want %d", name, len(got), len(test.want))

			continue
		}
		for i := range got {
			if !strings.Contains(string(got[i].Body), test.want[i]) {
				t.Errorf("%s: event %d is\n%s\nwithout\n%s", name, i, got[i].Body, test.want[i])
			}
			refusal := event.ParseRefused(got[i].Body)
			if (refusal != nil) != (got[i].Refused != nil) {
				t.Errorf("%s: refused with %v, and passed on as %v", name, got[i].Refused, refusal)
			}
			if refusal != nil && !strings.Contains(refusal.Error(), "source a, stream S, sequence 7") {
				t.Errorf("%s: the refusal %q does not say where", name, refusal)
			}
		}
	}
}

func TestNewReaderRefusesMappings(t *testing.T) {
	for mapping, want := range map[string]string{"nowhere.yaml": "no such file", "csv": "a message has no header row"} {
		_, err := NewReader(&Spec{Name: "a", Stream: "S", Mapping: mapping}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "sources: a: mapping is ") {
			t.Errorf("%s: %v", mapping, err)
		}
	}
}
