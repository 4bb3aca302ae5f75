package main

import (
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/meaning"
)

// A horizon alone is a whole configuration: what is measured in time follows it.
func TestWhatIsMeasuredInTimeFollowsTheHorizon(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct {
		horizon                   string
		dwell, coordinate, alerts time.Duration
		statistics                time.Duration // 0: as the server has it
	}{
		{"1m", 500 * time.Millisecond, 7 * time.Second, time.Minute, 0},
		{"2m", time.Second, 15 * time.Second, time.Minute, 0},
		{"1h", 30 * time.Second, 7*time.Minute + 30*time.Second, 30 * time.Minute, 0},
		{"1d", 12 * time.Minute, 10 * time.Minute, 12 * time.Hour, 0},
		{"30d", 6 * time.Hour, 10 * time.Minute, 24 * time.Hour, 0},
		{"365d", 6 * time.Hour, 10 * time.Minute, 24 * time.Hour, 365 * setting.Day / 4},
		{"3660d", 6 * time.Hour, 10 * time.Minute, 24 * time.Hour, 915 * setting.Day},
	} {
		t.Run(test.horizon, func(t *testing.T) {
			config, err := parseConfig(t, "--churn.alert_budget=5", "--churn.horizon="+test.horizon)
			if err != nil {
				t.Fatal(err)
			}
			p := config.Processing.Pipeline(&config.Stream, &config.Churn)
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
			if err := p.Churn.Validate(); err != nil {
				t.Error(err)
			}
			if dwell := time.Duration(p.Churn.Dwell) * time.Millisecond; dwell != test.dwell || p.CoordinateInterval != test.coordinate || p.AlertEvery != test.alerts {
				t.Errorf("dwell %v, coordinate %v, alerts every %v; want %v, %v, %v", dwell, p.CoordinateInterval, p.AlertEvery, test.dwell, test.coordinate, test.alerts)
			}
			if got := config.Layout().Statistics.LeastAge; got != test.statistics {
				t.Errorf("statistics are kept for %v at least, want %v", got, test.statistics)
			}
			found := config.PreflightSettings()
			if found.Remedy != "" && !strings.HasPrefix(found.Text, "ttl.signals") {
				t.Errorf("%+v", found)
			}
		})
	}
}

// What is set stays as it was set, and nothing is taken from one who says auto.
func TestASettingThatIsSetFollowsNothing(t *testing.T) {
	clearEnvironment(t)
	config, err := parseConfig(t, "--churn.horizon=1d", "--churn.dwell=0s", "--coordinate.interval=1h", "--churn.alert_every=1d", "--churn.alert_budget=1")
	if err != nil {
		t.Fatal(err)
	}
	p := config.Processing.Pipeline(&config.Stream, &config.Churn)
	if p.Churn.Dwell != 0 || p.CoordinateInterval != time.Hour || p.AlertEvery != 24*time.Hour {
		t.Errorf("%+v", p)
	}
	same, err := parseConfig(t, "--churn.dwell=auto", "--coordinate.interval=auto", "--churn.alert_every=auto")
	if err != nil {
		t.Fatal(err)
	}
	hash, err := same.Processing.Pipeline(&same.Stream, &same.Churn).Hash()
	if want, _ := meaning.DefaultConfig().Hash(); err != nil || hash != want {
		t.Errorf("auto gives the configuration %s, and the default is %s (%v)", hash, want, err)
	}
	for _, text := range []string{"auto", "0s", "90s", "6h", "30d"} {
		var f setting.Followed
		if err := f.UnmarshalText([]byte(text)); err != nil || f.String() != strings.Replace(text, "90s", "1m30s", 1) {
			t.Errorf("%s is read as %s (%v)", text, f, err)
		}
	}
}

// Settings that hinder each other are told before anything runs, with the one to
// change.
func TestCheckTellsWhichSettingsHinderEachOther(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ args, want, remedy string }{
		{"--churn.horizon=2m --coordinate.interval=10m", "coordinate.interval is 10m", "coordinate.interval"},
		{"--churn.horizon=2m --cut.interval=1m", "cut.interval is 1m", "cut.interval to 15s or less"},
		{"--churn.horizon=1h --churn.alert_every=1d --churn.alert_budget=3", "churn.alert_every is 1d", "churn.alert_every"},
		{"--churn.horizon=120d", "ttl.signals is 180d", "ttl.signals to 240d or more"},
		{"--churn.horizon=2m", "churn.dwell 1s, coordinate.interval 15s, churn.alert_every 1m", ""},
	} {
		config, err := parseConfig(t, strings.Fields(test.args)...)
		if err != nil {
			t.Fatal(err)
		}
		found := config.PreflightSettings()
		if !strings.Contains(found.Text, test.want) || !strings.Contains(found.Remedy, test.remedy) || (found.Remedy == "") != (test.remedy == "") {
			t.Errorf("%s: %+v", test.args, found)
		}
	}
}
