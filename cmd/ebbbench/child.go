package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// measureIn runs a child command to its end and reads the JSON that it prints.
func measureIn(ctx context.Context, say *progress, result any, args ...string) error {
	command, err := self(ctx, say, args)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	command.Stdout = &out
	if err := command.Run(); err != nil {
		return fmt.Errorf("process %q: %w", args[0], err)
	}

	return json.Unmarshal(out.Bytes(), result)
}

func self(ctx context.Context, say *progress, args []string, env ...string) (*exec.Cmd, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, program, append([]string{"child"}, args...)...) //nolint:gosec // this program itself
	command.Stderr = say.out
	command.Env = append(os.Environ(), env...)

	return command, nil
}

// server is a child that serves until its standard input ends, so also when
// this process dies.
type server struct {
	name    string
	address string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

// serverState is what a serving child prints: first when it is ready, then for
// every line that it is sent.
type serverState struct {
	Address    string  `json:"address"`
	CPUSeconds float64 `json:"cpu_seconds"`
}

// startServer starts a child command and waits until it is ready.
func startServer(ctx context.Context, say *progress, name string, args ...string) (*server, error) {
	// Its end is asked for by stop, so that its files are written.
	command, err := self(context.WithoutCancel(ctx), say, append([]string{name}, args...))
	if err != nil {
		return nil, err
	}
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &server{name: name, command: command, in: in, out: bufio.NewScanner(out)}
	state, err := s.read()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), s.stop())
	}
	s.address = state.Address

	return s, nil
}

func (s *server) read() (serverState, error) {
	var state serverState
	if !s.out.Scan() {
		return state, errors.Join(fmt.Errorf("%s ended", s.name), s.out.Err())
	}

	err := json.Unmarshal(s.out.Bytes(), &state)

	return state, err
}

// cpuSeconds asks the server for its time on the processor.
func (s *server) cpuSeconds() (float64, error) {
	if _, err := io.WriteString(s.in, "\n"); err != nil {
		return 0, err
	}
	state, err := s.read()

	return state.CPUSeconds, err
}

// serverPatience is how long a server may take to write its files.
const serverPatience = 30 * time.Second

// stop ends the server and waits for it.
func (s *server) stop() error {
	kill := time.AfterFunc(serverPatience, func() { _ = s.command.Process.Kill() })
	defer kill.Stop()
	if err := s.in.Close(); err != nil {
		return err
	}
	if err := s.command.Wait(); err != nil {
		return fmt.Errorf("stop %s: %w", s.name, err)
	}

	return nil
}

// serve is the child's side: it prints its state, and again for every line
// that comes, until the input ends.
func serve(address string, std streams) error {
	encoder := json.NewEncoder(std.out)
	lines := bufio.NewScanner(std.in)
	for {
		if err := encoder.Encode(serverState{address, cpuSeconds()}); err != nil {
			return err
		}
		if !lines.Scan() {
			return lines.Err()
		}
	}
}
