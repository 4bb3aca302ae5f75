package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/setting"
	"ebb/pipeline/shard"
)

func givenOf(t *testing.T, args ...string) call.Given {
	t.Helper()
	parser, err := newParser(io.Discard, io.Discard, &setting.FileResolver{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}

	return call.GivenBy(parsed, args)
}

// A suggested command has the settings that the suggesting one was called with,
// those alone that it takes, and can be used as it stands.
func TestSuggestedCommandsHaveTheSettingsTheyNeed(t *testing.T) {
	workplace(t)
	for _, test := range []struct{ args, text, want string }{
		{"status", "`ebb deadletters list` shows", "`ebb deadletters list` shows"},
		{"status --nats.url nats://a:1 --stream.prefix=shop --json", "`ebb deadletters list` shows", "`ebb deadletters list --nats.url nats://a:1 --stream.prefix shop` shows"},
		{"status --config ebb.yaml", "start `ebb run`, or `ebb check`", "start `ebb run --config ebb.yaml`, or `ebb check --config ebb.yaml`"},
		{"run --no-clickhouse.enabled --churn.horizon 2m", "`ebb status` and `ebb check`", "`ebb status` and `ebb check --no-clickhouse.enabled --churn.horizon 2m`"},
		{"run --nats.url nats://me:secret@a:1", "`ebb status`", "`ebb status`"},
		{"customer c-1 --stream.prefix shop", "`ebb run` with", "`ebb run --stream.prefix shop` with"},
		{"backtest --mapping shop.yaml events.csv", "`ebb replay FILE --dry-run` says", "`ebb replay events.csv --dry-run --mapping shop.yaml` says"},
		{"demo --events events.csv", "`ebb replay FILE --dry-run` says", "`ebb replay events.csv --dry-run` says"},
		{"check --stream.prefix shop", "`ebb local --nats-port 4333` and `nats stream info`, ebb has", "`ebb local --nats-port 4333` and `nats stream info`, ebb has"},
		{"status --stream.prefix shop", "`ebb customer ID --stream.prefix other`", "`ebb customer ID --stream.prefix other`"},
	} {
		here, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(givenOf(t, strings.Fields(test.args)...).In(test.text), here+"/", "")
		if got != test.want {
			t.Errorf("%s: %s\nwant %s", test.args, got, test.want)
		}
		for _, line := range call.CommandInText.FindAllStringSubmatch(got, -1) {
			if err := parses(t, strings.Fields(line[1])); err != nil {
				t.Errorf("%s: `ebb %s`: %v", test.args, line[1], err)
			}
		}
	}
}

// They are in errors, warnings and the log of a program that is called like that.
func TestTheSettingsAreInWhatIsPrinted(t *testing.T) {
	o := startOperated(t)
	file := filepath.Join(t.TempDir(), "no events.csv")
	if err := os.WriteFile(file, []byte("event_time,customer_id,event_type\n,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, stderr := command(t, "backtest", file, "--lateness", "1h"); !strings.Contains(stderr, "`ebb replay '"+file+"' --dry-run --lateness 1h` says why") {
		t.Errorf("an error: %s", stderr)
	}
	for range 40 {
		o.publish(t, "c", "junk")
	}
	o.process(t)
	if _, stdout, stderr := command(t, "status", "--log.level", "error"); !strings.Contains(strings.Join(strings.Fields(stdout), " "), "`ebb deadletters list --log.level error` shows") {
		t.Errorf("a warning: %s%s", stdout, stderr)
	}
	var log strings.Builder
	l := serve.NewLosses((&setting.LogConfig{Format: "text", Level: "info"}).Logger(givenOf(t, "run", "--stream.prefix", "shop").Writer(&log)))
	l.Take(&shard.Cut{Loss: shard.Loss{Events: 40, Refused: 40}})
	if !strings.Contains(log.String(), "`ebb deadletters list --stream.prefix shop` shows") {
		t.Errorf("the log: %s", log.String())
	}
}
