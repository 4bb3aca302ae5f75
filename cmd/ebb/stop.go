package main

import (
	"context"
	"sync/atomic"
	"time"
)

// StopConfig is how ebb ends.
type StopConfig struct {
	Timeout Duration `name:"timeout" default:"30s" placeholder:"DURATION" help:"How long a stop may take to process and store what was read, 1s to 1h. Whatever is not stored by then is made again by the next start. Give a supervisor a little more before it kills."`
}

// Validate says what is wrong with the settings of stopping.
func (c *StopConfig) Validate() error {
	return refuseOutside("stop.timeout", c.Timeout, Duration(time.Second), Duration(time.Hour))
}

const (
	// defaultStopTimeout is how long commands without the setting may take.
	defaultStopTimeout = 30 * time.Second

	// stopReserve is for what comes after the deadline of the work: closing
	// the servers and connections.
	stopReserve = 10 * time.Second
)

// stopLimit is how long a command may go on after it was told to stop, before
// the process ends without it.
type stopLimit struct{ nanoseconds atomic.Int64 }

func newStopLimit() *stopLimit {
	l := &stopLimit{}
	l.allow(defaultStopTimeout)

	return l
}

// allow sets how long the command itself takes at most.
func (l *stopLimit) allow(timeout time.Duration) { l.nanoseconds.Store(int64(timeout + stopReserve)) }

func (l *stopLimit) within() time.Duration { return time.Duration(l.nanoseconds.Load()) }

// passed is closed when ctx has ended and the time after it, too.
func (l *stopLimit) passed(ctx context.Context) <-chan struct{} {
	passed := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(l.within(), func() { close(passed) }) })

	return passed
}
