package main

import (
	"reflect"
	"testing"
	"time"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/churn"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/producer"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
	"ebb/sinks/clickhouse"
)

// The defaults of the settings must be those of the packages they set.
func TestDefaultsAreThoseOfThePackages(t *testing.T) {
	clearEnvironment(t)
	config, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}

	want := meaning.DefaultConfig()
	want.Vocabulary.UnknownTypes = vocabulary.AcceptUnknown
	if got := config.Processing.Pipeline(&config.Stream, &config.Churn); !reflect.DeepEqual(got, want) {
		t.Errorf("pipeline\n%+v\nwant\n%+v", got, want)
	}
	if got := time.Duration(config.Processing.Lateness); got != producer.DefaultLateness {
		t.Errorf("lateness %v, and producers take it for %v", got, producer.DefaultLateness)
	}
	if got, want := config.Churn.Churn(), churn.Defaults(); got != want {
		t.Errorf("churn %+v, want %+v", got, want)
	}
	if got, want := config.Stream.Layout(), (jetstream.Layout{}).WithDefaults(); got != want {
		t.Errorf("layout %+v, want %+v", got, want)
	}
	if got, want := config.TTL.Times(), clickhouse.DefaultTTL(); !reflect.DeepEqual(got, want) {
		t.Errorf("ttl %+v, want %+v", got, want)
	}
	if got, want := config.ClickHouse.Sink(), (clickhouse.Config{
		Address: "http://127.0.0.1:8123", Database: "ebb", User: "default",
	}); got != want {
		t.Errorf("clickhouse %v, want %v", got, want)
	}
}

// Every setting that results depend on has to arrive where it is used.
func TestSettingsArrive(t *testing.T) {
	clearEnvironment(t)
	t.Setenv(setting.ClickhousePassword, "from the environment")
	config, err := parseConfig(t,
		"--stream.prefix=shop", "--stream.partitions=4", "--stream.replicas=3", "--stream.max_age=40d",
		"--lateness=1h", "--skew=1m", "--cut.interval=2s", "--cut.records=99", "--coordinate.interval=5m",
		"--unknown_types=reject", "--channels=kiosk",
		"--vocabulary=quiz.finished=active/kiosk;stage=purchase;weight=2.5;negative;qualifying=true", "--vocabulary=Quiz Done=alias:quiz.finished",
		"--churn.horizon=60d", "--churn.cooling_at=0.4", "--churn.at_risk_at=0.9", "--churn.cooling_margin=0.2",
		"--churn.unusual=12", "--churn.contact_cost=2.5", "--churn.uplift=0.2", "--churn.least_risk=0.25",
		"--churn.at_risk_margin=0.3", "--churn.scanner_within=5s", "--churn.dwell=1h", "--churn.language=pt", "--churn.holdout=0.25", "--churn.currency=EUR", "--churn.alert_budget=50", "--churn.alert_every=12h",
		"--customers.margin=0.3", "--feed.silent_below=0.125", "--feed.hold_at_most=26h",
		"--clickhouse.addr=a:9440,b:9440", "--clickhouse.protocol=native", "--clickhouse.tls.enabled",
		"--clickhouse.database=shop", "--clickhouse.user=writer",
		"--ttl.rollups=1m=2d, 1h=0s,28d=900d", "--ttl.figures=4d", "--ttl.signals=1d", "--ttl.late=2d", "--ttl.dead_letters=3d",
	)
	if err != nil {
		t.Fatal(err)
	}

	weight, negative := 2.5, true // and qualifying
	want := meaning.DefaultConfig()
	want.Partitions = 4
	want.Lateness, want.Skew, want.Margin = time.Hour, time.Minute, 0.3
	want.CutInterval, want.CutRecords, want.CoordinateInterval = 2*time.Second, 99, 5*time.Minute
	want.Holdout = 0.25
	want.Currency, want.AlertBudget, want.AlertEvery = "EUR", 50, 12*time.Hour
	want.Feed = silence.Config{SilentBelow: 0.125, HoldAtMost: 26 * time.Hour}
	want.Vocabulary = vocabulary.Config{
		UnknownTypes: "reject",
		Channels:     []string{"kiosk"},
		Types: []vocabulary.TypeConfig{
			{Type: "quiz.finished", Kind: "active", Channel: "kiosk", Stage: "purchase", Weight: &weight, Negative: &negative, Qualifying: &negative},
			{Type: "Quiz Done", AliasOf: "quiz.finished"},
		},
	}
	want.Churn = churn.Config{
		Horizon: (60 * setting.Day).Milliseconds(), CoolingAt: 0.4, AtRiskAt: 0.9, CoolingMargin: 0.2, AtRiskMargin: 0.3, ScannerWithin: 5_000,
		Dwell: time.Hour.Milliseconds(), Language: "pt", Unusual: 12, ContactCost: 2.5, Uplift: 0.2, LeastRisk: 0.25,
	}
	if got := config.Processing.Pipeline(&config.Stream, &config.Churn); !reflect.DeepEqual(got, want) {
		t.Errorf("pipeline\n%+v\nwant\n%+v", got, want)
	}

	limits := jetstream.Limits{MaxAge: 40 * setting.Day}
	if got, want := config.Stream.Layout(), (jetstream.Layout{
		Prefix: "shop", Stream: "SHOP", Partitions: 4, Replicas: 3,
		Input: limits, Outputs: limits, DeadLetters: limits, Statistics: limits,
		Manifests: "ebb_manifests_shop", Snapshots: "ebb_snapshots_shop", Leases: "ebb_leases_shop",
	}); got != want {
		t.Errorf("layout %+v, want %+v", got, want)
	}
	if got, want := config.ClickHouse.Sink(), (clickhouse.Config{
		Address: "clickhouses://a:9440,b:9440", Database: "shop", User: "writer", Password: "from the environment",
	}); got != want {
		t.Errorf("clickhouse %v, want %v", got, want)
	}
	if got, want := config.TTL.Times(), (clickhouse.TTL{
		Rollups: []clickhouse.WindowTTL{{Window: "1m", Keep: 2 * setting.Day}, {Window: "5m", Keep: 60 * setting.Day}, {Window: "1h", Keep: 0}, {Window: "24h", Keep: 0}, {Window: "7d", Keep: 0}, {Window: "28d", Keep: 900 * setting.Day}},
		Figures: 4 * setting.Day, Signals: setting.Day, Late: 2 * setting.Day, DeadLetters: 3 * setting.Day,
	}); !reflect.DeepEqual(got, want) {
		t.Errorf("ttl %+v, want %+v", got, want)
	}
}
