package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"ebb/cmd/ebb/setting"
)

// command runs the program and returns its exit code and what it wrote.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	if len(args) > 0 && args[0] == "demo" {
		return surroundings(nil).command(t, args...) // it has an engine of its own, of which a process holds one
	}
	var out, problems bytes.Buffer
	code = run(t.Context(), args, &out, &problems)

	return code, out.String(), problems.String()
}

func TestExitCodes(t *testing.T) {
	clearEnvironment(t)
	tests := []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"help", []string{"--help"}, exitOK, ""},
		{"nothing", nil, exitOK, ""},
		{"version", []string{"version"}, exitOK, ""},
		{"an unknown command", []string{"vresion"}, exitUsage, "ebb: unexpected argument vresion"},
		{"an unknown flag", []string{"version", "--jsno"}, exitUsage, "--json"},
		{"a port that can't be", []string{"local", "--nats-port", "70000"}, exitUsage, `--nats-port is "70000": use 0 to 65535`},
		{"a missing config file", []string{"--config", "/nowhere.yaml", "local"}, exitUsage, "ebb: config file /nowhere.yaml"},
		{"a folder that is a file", []string{"local", "--dir", "cli_test.go", "--nats-port", "0"}, exitFailure, "ebb: embedded NATS server"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, _, stderr := command(t, test.args...)
			if code != test.code || !strings.Contains(stderr, test.stderr) {
				t.Errorf("exit code %d and %q, want %d and %q", code, stderr, test.code, test.stderr)
			}
			if test.code == exitOK && stderr != "" {
				t.Errorf("standard error: %q", stderr)
			}
		})
	}
}

func TestEveryCommandShowsExamples(t *testing.T) {
	clearEnvironment(t)
	parser, err := newParser(io.Discard, io.Discard, &setting.FileResolver{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	commands := parser.Model.Leaves(true)
	if len(commands) == 0 {
		t.Fatal("no commands")
	}
	for _, leaf := range commands {
		path := strings.Fields(strings.TrimPrefix(leaf.Path(), "ebb "))
		code, stdout, _ := command(t, append(path, "--help")...)
		if code != exitOK {
			t.Errorf("%v --help: exit code %d", path, code)
		}
		if !strings.Contains(stdout, "Examples:") || !strings.Contains(stdout, "\n    ebb "+strings.Join(path, " ")) {
			t.Errorf("%v --help shows no example of itself:\n%s", path, stdout)
		}
	}
}

func TestHelpShowsDefaults(t *testing.T) {
	clearEnvironment(t)
	for _, test := range []struct{ command, want string }{
		{"demo", "Default: 500."},
		{"run", "Default: nats://127.0.0.1:4222 ($EBB_NATS_URL)."},
		{"run", "Default: accept ($EBB_UNKNOWN_TYPES)."},
		{"local", "Default: .ebb/local."},
	} {
		_, stdout, _ := command(t, test.command, "--help")
		if text := strings.Join(strings.Fields(stdout), " "); !strings.Contains(text, test.want) {
			t.Errorf("%s --help does not say %q:\n%s", test.command, test.want, stdout)
		}
	}
}

func TestVersionJSON(t *testing.T) {
	code, stdout, _ := command(t, "version", "--json")
	var got struct{ Version, Go, Platform string }
	if err := json.Unmarshal([]byte(stdout), &got); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %q: %v", code, stdout, err)
	}
	if got.Version == "" || !strings.HasPrefix(got.Go, "go1.") || !strings.Contains(got.Platform, "/") {
		t.Errorf("version = %+v", got)
	}
}

// ebb local serves until its context ends, and that is a success.
func TestLocalServesUntilInterrupted(t *testing.T) {
	clearEnvironment(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	reader, writer := io.Pipe()
	code := make(chan int, 1)
	var problems bytes.Buffer
	go func() {
		code <- run(ctx, []string{"local", "--no-clickhouse", "--nats-port", "0", "--dir", t.TempDir(), "--json", "--log.level", "error"}, writer, &problems)
		writer.Close()
	}()

	var addresses localAddresses
	if err := json.NewDecoder(reader).Decode(&addresses); err != nil {
		t.Fatalf("%v; standard error: %s", err, problems.String())
	}
	conn, err := nats.Connect(addresses.NATSURL)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()

	interrupt()
	if _, err := io.Copy(io.Discard, reader); err != nil {
		t.Error(err)
	}
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d after an interrupt, want 0; standard error: %s", got, problems.String())
	}
}
