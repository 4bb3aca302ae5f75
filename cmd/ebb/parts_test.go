package main

import (
	"reflect"
	"testing"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/meaning"
)

// Settings of the same part as their neighbors, and those that may surprise.
func TestEverySettingHasItsPart(t *testing.T) {
	flags, err := setting.ConfigModel()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"stream.prefix": setting.PartIdentity, "stream.partitions": setting.PartIdentity, "churn.holdout": setting.PartIdentity,
		"stream.max_age": setting.PartOperation, "snapshot.interval": setting.PartOperation, "nats.url": setting.PartOperation, "ttl.rollups": setting.PartOperation,
		"lateness": setting.PartMeaning, "cut.interval": setting.PartMeaning, "vocabulary": setting.PartMeaning, "channels": setting.PartMeaning,
		"max_customers": setting.PartMeaning, "churn.language": setting.PartMeaning, "churn.currency": setting.PartMeaning,
	}
	meant := map[string]bool{}
	for _, flag := range flags {
		if part, known := want[flag.Name]; known && setting.PartOf(flag.Name) != part {
			t.Errorf("%s is %s, want %s", flag.Name, setting.PartOf(flag.Name), part)
		}
		meant[flag.Name] = setting.PartOf(flag.Name) != setting.PartOperation
	}
	// What a difference names must be a setting.
	config := meaning.DefaultConfig()
	for _, setting := range config.Settings() {
		if _, known := meant[setting.Name]; !known {
			t.Errorf("a difference would name %s, which is no setting", setting.Name)
		}
	}
}

// A setting is no operation if it changes what the pipeline is made of.
func TestOperationChangesNoResult(t *testing.T) {
	clearEnvironment(t)
	base, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}
	was := base.Processing.Pipeline(&base.Stream, &base.Churn)
	for _, args := range [][]string{
		{"--snapshot.interval=2m"}, {"--stream.prefix=other"}, {"--stream.replicas=3"}, {"--ttl.signals=90d"}, {"--nats.url=nats://x"},
		{"--clickhouse.database=x"}, {"--http.listen="}, {"--log.format=json"}, {"--stop.timeout=1s"}, {"--stream.max_bytes=2000000"},
	} {
		c, err := parseConfig(t, args...)
		if err != nil {
			t.Fatal(err)
		}
		if is := c.Processing.Pipeline(&c.Stream, &c.Churn); !reflect.DeepEqual(was, is) {
			t.Errorf("%v changes %v", args, meaning.Differences(&was, &is))
		}
	}
}
