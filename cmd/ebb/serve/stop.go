package serve

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// defaultStopTimeout is how long commands without the setting may take.
	defaultStopTimeout = 30 * time.Second

	// stopReserve is for what comes after the deadline of the work: closing
	// the servers and connections.
	stopReserve = 10 * time.Second
)

// StopLimit is how long a command may go on after it was told to stop, before
// the process ends without it.
type StopLimit struct{ nanoseconds atomic.Int64 }

// NewStopLimit is the limit of commands without the setting stop.timeout.
func NewStopLimit() *StopLimit {
	l := &StopLimit{}
	l.Allow(defaultStopTimeout)

	return l
}

// Allow sets how long the command itself takes at most.
func (l *StopLimit) Allow(timeout time.Duration) { l.nanoseconds.Store(int64(timeout + stopReserve)) }

// Within is how long the command may take, with what comes after its work.
func (l *StopLimit) Within() time.Duration { return time.Duration(l.nanoseconds.Load()) }

// Passed is closed when ctx has ended and the time after it, too.
func (l *StopLimit) Passed(ctx context.Context) <-chan struct{} {
	passed := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(l.Within(), func() { close(passed) }) })

	return passed
}
