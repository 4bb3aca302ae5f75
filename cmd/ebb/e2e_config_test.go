package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"ebb/pipeline/jetstream"
)

// configSteps edit a configuration file, one change after the other. Where ebb is
// killed, the next one puts the edited file into force when it begins; else the
// file is applied while it runs.
func configSteps() []struct{ what, file, kill string } {
	return []struct{ what, file, kill string }{
		{"a vocabulary entry added", "vocabulary: [quiz.finished=active/web]", ""},
		{"a channel added, and an entry on it", "channels: [kiosk]\nvocabulary: [quiz.finished=active/web, demo.seen=micro/kiosk]", "kill"},
		{"an entry changed", "channels: [kiosk]\nvocabulary: [quiz.finished=passive/kiosk, demo.seen=micro/kiosk]", ""},
		{"an entry removed", "channels: [kiosk]\nvocabulary: [demo.seen=micro/kiosk]", ""},
		{"unknown types refused", "channels: [kiosk]\nvocabulary: [demo.seen=micro/kiosk]\nunknown_types: reject", ""},
		{"the language", "churn.language: it", ""},
		{"thresholds", "churn.language: it\nchurn.cooling_at: 0.5\nchurn.at_risk_at: 0.7\nmetrics: [sentiment]", ""},
		{"a longer lateness", "churn.language: it\nlateness: 40m", "kill"},
		{"a shorter lateness, less skew, and no metrics", "churn.language: it\nlateness: 9m\nskew: 2m\nmetrics: none", ""},
		{"the budget", "lateness: 9m\nchurn.alert_budget: 5", ""},
		{"the customer limit, and silence", "lateness: 9m\nmax_customers: 10000\nfeed.silent_below: 0", ""},
		{"cuts", "lateness: 9m\ncut.interval: 300ms\ncut.records: 40", ""},
		{"the horizon, and a rollup", "lateness: 9m\nchurn.horizon: 10d\nrollups:\n  - {name: place, by: [channel, type], at_most: 2}", ""},
		{"the currency, and more rows of the rollup", "lateness: 9m\nchurn.horizon: 10d\nchurn.currency: EUR\nrollups: [place=channel+type;at_most=3;value]", "kill"},
	}
}

// Fourteen changes of the configuration, one after the other under load and with
// kills between, and then back to a former version: nothing is lost, nothing
// doubled, every row is what SQL derives from the stream, and what changed where
// can be shown.
func TestConfigurationChangesWhileRunning(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	file := writeFile(t, "lateness: 10m\n")
	run, address := l.startRun(t, "--config", file)
	sent := 0
	send := func(n int) {
		l.send(t, fmt.Sprint("batch-", sent), n)
		sent += n
	}
	send(60)
	for i, step := range configSteps() {
		version := i + 2
		if err := os.WriteFile(file, []byte(step.file+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		send(12)
		if step.kill != "" {
			run.stop(t, syscall.SIGKILL)
			send(6)
			run, address = l.startRun(t, "--config", file)
			run.says(t, fmt.Sprintf("the configuration changes from here on: .*version=%d", version))
		} else {
			said := l.commandOutput(t, "config", "apply", "--config", file)
			if !strings.Contains(said, fmt.Sprintf("Version %d is in force", version)) {
				t.Errorf("%s: %s", step.what, said)
			}
		}
		send(12)
	}
	if said := l.commandOutput(t, "config", "diff", "--config", file); !strings.Contains(said, "nothing changes") {
		t.Errorf("diff: %s", said)
	}
	if said := l.commandOutput(t, "config", "diff", "--version", "6"); !strings.Contains(said, "unknown_types: accept → reject") {
		t.Errorf("diff to version 6: %s", said)
	}
	var applied configVersion
	l.commandJSON(t, &applied, "config", "apply", "--version", "9", "--json")
	if applied.Version != 16 || len(applied.Changes) == 0 {
		t.Errorf("back to version 9: %+v", applied)
	}
	send(30)
	eventually(t, "all events", func() bool { return processed(t, address) == uint64(sent) })
	var status configStatus
	eventually(t, "version 16 in all partitions", func() bool {
		l.commandJSON(t, &status, "config", "show", "--json")
		for _, p := range status.Partitions {
			if p.Version != 16 || p.Since == 0 {
				return false
			}
		}

		return len(status.Partitions) == livePartitions
	})
	if said := l.commandOutput(t, "config", "show"); !strings.Contains(said, "lateness: 40m") || !strings.Contains(said, "In force in all 4 partitions") {
		t.Errorf("show: %s", said)
	}
	if lines := strings.Count(l.commandOutput(t, "config", "history", "--json"), "\n"); lines != 16 {
		t.Errorf("%d versions in the history, want 16", lines)
	}
	l.commandOutput(t, "config", "history")
	if code := run.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, run.output)
	}
	l.keepInForce(t)
	l.checkAll(t, uint64(sent))
}

// keepInForce lets the engine of this process begin with what is in force.
func (l *live) keepInForce(t *testing.T) {
	t.Helper()
	kept, err := jetstream.NewConfigs(l.js, l.layout).Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.config = kept.Config
}

// commandOutput is what a command prints for people, within 80 columns.
func commandOutput(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := command(t, args...)

	return forPeople(t, args, code, stdout, stderr)
}

// forPeople is what a command printed that had to succeed, within 80 columns.
func forPeople(t *testing.T, args []string, code int, stdout, stderr string) string {
	t.Helper()
	if code != exitOK {
		t.Fatalf("%q: exit code %d, %s%s", args, code, stdout, stderr)
	}
	for line := range strings.Lines(stdout) {
		if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 80 && !json.Valid(bytes.TrimSpace([]byte(line))) {
			t.Errorf("%q prints %d columns: %s", args, utf8.RuneCountInString(line), line)
		}
	}

	return stdout
}

// Who stands by with another file says so, and puts it into force only when it
// takes over.
func TestStandbyWithOtherSettings(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, firstAt := l.startRun(t)
	l.send(t, "first", 40)
	eventually(t, "40 processed events", func() bool { return processed(t, firstAt) == 40 })
	second, secondAt := l.startStandby(t, "--churn.horizon", "20d", "--churn.language", "pt")
	second.says(t, "another than version 1, which is in force: .*churn.horizon: 30d → 20d")
	var status configStatus
	l.commandJSON(t, &status, "config", "show", "--json")
	if status.Version != 1 {
		t.Errorf("who stands by has made version %d", status.Version)
	}
	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("the first: exit code %d\n%s", code, first.output)
	}
	ready(t, secondAt)
	second.says(t, "the configuration changes from here on: churn.language: en → pt")
	l.send(t, "second", 40)
	eventually(t, "80 processed events", func() bool { return processed(t, secondAt) == 80 })
	if code := second.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("the second: exit code %d\n%s", code, second.output)
	}
	l.keepInForce(t)
	l.start(t)
	l.settle(t)
	if counts, _, _ := l.engine.Totals(); counts.Processed != 80 {
		t.Errorf("%+v, want 80 processed", counts)
	}
}

func TestConfigCommandsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	if code, _, stderr := l.command(t, "config", "show"); code != exitFailure || !strings.Contains(stderr, "there is no stream") {
		t.Errorf("without a stream: exit code %d, %s", code, stderr)
	}
	l.start(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"show", "--version", "7"}, "no such version"},
		{[]string{"apply", "--churn.holdout", "0.2"}, "churn.holdout is 0.2"},
		{[]string{"diff", "--churn.holdout", "0.2"}, "churn.holdout is 0.2"},
	} {
		if code, _, stderr := l.command(t, append([]string{"config"}, test.args...)...); code != exitFailure || !strings.Contains(stderr, test.want) {
			t.Errorf("%q: exit code %d, %s", test.args, code, stderr)
		}
	}
	if said := l.commandOutput(t, "config", "apply"); !strings.Contains(said, "has these settings already") {
		t.Errorf("apply without a change: %s", said)
	}
}
