package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// progress tells a person what is being done, a line a step.
type progress struct {
	out   io.Writer
	start time.Time
	name  string
}

// newProgress writes to out, and so do the children. A file is handed to them
// as it is; os/exec copies to anything else with a goroutine for each child.
func newProgress(out io.Writer) *progress {
	if _, ok := out.(*os.File); !ok {
		out = &shared{to: out}
	}

	return &progress{out: out, start: time.Now()}
}

// shared is a writer for several goroutines.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

// Write writes all of p before anything else is written.
func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	return s.to.Write(p)
}

// part is the progress of one part of the run.
func (p *progress) part(name string) *progress {
	return &progress{out: p.out, start: p.start, name: name}
}

func (p *progress) step(format string, args ...any) {
	fmt.Fprintf(p.out, "%5.0fs  %-9s %s\n", time.Since(p.start).Seconds(), p.name, fmt.Sprintf(format, args...))
}
