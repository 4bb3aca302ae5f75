package collect_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"ebb/pipeline/event"
)

// Whatever stands beside a good call of a batch, the good one counts, and the others are
// kept as what was refused: nobody sends a batch again that was answered with 400.
func TestGoodCallsOfABatchCountWhateverIsBesideThem(t *testing.T) {
	c := begin(t, 8)
	good := func(id string) string { return call(id, "c-1", `,"type":"track","event":"x"`) }
	const bad = `null,1,"x",[],{},{"messageId":{}},{"type":"track","messageId":17.5,"userId":"c","event":"x"}`
	body := `{"batch":[` + good("m1") + `,` + bad + `,` + good("m2") + `],"Batch":[{"messageId":"q"},{"messageId":"q"}],"context":7}`
	for range 2 {
		if status, text, _ := c.send(t, "/v1/batch", key, body); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
	}
	events := map[string]bool{}
	refused := 0
	for _, body := range c.stored(t) {
		if event.ParseRefused([]byte(body)) != nil {
			refused++
		} else {
			events[body] = true
		}
	}
	if len(events) != 2 || refused < 7 {
		t.Errorf("%d events and %d refused are stored, want 2 and 7 or, sent again, more", len(events), refused)
	}
}

func TestEncodingsOfBodies(t *testing.T) {
	c := begin(t, 8)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(call("z", "c-1", `,"event":"x"`))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for encoding, want := range map[string]int{"GZIP": http.StatusOK, "x-gzip": http.StatusOK, "br": http.StatusUnsupportedMediaType} {
		if status, text, _ := c.send(t, "/v1/track", key, zipped.String(), "Content-Encoding", encoding); status != want || want != http.StatusOK && !strings.Contains(text, "Content-Encoding") {
			t.Errorf("%s: %d %s", encoding, status, text)
		}
	}
}
