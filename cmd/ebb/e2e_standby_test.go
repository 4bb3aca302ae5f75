package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startStandby starts a second `ebb run` and waits until it stands by.
func (s surroundings) startStandby(t *testing.T, args ...string) (p *process, address string) {
	t.Helper()
	p = s.startProcess(t, append([]string{"run"}, args...)...)
	address = "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
	p.says(t, `standing by for \S+ \(pid \d+\)`)
	if code, body := fetch(t, address+"/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(body, "standing by for") {
		t.Errorf("/readyz of who stands by: %d %q", code, body)
	}
	if code, body := fetch(t, address+"/readyz?standby=ok"); code != http.StatusOK || !strings.Contains(body, "standing by for") {
		t.Errorf("/readyz?standby=ok of who stands by: %d %q", code, body)
	}
	if code, body := fetch(t, address+"/healthz"); code != http.StatusOK {
		t.Errorf("/healthz of who stands by: %d %q", code, body)
	}

	return p, address
}

// ready says how long it took until an instance processes.
func ready(t *testing.T, address string) time.Duration {
	t.Helper()
	began := time.Now()
	eventually(t, "the take-over", func() bool {
		code, _ := fetch(t, address+"/readyz")

		return code == http.StatusOK
	})

	return time.Since(began)
}

// A second instance stands by. It takes over at once when the first stops, and
// after the lease's time to live when the first is killed; a third is next.
// Nothing is lost, and nothing doubled.
func TestStandbyTakesOver(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, firstAt := l.startRun(t)
	l.send(t, "first", 100)
	eventually(t, "100 processed events", func() bool { return processed(t, firstAt) == 100 })

	second, secondAt := l.startStandby(t)
	third, thirdAt := l.startStandby(t)
	tellReady(t, firstAt, exitOK, exitOK, "ok\nruns partitions 0-")
	tellReady(t, secondAt, exitFailure, exitOK, "not ready\nstanding_by: standing by for ")
	l.send(t, "both", 100)
	eventually(t, "200 processed events", func() bool { return processed(t, firstAt) == 200 })
	if got := processed(t, secondAt); got != 0 {
		t.Errorf("who stands by has processed %d events", got)
	}

	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Fatalf("the first: exit code %d\n%s", code, first.output)
	}
	if l.holds(t, first) {
		t.Error("it has stopped, and did not release the lease: others wait until it expires")
	}
	next, nextAt, last, lastAt := second, secondAt, third, thirdAt
	eventually(t, "one of two to take over", func() bool {
		if code, _ := fetch(t, thirdAt+"/readyz"); code == http.StatusOK {
			next, nextAt, last, lastAt = third, thirdAt, second, secondAt

			return true
		}
		code, _ := fetch(t, secondAt+"/readyz")

		return code == http.StatusOK
	})
	l.send(t, "next", 100)
	eventually(t, "100 more", func() bool { return processed(t, nextAt) >= 100 })

	if code := next.stop(t, syscall.SIGKILL); code != -1 {
		t.Fatalf("exit code %d after SIGKILL", code)
	}
	l.send(t, "between", 50)
	t.Logf("ready %s after the kill", ready(t, lastAt))
	l.send(t, "last", 50)
	eventually(t, "400 processed events", func() bool { return processed(t, lastAt) == 400 })
	if code := last.stop(t, syscall.SIGINT); code != exitOK {
		t.Errorf("the last: exit code %d\n%s", code, last.output)
	}
	l.checkAll(t, 400)
}

// An instance that others took the lease from stands by in the same process, as
// after a pause that was longer than the lease.
func TestPausedInstanceStandsBy(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, firstAt := l.startRun(t)
	l.send(t, "first", 50)
	eventually(t, "50 processed events", func() bool { return processed(t, firstAt) == 50 })
	second, secondAt := l.startStandby(t)
	if err := first.command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ready(t, secondAt)
	l.send(t, "second", 50)
	if err := first.command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	first.says(t, `another instance has taken over; standing by`)
	first.says(t, `standing by for \S+ \(pid \d+\)`)
	if code := second.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("the second: exit code %d\n%s", code, second.output)
	}
	ready(t, firstAt)
	l.send(t, "again", 50)
	eventually(t, "150 processed events", func() bool { return processed(t, firstAt) == 150 })
	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("the first: exit code %d\n%s", code, first.output)
	}
	l.checkAll(t, 150)
}

// A demo on servers of others does not take the streams from an ebb that runs.
func TestDemoLeavesARunningEbbAlone(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	first, address := l.startRun(t)
	l.send(t, "first", 50)
	eventually(t, "50 processed events", func() bool { return processed(t, address) == 50 })
	code, _, stderr := l.command(t, "demo", "--customers", "5", "--days", "20")
	if code != exitFailure || !strings.Contains(stderr, "another ebb runs on NATS") || !strings.Contains(stderr, "unset EBB_NATS_URL") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	l.send(t, "after", 50)
	eventually(t, "100 processed events", func() bool { return processed(t, address) == 100 })
	if code := first.stop(t, syscall.SIGTERM); code != exitOK {
		t.Errorf("exit code %d\n%s", code, first.output)
	}
}
