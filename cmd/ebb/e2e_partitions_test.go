package main

import (
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"ebb/cmd/ebb/serve"
	"ebb/pipeline/own"
)

// Another instance takes one partition. The first gives that one up, says so, and
// goes on with the others; nothing is lost, and nothing doubled. When the other lets
// it go, whoever looks sees that nobody runs it.
func TestPartitionIsTakenByAnother(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, at := l.startRun(t)
	l.send(t, "first", 100)
	eventually(t, "100 processed events", func() bool { return processed(t, at) == 100 })
	readyz := func(parts ...string) {
		t.Helper()
		eventually(t, strings.Join(parts, ", ")+" in /readyz", func() bool {
			code, body := fetch(t, at+"/readyz")
			_, json := fetch(t, at+"/readyz?format=json")
			for _, part := range parts {
				if code != http.StatusOK || !strings.Contains(body+json, part) {
					return false
				}
			}

			return true
		})
	}
	readyz("ok\nruns partitions 0-3 of 4\n", `"partitions":[0,1,2,3],"of_partitions":4`)

	other, err := serve.StartEngine(t.Context(), serve.EngineConfig{
		Js: l.js, Layout: l.layout, Pipeline: l.config, Log: slog.New(slog.DiscardHandler),
		Options: own.Options{Name: "elsewhere (pid 7)", Partitions: []int{1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.send(t, "both", 100)
	first.says(t, `another instance has taken a partition over; this one gives it up and goes on.*partition=1`)
	readyz("runs partitions 0, 2-3 of 4", `"partitions":[0,2,3],"of_partitions":4`)
	_, metrics := fetch(t, at+"/metrics")
	for _, want := range []string{"\nebb_partitions_lost_total 1\n", `ebb_partition_runs{partition="0"} 1`, `ebb_reads_alone{partition="2"} 0`, `ebb_reads_parted_total{partition="3"} 0`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	if strings.Contains(metrics, `ebb_partition_runs{partition="1"}`) || strings.Contains(metrics, `ebb_behind_records{partition="1"}`) {
		t.Error("the metrics speak of partition 1, which another runs")
	}
	code, out, problems := l.command(t, "status")
	if code != exitOK || !strings.Contains(out, "Taken over by elsewhere (pid 7): partitions 1\n") || !strings.Contains(out, "): partitions 0, 2-3\n") {
		t.Errorf("status, exit code %d:\n%s%s", code, out, problems)
	}
	l.send(t, "still both", 100)
	if err := other.Stop(); err != nil {
		t.Error(err)
	}
	code, out, problems = l.command(t, "status")
	if code != exitOK || !strings.Contains(out, "Released by who ran them: partitions 1\n") {
		t.Errorf("status, exit code %d:\n%s%s", code, out, problems)
	}
	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, first.output)
	}
	l.checkAll(t, 300)
}
