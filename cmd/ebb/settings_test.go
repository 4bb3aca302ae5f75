package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"ebb/cmd/ebb/setting"
)

//go:generate go test . -run ^TestExampleFileIsCurrent$ -update

var update = flag.Bool("update", false, "write the example config file again")

const exampleFile = "../../deploy/ebb.example.yaml"

// parseConfig parses all settings from arguments, the environment and a file.
func parseConfig(t *testing.T, args ...string) (setting.Config, error) {
	t.Helper()
	var line struct {
		Config   string         `env:"EBB_CONFIG"`
		Settings setting.Config `embed:""`
	}
	settings := &setting.FileResolver{}
	parser, err := kong.New(&line, kong.PostBuild(setting.NameVariables), kong.Resolvers(settings))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	if settings.Err != nil {
		err = settings.Err
	}

	return line.Settings, err
}

// clearEnvironment takes away the settings that this machine has.
func clearEnvironment(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "EBB_") {
			t.Setenv(name, "") // restores it after the test
			os.Unsetenv(name)
		}
	}
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ebb.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func TestFlagWinsOverVariableOverFileOverDefault(t *testing.T) {
	clearEnvironment(t)
	steps := []struct{ name, want string }{
		{"default", "5m"}, {"file", "6m"}, {"variable", "7m"}, {"flag", "8m"},
	}
	var args []string
	for _, step := range steps {
		switch step.name {
		case "file":
			args = append(args, "--config", writeFile(t, "skew: 6m\n"))
		case "variable":
			t.Setenv("EBB_SKEW", "7m")
		case "flag":
			args = append(args, "--skew", "8m")
		}
		config, err := parseConfig(t, args...)
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := config.Processing.Skew.String(); got != step.want {
			t.Errorf("%s: skew = %s, want %s", step.name, got, step.want)
		}
	}
}

func TestConfigFileTakesSectionsListsAndDottedKeys(t *testing.T) {
	clearEnvironment(t)
	t.Setenv("EBB_CONFIG", writeFile(t, `
nats:
  url: nats://one:4222
  tls:
stream.partitions: 4
lateness: 28d
clickhouse: {enabled: false, addr: "db:8123"}
cut: {records: 700}
vocabulary:
  - quiz.finished=active/app
  - banner.shown=exposure/ads
`))
	config, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}

	checks := []struct{ name, got, want string }{
		{"nats.url", config.NATS.URL, "nats://one:4222"},
		{"lateness", config.Processing.Lateness.String(), "28d"},
		{"clickhouse.addr", config.ClickHouse.Addr, "db:8123"},
		{"clickhouse.user", config.ClickHouse.User, "default"},
	}
	for _, check := range checks {
		if check.got != check.want {
			t.Errorf("%s = %q, want %q", check.name, check.got, check.want)
		}
	}
	if config.Stream.Partitions != 4 || config.Processing.Cut.Records != 700 || config.ClickHouse.Enabled {
		t.Errorf("stream.partitions = %d, cut.records = %d, clickhouse.enabled = %t; want 4, 700, false",
			config.Stream.Partitions, config.Processing.Cut.Records, config.ClickHouse.Enabled)
	}
	if got := config.Processing.Vocabulary; len(got) != 2 || got[1].Type != "banner.shown" || got[1].Kind != "exposure" || got[1].Channel != "ads" {
		t.Errorf("vocabulary = %v", got)
	}
}

func TestConfigFileErrorsNameTheRemedy(t *testing.T) {
	clearEnvironment(t)
	tests := []struct{ name, content, want string }{
		{"a typing error", "nats:\n  ulr: x\n", "no setting nats.ulr; did you mean nats.url?"},
		{"one letter in a top key", "latenes: 5m\n", "did you mean lateness?"},
		{"without the section", "partitions: 4\n", "did you mean stream.partitions?"},
		{"below a value", "lateness:\n  max: 5m\n", "there is no setting lateness.max"},
		{"nothing alike", "kafka:\n  brokers: x\n", "there is no setting kafka.brokers; deploy/ebb.example.yaml lists"},
		{"a section as a value", "nats: nats://x\n", "nats is a section"},
		{"all at once", "latenes: 5m\nskewed: 1m\n", "did you mean skew?"},
		{"no unit", "lateness: 600\n", `"600" is no duration; write a number and a unit`},
		{"a bad kind", "vocabulary: [a=strong/web]\n", `strong`},
		{"half a vocabulary entry", "vocabulary: [quiz.finished]\n", "write TYPE=KIND/CHANNEL"},
		{"a bad truth", "vocabulary: [a=passive/web;qualifying=often]\n", `qualifying is "often"; write true or false`},
		{"no detail", "vocabulary: [a=passive/web;qualifies]\n", "use stage=NAME, weight=NUMBER, scale=WORST..BEST"},
		{"an exposure that qualifies", "vocabulary: [message.sent=exposure;qualifying]\n", "so it never qualifies"},
		{"a bad choice", "log: {level: loud}\n", "log.level"},
		{"a list of maps", "vocabulary: [{type: a}]\n", "write each item as a text"},
		{"not YAML", "a: [\n", "config file"},
		{"twice the same key", "skew: 1m\nskew: 2m\n", "already defined"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseConfig(t, "--config", writeFile(t, test.content))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := parseConfig(t, "--config", "/nowhere/ebb.yaml"); err == nil || !strings.Contains(err.Error(), "/nowhere/ebb.yaml") {
		t.Errorf("missing file: error = %v, want one that names it", err)
	}
}

func TestValidationNamesKeyValueAndRemedy(t *testing.T) {
	clearEnvironment(t)
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"--nats.url="}, "nats.url is not set: name a server"},
		{[]string{"--nats.user=a"}, "nats.password_file is not set"},
		{[]string{"--nats.password_file=a"}, "nats.user is not set"},
		{[]string{"--nats.credentials=a", "--nats.token_file=b"}, "nats.credentials is \"a\": set only one of"},
		{[]string{"--nats.tls.cert=a"}, "nats.tls.key is not set"},
		{[]string{"--nats.tls.key=a"}, "nats.tls.cert is not set"},
		{[]string{"--clickhouse.tls.ca=a"}, "set clickhouse.tls.enabled to true"},
		{[]string{"--stream.prefix=a.b"}, `stream.prefix is "a.b": use 1 to 64 letters`},
		{[]string{"--stream.partitions=0"}, `stream.partitions is "0": use 1 to 1024`},
		{[]string{"--stream.replicas=2"}, `stream.replicas is "2": use 1, 3 or 5`},
		{[]string{"--stream.max_age=1h"}, `stream.max_age is "1h": use 1d to 3650d`},
		{[]string{"--lateness=32d"}, `lateness is "32d": use 0s to 31d`},
		{[]string{"--skew=25h"}, `skew is "25h": use 0s to 1d`},
		{[]string{"--cut.interval=1ms"}, `cut.interval is "1ms": use 10ms to 1m`},
		{[]string{"--cut.records=0"}, `cut.records is "0"`},
		{[]string{"--snapshot.interval=1ms"}, "snapshot.interval is"},
		{[]string{"--coordinate.interval=8d"}, `coordinate.interval is "8d": use 1s to 7d, or auto`},
		{[]string{"--churn.horizon=1s"}, `churn.horizon is "1s": use 1m to 3660d`},
		{[]string{"--churn.dwell=31d"}, `churn.dwell is "31d": use 0s to 30d, or auto`},
		{[]string{"--churn.holdout=0.6"}, `churn.holdout is "0.6": use 0 to 0.5`},
		{[]string{"--feed.silent_below=0.6"}, `feed.silent_below is "0.6": use 0 to watch nothing, or more than 0.01 and at most 0.5`},
		{[]string{"--feed.silent_below=NaN"}, `feed.silent_below is "NaN": use 0`},
		{[]string{"--feed.hold_at_most=5m"}, `feed.hold_at_most is "5m": use 1h to 31d`},
		{[]string{"--churn.alert_budget=10001"}, `churn.alert_budget is "10001": use 0 to 10000`},
		{[]string{"--churn.dwell=-2s"}, `churn.dwell is "-2s": use 0s to 30d, or auto`},
		{[]string{"--churn.alert_every=30s"}, `churn.alert_every is "30s": use 1m to 31d, or auto`},
		{[]string{"--churn.alert_budget=5", "--churn.alert_every=24h", "--stream.max_age=1d"}, `churn.alert_every is "1d": with churn.alert_budget 5 it has to be less than stream.max_age, 1d`},
		{[]string{"--churn.alert_budget=5", "--churn.alert_every=31d", "--stream.max_age=30d"}, `churn.alert_every is "31d": with churn.alert_budget 5`},
		{
			[]string{"--churn.horizon=280d", "--stream.max_age=35d"},
			`churn.horizon is "280d": an eighth of it has to be less than stream.max_age, 35d, because partitions report once in an eighth, ` +
				"and what is learned needs the last report of each; set churn.horizon below 280d, or leave stream.max_age out",
		},
		{[]string{"--churn.horizon=8d", "--stream.max_age=1d"}, `churn.horizon is "8d": an eighth of it has to be less than stream.max_age, 1d`},
		{[]string{"--churn.currency=euro"}, `churn.currency is "euro": use a code of ISO 4217, such as EUR`},
		{[]string{"--churn.holdout=NaN"}, `churn.holdout is "NaN": use 0 to 0.5`},
		{[]string{"--churn.language=de"}, `language is "de"; set one of en, pt, pt-PT, it`},
		{[]string{"--churn.at_risk_at=0.4", "--churn.cooling_at=0.6"}, "at_risk_at is 0.4; set it above cooling_at"},
		{[]string{"--churn.at_risk_at=1.5"}, `"1.5" is no risk; write a probability above 0 and below 1, such as 0.7, or auto`},
		{[]string{"--churn.cooling_at=low"}, `"low" is no risk`},
		{[]string{"--churn.in_time=0"}, "in_time is 0; set a share of the losses above 0 and below 1"},
		{[]string{"--churn.least_risk=1"}, "least_risk is 1; set a probability from 0 to 0.95"},
		{[]string{"--churn.unusual=1"}, "unusual is 1; set a factor from 1.5 to 1000, or 0 for no relative alarms"},
		{[]string{"--churn.unusual=NaN"}, "unusual is NaN; set a factor"},
		{[]string{"--churn.contact_cost=-2"}, "contact_cost is -2; set an amount from 0 to 1e+09"},
		{[]string{"--churn.contact_cost=2", "--churn.uplift=0"}, "uplift is 0; set the share of leaving customers whom a contact keeps, above 0 and at most 1, for contact_cost 2"},
		{[]string{"--churn.contact_cost=2", "--churn.uplift=1.5"}, "uplift is 1.5; set the share"},
		{[]string{"--customers.margin=0"}, `customers.margin is "0": use the share of revenue that is left, above 0 and at most 1`},
		{[]string{"--customers.margin=30"}, `customers.margin is "30": use the share`},
		{[]string{"--customers.margin=NaN"}, `customers.margin is "NaN": use the share`},
		{[]string{"--churn.cooling_at=0.93"}, "cooling_at is 0.93; set it to at most"},
		{[]string{"--vocabulary=order.completed=active/moon"}, `channel "moon" is not configured`},
		{[]string{"--ttl.rollups=1m"}, `ttl.rollups 1m is "1m": use 1h to 36500d`},
		{[]string{"--ttl.rollups=1h=1m"}, `ttl.rollups 1h is "1m": use 1h to 36500d`},
		{[]string{"--ttl.rollups=2h=1d"}, `"2h" is no length of a window; use 1m, 5m, 1h, 24h, 7d or 28d`},
		{[]string{"--ttl.rollups=1h=1d,1h=2d"}, `says twice how long windows stay`},
		{[]string{"--ttl.rollups=0s,1h=2d"}, `says twice how long windows stay`},
		{[]string{"--clickhouse.addr=db"}, `clickhouse.addr is "db": write host:port`},
		{[]string{"--clickhouse.addr=a:1,b"}, `clickhouse.addr is "b"`},
		{[]string{"--clickhouse.database=a;b"}, `clickhouse.database is "a;b"`},
		{[]string{"--http.listen=9464"}, `http.listen is "9464"`},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			_, err := parseConfig(t, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}

	for _, args := range [][]string{
		nil,
		{"--churn.alert_budget=5", "--churn.alert_every=31d"},
		{"--churn.alert_budget=5", "--churn.alert_every=23h", "--stream.max_age=1d", "--churn.horizon=191h"},
		{"--churn.alert_every=24h", "--stream.max_age=1d", "--churn.horizon=7d"}, // no budget
		{"--churn.horizon=279d", "--stream.max_age=35d"},
		{"--churn.horizon=280d"},
		{"--churn.alert_budget=5", "--stream.max_age=1d", "--churn.horizon=7d"},
		{"--churn.horizon=3660d", "--stream.max_age=458d"},
	} {
		if _, err := parseConfig(t, args...); err != nil {
			t.Errorf("%q is refused: %v", args, err)
		}
	}
}

func TestEverySettingHasFlagVariableAndHelp(t *testing.T) {
	flags, err := setting.ConfigModel()
	if err != nil {
		t.Fatal(err)
	}
	if len(flags) < 30 {
		t.Fatalf("%d settings, want all of them", len(flags))
	}
	key := regexp.MustCompile(`^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)*$`)
	for _, flag := range flags {
		if !key.MatchString(flag.Name) {
			t.Errorf("%s: keys are small letters, dots and underscores", flag.Name)
		}
		if want := setting.Variable(flag.Name); len(flag.Envs) != 1 || flag.Envs[0] != want {
			t.Errorf("%s: variables %v, want %s", flag.Name, flag.Envs, want)
		}
		if flag.Group == nil || flag.Help == "" || !strings.HasSuffix(flag.Help, ".") {
			t.Errorf("%s: needs a group and a help sentence, has %v and %q", flag.Name, flag.Group, flag.Help)
		}
	}
}

// A command must not know a setting by another name or default than Config.
func TestCommandsUseTheSettingsOfConfig(t *testing.T) {
	flags, err := setting.ConfigModel()
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]string{}
	for _, flag := range flags {
		defaults[flag.Name] = flag.Default
	}
	parser, err := newParser(&bytes.Buffer{}, &bytes.Buffer{}, &setting.FileResolver{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range parser.Model.Leaves(true) {
		for _, flag := range command.Flags {
			if flag.Group == nil || flag.Name == "log.level" && command.Name == "demo" { // the demo is quieter
				continue
			}
			if preset, known := defaults[flag.Name]; !known || preset != flag.Default {
				t.Errorf("%s --%s=%s: Config has %q (%t)", command.FullPath(), flag.Name, flag.Default, preset, known)
			}
		}
	}
}

func TestExampleFileIsCurrent(t *testing.T) {
	want, err := setting.ExampleConfig()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(exampleFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the settings say; run make generate", exampleFile)
	}
}

// Taking the # from every line must give a file that is read without error
// and changes nothing but the vocabulary, rollups and sources.
func TestExampleFileIsReadAndHoldsTheDefaults(t *testing.T) {
	clearEnvironment(t)
	content, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^#([a-z]| {2}- | {4}[a-z])`)
	active := commented.ReplaceAllString(string(content), "$1")
	keys := map[string]any{}
	if err := yaml.Unmarshal([]byte(active), &keys); err != nil {
		t.Fatal(err)
	}
	names, err := setting.Names()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != len(names) {
		t.Errorf("the example has %d settings, Config has %d", len(keys), len(names))
	}

	want, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseConfig(t, "--config", writeFile(t, active))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Processing.Vocabulary) != 1 {
		t.Errorf("vocabulary = %v, want the one of the example", got.Processing.Vocabulary)
	}
	if len(got.Processing.Rollups) != 2 {
		t.Errorf("rollups = %v, want the two of the example", got.Processing.Rollups)
	}
	if specs := got.Sources.Specs(); len(specs) != 1 || specs[0].Stream != "ORDERS" {
		t.Errorf("sources = %v, want the one of the example", specs)
	}
	got.Sources = want.Sources
	got.Processing.Vocabulary, got.Processing.Rollups = want.Processing.Vocabulary, want.Processing.Rollups
	if a, b := yamlOf(t, got), yamlOf(t, want); a != b {
		t.Errorf("the example gives\n%s\nwant the defaults\n%s", a, b)
	}
}

func yamlOf(t *testing.T, value any) string {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}
