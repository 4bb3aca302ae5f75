package main

import (
	"bytes"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"testing"

	"ebb/cmd/ebb/setting"
)

// surroundings are settings by their names, which ebb finds in its environment. Each
// process of a test gets those of its test, so that tests run beside each other; none
// are those of this process.
type surroundings map[string]string

// environment is that of a process.
func (s surroundings) environment(t *testing.T) (path string, env []string) {
	t.Helper()
	path, env = program(t)
	env = append(os.Environ(), env...)
	for name, value := range s {
		env = append(env, setting.Variable(name)+"="+value)
	}

	return path, env
}

// settings are all settings, as ebb reads them.
func (s surroundings) settings(t *testing.T) setting.Config {
	t.Helper()
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		flags = append(flags, "--"+name+"="+s[name])
	}
	config, err := parseConfig(t, flags...)
	if err != nil {
		t.Fatal(err)
	}

	return config
}

// startProcess starts ebb. It is killed at the test's end if it still runs.
func (s surroundings) startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	path, env := s.environment(t)
	p := &process{command: exec.CommandContext(t.Context(), path, args...), output: new(output), exited: make(chan struct{})}
	p.command.Env = env
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

// startRun starts `ebb run`, waits until it is ready and returns its address.
func (s surroundings) startRun(t *testing.T, args ...string) (p *process, address string) {
	t.Helper()
	p = s.startProcess(t, append([]string{"run"}, args...)...)
	address = "http://" + p.says(t, `serving metrics and health" listen=(\S+)`)
	eventually(t, "readiness", func() bool {
		code, _ := fetch(t, address+"/readyz")

		return code == http.StatusOK
	})

	return p, address
}

// command runs ebb in a process of its own, and returns its exit code and what it wrote.
func (s surroundings) command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	path, env := s.environment(t)
	var out, problems bytes.Buffer
	process := exec.CommandContext(t.Context(), path, args...)
	process.Env, process.Stdout, process.Stderr = env, &out, &problems
	code = ended(t, process.Run())

	return code, out.String(), problems.String()
}

// commandJSON runs a command that has to succeed, and reads what it printed.
func (s surroundings) commandJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	code, stdout, stderr := s.command(t, args...)
	readJSON(t, into, args, code, stdout, stderr)
}

// commandOutput is what a command prints for people, within 80 columns.
func (s surroundings) commandOutput(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := s.command(t, args...)

	return forPeople(t, args, code, stdout, stderr)
}
