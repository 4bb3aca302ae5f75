package pipeline_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// signalsOf is what a shard says of one customer who orders at these times.
func signalsOf(t *testing.T, language string, orders []int64, end int64) (signals []wire.Signal) {
	t.Helper()
	config := meaning.DefaultConfig()
	config.Partitions = 1
	config.StoreStep = anyLeap
	config.Churn.Dwell = 0
	config.Churn.Language = language
	records := make([]event.Record, 0, len(orders)+1)
	for i, at := range orders {
		records = append(records, event.Record{Sequence: uint64(i + 1), Clock: at, Stored: at, Data: fmt.Appendf(nil,
			`{"id":"%d","customer":"c","type":"order.completed","time":%q}`, i, timeText(at))})
	}
	records = append(records, event.Record{
		Sequence: uint64(len(records) + 1), Clock: end, Stored: end, Lane: event.LaneControl, Control: event.ControlTick,
	})
	for _, cut := range process(t, oneShard(t, config), records, nil) {
		for _, message := range cut.Outputs[shard.Signals] {
			var signal wire.Signal
			if err := json.Unmarshal(message.Data, &signal); err != nil {
				t.Fatal(err)
			}
			signals = append(signals, signal)
		}
	}

	return signals
}

// A raised signal foretells the risk of the one that an engagement at the very
// same time would bring.
func TestRiskIfBackComesTrue(t *testing.T) {
	start := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	day := (24 * time.Hour).Milliseconds()
	orders, end := []int64{start, start + 2*day, start + 5*day}, start+200*day
	raised := 0
	for _, signal := range signalsOf(t, "", orders, end) {
		if signal.Signal != wire.Raised {
			if signal.RiskIfBack != 0 || signal.IfBack != "" {
				t.Errorf("cleared to %s, with %v, %q", signal.Level, signal.RiskIfBack, signal.IfBack)
			}

			continue
		}
		raised++
		back := append(orders[:0:0], orders...)
		for len(back) > 0 && back[len(back)-1] > signal.At {
			back = back[:len(back)-1]
		}
		var cleared *wire.Signal
		for _, other := range signalsOf(t, "", append(back, signal.At), signal.At+1000) {
			if other.At == signal.At && other.Signal == wire.Cleared {
				cleared = &other
			}
		}
		if cleared == nil || cleared.Risk != signal.RiskIfBack {
			t.Errorf("%s says %v if back, and it was %+v", signal.Level, signal.RiskIfBack, cleared)
		}
		if want := fmt.Sprintf("%d%%", int(100*signal.RiskIfBack+0.5)); !strings.HasSuffix(signal.IfBack, want) {
			t.Errorf("%q does not end with %s", signal.IfBack, want)
		}
	}
	if raised < 3 {
		t.Errorf("%d levels were raised", raised)
	}
}

func TestSignalsAreInTheLanguage(t *testing.T) {
	start := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).UnixMilli()
	sentences := map[string]string{}
	for _, language := range churn.Languages() {
		signals := signalsOf(t, language, []int64{start}, start+100*24*time.Hour.Milliseconds())
		if len(signals) == 0 || len(signals[0].Reasons) == 0 {
			t.Fatalf("%s: %+v", language, signals)
		}
		// What Brazil and Portugal say alike is not looked at alone.
		for _, text := range []string{signals[0].Headline, signals[0].IfBack, signals[0].Headline + signals[0].Reasons[0].Text} {
			if other, said := sentences[text]; said {
				t.Errorf("%s says %q, as %s does", language, text, other)
			}
			sentences[text] = language
		}
	}
}
