package forget_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/forget"
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
		"CSV":           "2026-05-04;c-1é;order.completed",
	} {
		id := "c-1,7 é"
		if name == "cut off" || name == "a cut in text" || name == "CSV" {
			id = "c-1é"
		}
		is := func(want string) func(string) bool { return func(got string) bool { return got == want } }
		if !forget.Mentions([]byte(body), is(id)) {
			t.Errorf("%s: %s is not found in %s", name, id, body)
		}
		if forget.Mentions([]byte(body), is("c-1")) {
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
