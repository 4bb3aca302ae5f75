package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/meaning"
	"ebb/pipeline/wire"
)

// Live, as many of those at risk are alerted of in a period as the budget
// allows, and the view shows them.
func TestLiveAlerts(t *testing.T) {
	t.Parallel()
	const every = 5 * time.Second
	l := startLive(t, func(c *meaning.Config) {
		c.Churn.Horizon, c.Churn.Dwell = time.Minute.Milliseconds(), 0
		c.Churn.CoolingAt, c.Churn.CoolingMargin = 0.02, 0.01
		c.Churn.AtRiskAt, c.Churn.AtRiskMargin = 0.04, 0.01
		c.AlertBudget, c.AlertEvery = 1, every
		c.Currency = "EUR"
	})
	for i, customer := range []string{"ann", "ben", "cleo", "dora"} {
		at := time.Now()
		l.publish(t, customer, fmt.Appendf(nil, `{"id":"%d","customer":%q,"type":"order.completed","time":%q,"value":%d,"currency":"EUR"}`,
			i, customer, at.UTC().Format(time.RFC3339Nano), 10*(i+1)))
	}

	var alerts []wire.Signal
	eventually(t, "an alert for two customers", func() bool {
		alerts = alerts[:0]
		l.each(t, "ENGAGEMENT_SIGNALS", "engagement.signals.alert.*.*", func(message *natsjs.RawStreamMsg) {
			var s wire.Signal
			if err := json.Unmarshal(message.Data, &s); err != nil {
				t.Fatal(err)
			}
			alerts = append(alerts, s)
		})

		return len(alerts) >= 2
	})
	l.settle(t)
	slices.SortFunc(alerts, func(a, b wire.Signal) int { return int(a.At - b.At) })
	for i, s := range alerts {
		if s.Signal != wire.Alert || s.Level != "at_risk" || len(s.Reasons) == 0 || s.Value <= 0 || s.ValueAtRisk <= 0 {
			t.Errorf("alert %+v", s)
		}
		if i > 0 && s.At/every.Milliseconds() == alerts[i-1].At/every.Milliseconds() {
			t.Errorf("%s and %s are alerted of in one period", alerts[i-1].Customer, s.Customer)
		}
	}

	var rows []struct {
		Customer    string  `ch:"customer"`
		ValueAtRisk float64 `ch:"value_at_risk"`
		Reasons     string  `ch:"reasons"`
	}
	if err := l.conn.Select(t.Context(), &rows, "SELECT customer, value_at_risk, reasons FROM v_budget_alerts ORDER BY at"); err != nil {
		t.Fatal(err)
	}
	if len(rows) < 2 || rows[0].Customer != alerts[0].Customer || rows[0].ValueAtRisk != alerts[0].ValueAtRisk || rows[0].Reasons == "" {
		t.Errorf("v_budget_alerts holds %+v, the stream %+v", rows, alerts)
	}
}

// In an import alerts come with its questions, and SQL agrees about every row.
func TestDemoAlerts(t *testing.T) {
	t.Parallel()
	// The thresholds come with the answer to the first question, so the second has
	// somebody to choose from: half of them have been silent for five days at the end.
	r := runDemo(t, "--dir", prepared.folder(t), "--events", shopFile(t, 6_000), "--verify", "--churn.alert_budget", "5", "--horizon", "7d")
	if r.Alerts == 0 || r.Alerts > 10 {
		t.Errorf("%d alerts, want 1 to 10: there are two questions; %+v", r.Alerts, r.Levels)
	}
	if r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 {
		t.Errorf("%d rows missing, %d extra, %d different", r.RowsMissing, r.RowsExtra, r.RowsDifferent)
	}
}
