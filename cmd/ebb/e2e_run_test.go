package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"ebb/pipeline/metric"
)

// newRun starts servers, and sets the variables by which `ebb run` and every
// other command find them.
func newRun(t *testing.T) *live {
	t.Helper()
	l := newLive(t)
	for name, value := range map[string]string{
		"EBB_NATS_URL":            l.url,
		"EBB_CLICKHOUSE_ADDR":     l.database.Addr,
		"EBB_CLICKHOUSE_DATABASE": l.database.Name,
		"EBB_STREAM_PARTITIONS":   strconv.Itoa(livePartitions),
		"EBB_METRICS":             metric.BaseMetrics,
		"EBB_HTTP_LISTEN":         "127.0.0.1:0",
		"EBB_TTL_ROLLUPS":         "0s", // the files of the tests have fixed dates
	} {
		t.Setenv(name, value)
	}
	settings, err := parseConfig(t)
	if err != nil {
		t.Fatal(err)
	}
	l.layout = settings.Stream.Layout()
	l.config = settings.Processing.Pipeline(&settings.Stream, &settings.Churn)

	return l
}

// process is ebb in a process of its own.
type process struct {
	command *exec.Cmd
	output  *output
	exited  chan struct{} // closed when it has
}

// output is what a process writes, for another goroutine to read.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.text.String()
}

// startProcess starts ebb. It is killed at the test's end if it still runs.
func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	path, env := program(t)
	p := &process{command: exec.CommandContext(t.Context(), path, args...), output: new(output), exited: make(chan struct{})}
	p.command.Env = append(os.Environ(), env...)
	p.command.Stdout, p.command.Stderr = p.output, p.output
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // the state says it all
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill() // it may have ended
		<-p.exited
	})

	return p
}

// wait waits until the process ends and returns its exit code; -1 for a signal.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		t.Fatalf("ebb %q has not ended:\n%s", p.command.Args[1:], p.output)
	}

	return p.command.ProcessState.ExitCode()
}

// stop sends the signal and returns the exit code.
func (p *process) stop(t *testing.T, signal syscall.Signal) int {
	t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}

	return p.wait(t)
}

// says waits until the process writes what the pattern matches, and returns the
// first group.
func (p *process) says(t *testing.T, pattern string) string {
	t.Helper()
	wanted := regexp.MustCompile(pattern)
	var found []string
	eventually(t, pattern+" in the output", func() bool {
		select {
		case <-p.exited:
			t.Fatalf("ebb %q ended with %v:\n%s", p.command.Args[1:], p.command.ProcessState, p.output)
		default:
		}
		found = wanted.FindStringSubmatch(p.output.String())

		return found != nil
	})

	return found[len(found)-1]
}

// startRun starts `ebb run`, waits until it is ready and returns its address.
func startRun(t *testing.T, args ...string) (p *process, address string) {
	t.Helper()
	p = startProcess(t, append([]string{"run"}, args...)...)
	address = "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
	eventually(t, "readiness", func() bool {
		code, _ := fetch(t, address+"/readyz")

		return code == http.StatusOK
	})

	return p, address
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
	sample := regexp.MustCompile(`(?m)^ebb_records_total\{outcome="(\w+)",partition="\d+"\} (\S+)$`)
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

// eventually waits up to half a minute.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
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
	l := newRun(t)
	first, address := startRun(t)
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
	second, address := startRun(t)
	eventually(t, "300 processed events", func() bool { return processed(t, address) == 300 })
	l.send(t, "second", 100)
	if code := second.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d after SIGKILL", code)
	}

	l.send(t, "after", 50)
	l.checkAll(t, 450)
}
