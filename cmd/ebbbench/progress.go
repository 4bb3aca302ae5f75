package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells a person what is being done, a line a step.
type progress struct {
	out   io.Writer
	start time.Time
	name  string
}

func newProgress(out io.Writer) *progress { return &progress{out: out, start: time.Now()} }

// part is the progress of one part of the run.
func (p *progress) part(name string) *progress {
	return &progress{out: p.out, start: p.start, name: name}
}

func (p *progress) step(format string, args ...any) {
	fmt.Fprintf(p.out, "%5.0fs  %-9s %s\n", time.Since(p.start).Seconds(), p.name, fmt.Sprintf(format, args...))
}
