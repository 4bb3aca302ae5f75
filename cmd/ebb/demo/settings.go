package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/metric"
)

// demoSettingsFile is the name of the settings in the demo's folder.
const demoSettingsFile = "ebb.yaml"

// keepSettings writes the settings that the demo runs with where other commands
// can read them with --config, and where they find the servers and partitions. It
// returns the path.
func (d *Demo) keepSettings() (string, error) {
	text, err := yaml.Marshal(d.settings())
	if err != nil {
		return "", fmt.Errorf("write the settings of the demo: %w", err)
	}
	path := filepath.Join(d.dir, demoSettingsFile)
	head := "# The settings of this demo, for other commands: --config " + path + "\n"
	if err := os.WriteFile(path, append([]byte(head), text...), 0o600); err != nil {
		return "", fmt.Errorf("write the settings of the demo: %w", err)
	}

	return path, nil
}

// settings are those in which a demo may differ from the defaults.
func (d *Demo) settings() map[string]any {
	c := &d.Config
	settings := map[string]any{
		"nats.url":            d.natsURL,
		"stream.partitions":   c.Partitions,
		"lateness":            setting.Duration(c.Lateness).String(),
		"skew":                setting.Duration(c.Skew).String(),
		"churn.horizon":       setting.Duration(c.Churn.Horizon * int64(time.Millisecond)).String(),
		"churn.dwell":         setting.Duration(c.Churn.Dwell * int64(time.Millisecond)).String(),
		"churn.currency":      c.Currency,
		"clickhouse.addr":     strings.TrimPrefix(d.clickhouse.Address, "http://"),
		"clickhouse.database": d.clickhouse.Database,
		"ttl.rollups":         "0s", // history is old
		"ttl.signals":         "0s",
		"ttl.late":            "0s",
		"ttl.dead_letters":    "0s",
	}
	if c.Zone != "" {
		settings["calendar.zone"] = c.Zone
	}
	if c.Margin > 0 {
		settings["customers.margin"] = c.Margin
	}
	if c.Churn.Unusual > 0 {
		settings["churn.unusual"] = c.Churn.Unusual
	}
	if c.Churn.ContactCost > 0 {
		settings["churn.contact_cost"], settings["churn.uplift"] = c.Churn.ContactCost, c.Churn.Uplift
	}
	if c.AlertBudget > 0 {
		settings["churn.alert_budget"], settings["churn.alert_every"] = c.AlertBudget, setting.Duration(c.AlertEvery).String()
	}
	if unknown := c.Vocabulary.UnknownTypes; unknown != "" {
		settings["unknown_types"] = unknown
	}
	if len(c.Vocabulary.Channels) > 0 {
		settings["channels"] = c.Vocabulary.Channels
	}
	if entries := setting.VocabularyEntries(c.Vocabulary.Types); len(entries) > 0 {
		settings["vocabulary"] = entries
	}

	settings["metrics"] = metric.NoMetrics
	if len(c.Metrics) > 0 {
		settings["metrics"] = c.Metrics
	}
	var rollups []string
	for i := range c.Rollups {
		rollups = append(rollups, c.Rollups[i].Entry())
	}
	if len(rollups) > 0 {
		settings["rollups"] = rollups
	}

	return settings
}
