package jetstream

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"ebb/pipeline/wire"
)

// What strangers publish where people's figures stand is passed over: the
// figures are those of before.
func TestJunkAmongRowsAndSignalsIsPassedOver(t *testing.T) {
	js, layout := provisioned(t)
	publish := func(subject string, body any) {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		publishRaw(t, js, subject, nil, string(data))
	}
	now := time.Now().UnixMilli()
	for partition := range 2 {
		publish(qualitySubject(layout, strconv.Itoa(partition)), wire.QualityRow{
			Header: wire.Header{Schema: wire.Schema, Table: wire.Quality, Partition: partition}, Time: now, HorizonMS: time.Hour.Milliseconds(),
		})
	}
	const signal = "engagement.signals.at_risk.0.ann"
	publish(signal, wire.Signal{Schema: wire.Schema, Customer: "ann", Level: "at_risk", Signal: wire.Raised, Episode: 1})
	for _, junk := range []string{"junk", "", "{}", "[]", "7", `"x"`, `{"schema":"one"}`} {
		publishRaw(t, js, qualitySubject(layout, "1"), nil, junk)
		publishRaw(t, js, signal, nil, junk)
	}

	rows, err := RecentQuality(t.Context(), js, layout)
	if err != nil || len(rows) != 2 {
		t.Errorf("rows %+v, %v, want those of two partitions", rows, err)
	}
	signals, err := NewSignals(js, layout).Newest(t.Context(), 0, "ann", 5)
	if err != nil || len(signals) != 1 || signals[0].Episode != 1 {
		t.Errorf("signals %+v, %v, want one", signals, err)
	}
}

// Rows of a newer version are not junk: whoever can't read them says so.
func TestRowsOfANewerSchemaAreRefused(t *testing.T) {
	js, layout := provisioned(t)
	publishRaw(t, js, qualitySubject(layout, "0"), nil,
		`{"schema":`+strconv.Itoa(wire.Schema+1)+`,"table":"`+string(wire.Quality)+`"}`)
	if _, err := RecentQuality(t.Context(), js, layout); err == nil {
		t.Error("a row of a newer schema was read")
	}
}
