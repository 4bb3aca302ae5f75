package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"ebb/pipeline/metric"
)

// newRun starts servers, with surroundings in which `ebb run` and every other command
// find them.
func newRun(t *testing.T) *live {
	t.Helper()
	l := newLive(t)
	l.surroundings = surroundings{
		"nats.url":            l.url,
		"clickhouse.addr":     l.database.Addr,
		"clickhouse.database": l.database.Name,
		"stream.partitions":   strconv.Itoa(livePartitions),
		"metrics":             metric.BaseMetrics,
		"http.listen":         "127.0.0.1:0",
		"ttl.rollups":         "0s", // the files of the tests have fixed dates
	}
	settings := l.settings(t)
	l.layout = settings.Stream.Layout()
	l.config = settings.Processing.Pipeline(&settings.Stream, &settings.Churn)

	return l
}

func fetch(t *testing.T, url string) (code int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}

	return response.StatusCode, string(content)
}

// processed is how many events an instance has processed, by its metrics.
func processed(t *testing.T, address string) uint64 {
	t.Helper()

	return outcomes(t, address, "processed")
}

// outcomes adds up the records with one of the outcomes, by the metrics of an
// instance.
func outcomes(t *testing.T, address string, wanted ...string) (sum uint64) {
	t.Helper()

	return counted(t, address, `ebb_records_total\{outcome="(\w+)",partition="\d+"\}`, wanted...)
}

// counted adds up the samples of a metric of an instance with one of the labels: the
// expression has a group for it.
func counted(t *testing.T, address, metric string, wanted ...string) (sum uint64) {
	t.Helper()
	sample := regexp.MustCompile(`(?m)^` + metric + ` (\S+)$`)
	_, body := fetch(t, address+"/metrics")
	for _, found := range sample.FindAllStringSubmatch(body, -1) {
		n, err := strconv.ParseFloat(found[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(wanted, found[1]) {
			sum += uint64(n)
		}
	}

	return sum
}

// patience is how long tests wait for what has to come, also on a machine that has much
// else to do.
const patience = 2 * time.Minute

// eventually waits until something is so.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// send publishes events of many customers, with times of the last eight
// minutes, so that they lie in windows whose ends have passed.
func (l *live) send(t *testing.T, name string, count int) {
	t.Helper()
	for i := range count {
		customer := "customer-" + strconv.Itoa(i%23)
		eventType := []string{"page.viewed", "email.clicked", "order.completed", "message.sent"}[i%4]
		at := time.Now().Add(-time.Duration(i%480) * time.Second)
		body := eventAt(fmt.Sprintf("%s-%d", name, i), customer, eventType, at)
		if i%5 == 0 {
			body = append(bytes.TrimSuffix(body, []byte("}")), `,"sentiment":-0.25}`...)
		}
		l.publish(t, customer, body)
	}
}

// checkAll takes the partitions over in this process, and checks that so many
// events were processed, once each, and that SQL derives the rows that are
// there.
func (l *live) checkAll(t *testing.T, want uint64) {
	t.Helper()
	l.start(t)
	l.settle(t)
	counts, _, _ := l.engine.Totals()
	if counts.Processed != want || counts.Duplicates+counts.DeadLetters+counts.LateDropped > 0 {
		t.Errorf("%+v, want %d processed and nothing else", counts, want)
	}
	r := l.verified(t)
	l.checkCounts(t, r.Verification)
	for _, table := range r.Verification.Tables {
		// The longer windows end only now and then.
		if table.Compared == 0 && (table.Window == "1m" || table.Window == "5m") && (fed(table.Table) || table.Table == "rollups_sentiment" || table.Table == "rollups_custom" && len(l.config.Rollups) > 0) {
			t.Errorf("%s %s: no row compared", table.Table, table.Window)
		}
		for _, example := range table.Examples {
			t.Errorf("%s %s: %s", table.Table, table.Window, example)
		}
	}
}

// ebb run serves, stops on SIGTERM, and goes on where it stopped, also when it
// was killed.
func TestRunStopsAndGoesOn(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, address := l.startRun(t)
	l.send(t, "first", 200)
	eventually(t, "200 processed events", func() bool { return processed(t, address) == 200 })
	if code, body := fetch(t, address+"/healthz"); code != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
	checkRules(t, address)
	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("exit code %d after SIGTERM:\n%s", code, first.output)
	}

	l.send(t, "between", 100)
	second, address := l.startRun(t)
	eventually(t, "300 processed events", func() bool { return processed(t, address) == 300 })
	l.send(t, "second", 100)
	if code := second.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d after SIGKILL", code)
	}

	l.send(t, "after", 50)
	l.checkAll(t, 450)
}
