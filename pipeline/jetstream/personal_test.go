package jetstream

import (
	"fmt"
	"strings"
	"testing"

	"ebb/pipeline/event"
)

// Refused events of others that can be read are theirs, whatever they mention.
func TestRefusedEventsOfOthersStay(t *testing.T) {
	js, layout := provisioned(t)
	subject := layout.Prefix + ".deadletters."
	other := strings.Replace(eventOf("ben", "ann", "10:00:00"), `"type"`, `"properties":{"referrer":"ann"},"type"`, 1)
	publishRaw(t, js, subject+"too_far_ahead", nil, other)
	publishRaw(t, js, subject+"too_far_ahead", nil, eventOf("ann", "1", "10:00:00"))
	publishRaw(t, js, subject+"malformed", nil, `{"customer":"ann"`)
	found := 0
	err := NewPersonal(js, layout, "ann").DeadLetters(t.Context(), func(m StoredMessage) error {
		if found++; string(m.Body) == other {
			t.Errorf("of ann: %s", m.Body)
		}

		return nil
	})
	if err != nil || found != 2 {
		t.Errorf("%d found, %v; want 2", found, err)
	}
}

// What waits for its import is found in whatever form it names the customer: as an event,
// as an anonymous one, and within what a source could not read.
func TestStagedEventsAreFoundInWhateverForm(t *testing.T) {
	js, layout := provisioned(t)
	stage, err := OpenStage(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(raw string) string {
		why := event.Refuse(event.ReasonMalformed, "timestamp", nil, "send one")

		return string(event.AppendRefused(nil, "r", event.RefusedAt{Source: "shop", Stream: "ORDERS", Sequence: 7, Format: "segment"}, why, []byte(raw)))
	}
	const visitor = `{"id":"v","time":"2026-05-04T10:00:00Z","anonymous_id":"ann","type":"page.viewed"}`
	lines := []string{
		eventOf("ann", "1", "10:00:00"), eventOf("ben", "ann", "10:00:00"), visitor,
		refused(`{"type":"track","userId":"ann","event":"Order Completed"}`), refused(`{"type":"track","userId":"ben"}`), refused("ann;buys"),
	}
	var chunk []byte
	for _, line := range lines {
		chunk = append(append(chunk, line...), '\n')
	}
	if err := stage.Chunk(t.Context(), "shop", chunk, SourceCursor{Stream: "ORDERS", Sequence: 7}); err != nil {
		t.Fatal(err)
	}
	for customer, want := range map[string][]string{
		"ann": {lines[0], lines[3], lines[5]}, "anonymous:ann": {lines[2], lines[3], lines[5]}, "cy": nil,
	} {
		var found []string
		err := NewPersonal(js, layout, customer).Staged(t.Context(), func(m StoredMessage) error {
			found = append(found, string(m.Body))

			return nil
		})
		if err != nil || fmt.Sprint(found) != fmt.Sprint(want) {
			t.Errorf("%s: %v\nfound %q\nwant  %q", customer, err, found, want)
		}
	}
}
