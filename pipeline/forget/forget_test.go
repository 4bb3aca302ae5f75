package forget_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/forget"
	"ebb/pipeline/format/native"
	"ebb/windows/codec"
)

// What covers an event is the newest forgetting of its customer, and nothing else.
func TestTombstonesCoverWhatIsOfBefore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stones forget.Tombstones
		hasher := forget.NewHasher([]byte("key"))
		want := map[string]int64{}
		for range rapid.IntRange(0, 20).Draw(t, "forgettings") {
			who, until := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "who"), rapid.Int64Range(1, 50).Draw(t, "until")
			known, there := want[who]
			if added := stones.Add(hasher.Of([]byte(who)), until); added == (there && known >= until) {
				t.Fatalf("%s until %d: added %v after %d", who, until, added, known)
			}
			want[who] = max(known, until)
		}
		var w codec.Writer
		stones.Write(&w)
		var read forget.Tombstones
		r := codec.From(w.Bytes(), errors.New("no tombstones"))
		read.Read(&r)
		if err := r.End(); err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"a", "b", "c", "d"} {
			time := rapid.Int64Range(1, 50).Draw(t, "time")
			until, ok := want[who]
			for _, of := range []*forget.Tombstones{&stones, &read} {
				if got := of.Cover(hasher, []byte(who), time); got != (ok && time <= until) {
					t.Fatalf("%s at %d: %v, forgotten until %d", who, time, got, until)
				}
			}
		}
		if stones.Cover(forget.NewHasher([]byte("another key")), []byte("a"), 1) {
			t.Fatal("a tombstone is told without its key")
		}
	})
}

// An event that could not be read names its customer in whatever form it came.
func TestMentions(t *testing.T) {
	inner := `{"userId":"c-1,7 \u00e9","anonymousId":"a1"}`
	for name, body := range map[string]string{
		"native":        `{"customer":"c-1,7 é"}`,
		"escaped":       `{"customer":"c-1,7 \u00e9"}`,
		"nested":        `{"a":[{"b":{"id":"c-1,7 é"}}]}`,
		"text of JSON":  `{"refused":{},"event":{"text":` + quote(inner) + `}}`,
		"base64":        `{"event":{"bytes":"` + base64.StdEncoding.EncodeToString([]byte(inner)) + `"}}`,
		"several":       "{\"x\":1}\n" + inner,
		"cut off":       `{"properties":{},"userId":"c-1é","time":"2026-0`,
		"a cut in text": `{"event":{"text":"{\"userId\":\"c-1é\",\"x"}}`,
		"a name":        `{"c-1,7 é":1}`,
		"named twice":   `{"customer":"c-1,7 é","customer":"c-2"}`,
		"no id beside":  `{"customer":["c-2"],"client":"c-1,7 é"}`,
		"null beside":   `{"customer":"undefined","client":"c-1,7 é"}`,
		"data":          `{"data":{"customer":"c-1,7 é"}}`,
		"of a mapping":  string(unread("mapping crm", `{"customer":"Zoë","client_no":"c-1,7 é"}`)),
		"of a batch":    string(unread("segment", `{"userId":"c-2","batch":[{"userId":"c-1,7 é"}]}`)),
		"cut Segment":   string(unread("segment", `{"userId":"c-2","properties":{"by":"c-1,7 é","x`)),
		"subject":       string(unread("cloudevents", `{"subject":"c-1,7 é","data":{"customer":"c-2"}}`)),
		"CSV":           "2026-05-04;c-1é;order.completed",
		"MessagePack":   "\x82\xa8customer\xa6c-1é\xa4type\xacpage.viewed",
		"control bytes": "\x01c-1é\x7f\x00",
		"UTF-16":        utf16Of("\uFEFF"+inner, binary.LittleEndian),
		"big endian":    utf16Of("\uFEFF"+inner, binary.BigEndian),
		"no mark":       utf16Of(inner, binary.LittleEndian),
		"UTF-16 cut":    utf16Of(`x {"a":"c-1é","b`, binary.BigEndian)[1:],
		"UTF-8 mark":    "\uFEFF" + inner,
		"UTF-16 stored": string(unread("mapping crm", utf16Of(inner, binary.LittleEndian))),
	} {
		id := "c-1,7 é"
		if slices.Contains([]string{"cut off", "a cut in text", "CSV", "MessagePack", "control bytes", "UTF-16 cut"}, name) {
			id = "c-1é"
		}
		is := func(want string) func(string) bool { return func(got string) bool { return got == want } }
		if !forget.Mentions([]byte(body), is(id)) {
			t.Errorf("%s: %s is not found in %s", name, id, body)
		}
		if name != "cut Segment" && forget.Mentions([]byte(body), is("c-1")) { // the rest is parted at commas, too
			t.Errorf("%s: a part of an id is found in %s", name, body)
		}
	}
	if !forget.Mentions([]byte(inner), func(id string) bool { return id == "anonymous:a1" }) {
		t.Error("an anonymous id is not found")
	}
	if !forget.Mentions([]byte(`{"userId":17}`), func(id string) bool { return id == "17" }) {
		t.Error("a number is not found")
	}
}

// utf16Of is a text in UTF-16.
func utf16Of(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}

	return string(out)
}

// unread is what stands for an event that a source could not read.
func unread(format, raw string) []byte {
	why := event.Refuse(event.ReasonInvalidField, "time", nil, "send a time")

	return event.AppendRefused(nil, "s:1", event.RefusedAt{Source: "s", Stream: "S", Format: format}, why, []byte(raw))
}

// What could not be read and says whose it is, is nobody else's, whatever it holds of them.
func TestEventsOfOthersThatMentionSomebody(t *testing.T) {
	for name, body := range map[string]string{
		"a value":        `{"id":"1","customer":"c-2","value":17,"time":"never"}`,
		"a property":     `{"id":"1","customer":"c-2","properties":{"referred_by":"17"}}`,
		"an id":          `{"id":"17","customer":"c-2","type":"t"}`,
		"anonymous":      `{"id":"17","customer":null,"anonymous_id":"a-2"}`,
		"Segment":        string(unread("segment", `{"messageId":"17","userId":"c-2","properties":{"quantity":17}}`)),
		"Segment before": string(unread("segment", `{"anonymousId":"a-2","userId":"","properties":{"quantity":17}}`)),
		"CloudEvents":    string(unread("cloudevents", `{"subject":"page","data":{"customer":"c-2","score":17}}`)),
		"binary":         string(unread("cloudevents", `{"customer":"c-2","score":17}`)),
	} {
		if forget.Mentions([]byte(body), func(id string) bool { return id == "17" }) {
			t.Errorf("%s: an event of another is taken for theirs: %s", name, body)
		}
		theirs := func(id string) bool { return id == "c-2" || id == "anonymous:a-2" }
		if !forget.Mentions([]byte(body), theirs) {
			t.Errorf("%s: nobody's: %s", name, body)
		}
	}
}

// FuzzMentions checks that whoever an event is of, is told whatever else stands in it.
func FuzzMentions(f *testing.F) {
	for _, body := range []string{
		`{"customer":"c","x":[{"y":1}]}`, `{"customer":"c","customer":"d"}`, `{"event":{"text":"{\"userId\":\"c\"}"}}`, `[[[["c"]]]]`, "x;c\n",
		string(unread("segment", `{"userId":"c"}`)), string(unread("cloudevents", `{"data":{"customer":"c"}}`)), string(unread("auto", "\xff")),
	} {
		f.Add([]byte(body), "c")
	}
	decoder, ev := native.NewDecoder(0), event.Event{}
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		is := func(got string) bool { return got == id }
		forget.Mentions(body, is)
		if event.CheckCustomer(id) != nil || decoder.Decode(body, &ev) != nil || string(ev.Customer) != id {
			return
		}
		if !forget.Mentions(body, is) {
			t.Fatalf("%q is not told to be of %q", body, id)
		}
		// The same event with its time spoilt can't be read any more.
		if spoilt := bytes.Replace(body, []byte(`"time"`), []byte(`"moment"`), 1); !forget.Mentions(spoilt, is) {
			t.Fatalf("%q is not told to be of %q", spoilt, id)
		}
	})
}

func quote(text string) string {
	var quoted []byte
	for _, c := range []byte(text) {
		if c == '"' || c == '\\' {
			quoted = append(quoted, '\\')
		}
		quoted = append(quoted, c)
	}

	return `"` + string(quoted) + `"`
}
