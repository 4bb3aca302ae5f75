package main

import (
	"os"
	"testing"

	"ebb/deploy/local/localtest"
)

// envProcess makes the test binary ebb itself, for tests that need a process to
// interrupt or to kill.
const envProcess = "EBB_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(envProcess) != "" {
		os.Unsetenv(envProcess)
		os.Exit(interruptible(os.Args[1:]))
	}
	os.Exit(localtest.Run(m))
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
