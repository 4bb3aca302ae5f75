package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ebb/deploy/local/localtest"
)

// envProcess makes the test binary ebb itself, for tests that need a process to
// interrupt or to kill, or that run beside others.
const envProcess = "EBB_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(envProcess) != "" {
		os.Unsetenv(envProcess)
		os.Exit(interruptible(os.Args[1:]))
	}
	forgetSettings()
	code := localtest.Run(m)
	prepared.remove()
	os.Exit(code)
}

// forgetSettings takes away the settings that this machine has, but for those of tests.
func forgetSettings() {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "EBB_") && !strings.HasPrefix(name, "EBB_TEST_") {
			os.Unsetenv(name)
		}
	}
}

// program is the path of ebb, and the variable that makes it so.
func program(t *testing.T) (path string, env []string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	return path, []string{envProcess + "=1"}
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

// wait waits until the process ends and returns its exit code; -1 for a signal.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
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

// startProcess starts ebb with the settings that this process has, see surroundings.
func startProcess(t *testing.T, args ...string) *process {
	t.Helper()

	return surroundings(nil).startProcess(t, args...)
}

// startRun starts `ebb run` with the settings that this process has.
func startRun(t *testing.T, args ...string) (p *process, address string) {
	t.Helper()

	return surroundings(nil).startRun(t, args...)
}

// ended is the exit code of a command that has run; a command that could not be started
// fails the test.
func ended(t *testing.T, err error) (code int) {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)

	return exitFailure
}
