package demo

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/calendar"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// printCommands says how to look further. What stands there works as it stands,
// so it names this program the way it was called, and all settings that matter.
func (r *Report) printCommands(w *term.Writer) {
	if !r.stays {
		w.Line("\nThe servers stop now. To look at dashboards, and ask them yourself:\n  %s", r.again)

		return
	}
	w.Line("\nClickHouse listens at %s, NATS at %s. To try:", r.ClickHouse, r.NATS)
	w.Line("  curl '%s/?database=%s' --data-binary \"%s\"", r.ClickHouse, r.Database, r.exampleQuery())
	if r.config == "" {
		return
	}
	w.Line("  %s status --config %s", programPath(), call.Quoted(r.config))
	example := r.example
	if len(r.AtRisk) > 0 {
		example = r.AtRisk[0].Customer
	}
	if example != "" && example == term.Printable(example) {
		w.Line("  %s customer --config %s %s", programPath(), call.Quoted(r.config), call.Quoted(example))
	}
}

// exampleQuery asks for what there is.
func (r *Report) exampleQuery() string {
	const end = " LIMIT 5 FORMAT Vertical"
	switch {
	case r.Risky.Customers > 0:
		return "SELECT customer, since, silent_days, usual_days, value_at_risk, reasons FROM v_at_risk" + end
	case r.Lapsed.Customers > 0:
		return "SELECT customer, since, silent_days, usual_days, value, reasons FROM v_lapsed" + end
	}

	return "SELECT customer, level, at, risk, reasons FROM v_signals ORDER BY at DESC" + end
}

// again is the command that runs the same demo and keeps its servers, at the
// ports where other commands look for them.
func (c *Command) again() string {
	parts := []string{programPath(), "demo", "--dashboard"}
	add := func(differs bool, flag, value string) {
		if differs {
			parts = append(parts, "--"+flag, call.Quoted(value))
		}
	}
	add(c.Events != "", "events", c.Events)
	add(c.Mapping != "", "mapping", c.Mapping)
	add(c.Dir != "", "dir", c.Dir)
	add(c.Customers != 500, "customers", strconv.Itoa(c.Customers))
	add(c.Days != 120, "days", strconv.Itoa(c.Days))
	add(c.Seed != 1, "seed", strconv.FormatUint(c.Seed, 10))
	add(c.Shift != "", "shift", c.Shift)
	add(c.Horizon != setting.AutoHorizon, "horizon", c.Horizon)
	add(len(c.Metrics) > 0 && !slices.Equal(c.Metrics, []string{metric.EveryMetric}), "metrics", strings.Join(c.Metrics, ","))
	add(c.Rules.Unusual > 0, "churn.unusual", fmt.Sprint(c.Rules.Unusual))
	add(c.Rules.ContactCost > 0, "churn.contact_cost", fmt.Sprint(c.Rules.ContactCost))
	add(c.Rules.ContactCost > 0, "churn.uplift", fmt.Sprint(c.Rules.Uplift))
	add(c.Alerts.Currency != "", "churn.currency", c.Alerts.Currency)
	add(c.Alerts.AlertBudget > 0, "churn.alert_budget", strconv.Itoa(c.Alerts.AlertBudget))
	add(c.Alerts.AlertBudget > 0 && c.Alerts.AlertEvery != setting.Auto, "churn.alert_every", c.Alerts.AlertEvery.String())
	add(c.TTL.Rollups != nil && c.TTL.Rollups.String() != (setting.RollupTTL)(clickhouse.DefaultTTL().Rollups).String(), "ttl.rollups", c.TTL.Rollups.String())
	add(c.Calendar.Zone != "" && c.Calendar.Zone != calendar.UTC, "calendar.zone", c.Calendar.Zone)
	add(c.Margin.Margin > 0 && c.Margin.Margin != 1, "customers.margin", fmt.Sprint(c.Margin.Margin))
	if c.ChaosOrder {
		parts = append(parts, "--chaos-order")
	}
	if c.PublishTwice {
		parts = append(parts, "--publish-twice")
	}

	return strings.Join(append(parts,
		"--clickhouse-port", port(c.ClickHousePort, 8123), "--nats-port", port(c.NATSPort, 4222)), " ")
}

func port(chosen, usual int) string {
	if chosen != 0 {
		usual = chosen
	}

	return fmt.Sprint(usual)
}

// programPath is what to type to run this program: a path where it was called
// by one, else its name.
func programPath() string {
	if strings.Contains(os.Args[0], "/") {
		return call.Quoted(os.Args[0])
	}

	return "ebb"
}
