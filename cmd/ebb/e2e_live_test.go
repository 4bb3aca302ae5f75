package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks/clickhouse/verify"
)

// Live, windows are published soon after their end, and silence raises signals
// although nothing comes.
func TestLive(t *testing.T) {
	const dwell = 2 * time.Second
	l := startLive(t, func(c *meaning.Config) {
		c.Metrics = metric.Switchable()
		c.Churn.Horizon = time.Minute.Milliseconds()
		c.Churn.Dwell = dwell.Milliseconds()
		c.Churn.CoolingAt, c.Churn.CoolingMargin = 0.02, 0.01
		c.Churn.AtRiskAt, c.Churn.AtRiskMargin = 0.04, 0.01
	})
	customers := []string{"ann", "ben", "cleo", "dora"}
	var sent uint64
	for began := time.Now(); time.Since(began) < 4*time.Second; time.Sleep(100 * time.Millisecond) {
		for _, customer := range customers {
			l.publish(t, customer, eventAt(fmt.Sprint(sent), customer, "page.pinged", time.Now()))
			sent++
		}
	}
	// Ticks alone move the clocks from here on.
	raised := make(map[string]wire.Signal)
	eventually(t, "a signal for each customer", func() bool {
		l.each(t, "ENGAGEMENT_SIGNALS", "engagement.signals.*.*.*", func(message *natsjs.RawStreamMsg) {
			var s wire.Signal
			if err := json.Unmarshal(message.Data, &s); err != nil {
				t.Fatal(err)
			}
			if s.Signal == wire.Raised {
				raised[s.Customer] = s
			}
		})

		return len(raised) == len(customers)
	})
	for _, s := range raised {
		if s.SilentMS < dwell.Milliseconds() || s.At != s.LastEvent+s.SilentMS || len(s.Reasons) == 0 {
			t.Errorf("signal %+v", s)
		}
	}
	l.settle(t)

	checkPunctual(t, l)
	counts, _, _ := l.engine.Totals()
	if counts.Processed != sent || counts.Duplicates+counts.DeadLetters+counts.LateDropped > 0 {
		t.Errorf("%+v, want %d processed and nothing else", counts, sent)
	}
	r := l.verified(t)
	l.checkCounts(t, r.Verification)
	checkVerified(t, r.Verification, verify.Comparisons(len(l.config.Lengths)))
	if seen := compileSchemas(t).check(t, l.js); seen["rollups_total.v1"] == 0 || seen["rollups_interactions.v3"] == 0 || seen["signal.v1"] < len(customers) {
		t.Errorf("messages by their schemas: %v", seen)
	}
}

// wireWindow is what the test reads of a window.
type wireWindow struct {
	Window string `json:"window"`
	End    int64  `json:"end"`
}

// checkPunctual checks that windows are first published within a cut interval
// and a second after their end, but for some while the machine has else to do.
func checkPunctual(t *testing.T, l *live) {
	t.Helper()
	allowed := l.config.CutInterval + time.Second
	seen := make(map[string]bool)
	var latest time.Duration
	unpunctual := 0
	l.each(t, "ENGAGEMENT_ROLLUPS", "engagement.rollups."+string(wire.Total)+".*", func(message *natsjs.RawStreamMsg) {
		var rows struct {
			Partition int          `json:"partition"`
			Windows   []wireWindow `json:"windows"`
		}
		if err := json.Unmarshal(message.Data, &rows); err != nil {
			t.Fatal(err)
		}
		for _, w := range rows.Windows {
			key := fmt.Sprint(rows.Partition, w.Window, w.End)
			if !seen[key] {
				seen[key] = true
				after := message.Time.Sub(time.UnixMilli(w.End))
				if latest = max(latest, after); after > allowed {
					unpunctual++
				}
			}
		}
	})
	if len(seen) < 8 || unpunctual > len(seen)/4 || latest > 10*allowed {
		t.Errorf("%d windows, %d of them later than %v after their end, the latest %v", len(seen), unpunctual, allowed, latest)
	}
	t.Logf("%d windows, the latest %v after its end", len(seen), latest)
}

// each reads the messages of a stream that match a filter.
func (l *live) each(t *testing.T, stream, filter string, read func(*natsjs.RawStreamMsg)) {
	t.Helper()
	found, err := l.js.Stream(t.Context(), stream)
	if err != nil {
		t.Fatal(err)
	}
	for sequence := uint64(1); ; {
		message, err := found.GetMsg(t.Context(), sequence, natsjs.WithGetMsgSubject(filter))
		if err != nil && strings.Contains(err.Error(), natsjs.ErrMsgNotFound.Error()) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		read(message)
		sequence = message.Sequence + 1
	}
}
