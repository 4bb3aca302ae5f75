package local

import (
	"context"
	"crypto/rand"
	"time"
)

// killMark is a comment that marks a statement, so that KILL QUERY can name it:
// the engine chooses query ids itself.
func killMark() string { return "/* " + rand.Text() + " */ " }

// killWhenGone kills the marked statement when ctx ends first. The function it
// returns must be called when the statement has ended; it waits for a kill that
// is under way. The kill is repeated because the engine may not have registered
// the statement yet.
func (c *ClickHouse) killWhenGone(ctx context.Context, mark string) (stop func()) {
	ended, killed := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(killed)
		for {
			if err := c.engine.kill(mark); err != nil {
				c.logger.Warn("kill the query of a client that went away", "error", err)
			}
			select {
			case <-ended:
				return
			case <-time.After(killInterval):
			}
		}
	})
	return func() {
		close(ended)
		if !cancel() {
			<-killed
		}
	}
}

func (e *engine) kill(mark string) error {
	s, err := e.open()
	if err != nil {
		return err
	}
	defer s.close()
	return s.exec("KILL QUERY WHERE startsWith(query, " + quote(mark, '\'') + ") ASYNC")
}
