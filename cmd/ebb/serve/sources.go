package serve

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"ebb/cmd/ebb/health"
	"ebb/pipeline/source"
)

// lookAtSources is how often it is looked how the sources stand.
const lookAtSources = 500 * time.Millisecond

// taking runs the sources, and shows how they stand. The zero value has none.
type taking struct {
	mu     sync.Mutex
	runner *source.Runner
	cancel context.CancelFunc
	done   chan struct{}
}

// begin runs the sources until end.
func (t *taking) begin(ctx context.Context, runner *source.Runner, board *health.Board) {
	if len(runner.Status()) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	t.mu.Lock()
	t.runner, t.cancel, t.done = runner, cancel, done
	t.mu.Unlock()
	go func() {
		defer close(done)
		var shown sync.WaitGroup
		shown.Go(func() { show(ctx, runner, board) })
		_ = runner.Run(ctx) // it ends with ctx
		cancel()
		shown.Wait()
		board.Clear(health.SourceAway, health.SourceHistory)
	}()
}

// end stops the sources: what was read is stored with its cursor or comes again.
func (t *taking) end() {
	t.mu.Lock()
	cancel, done := t.cancel, t.done
	t.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// status is how the sources stand; none where none run here.
func (t *taking) status() []source.Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runner == nil {
		return nil
	}

	return t.runner.Status()
}

// show puts conditions onto the board while ctx lasts.
func show(ctx context.Context, runner *source.Runner, board *health.Board) {
	every := time.NewTicker(lookAtSources)
	defer every.Stop()
	for {
		var away, past []string
		for _, s := range runner.Status() {
			if s.Error != "" {
				away = append(away, fmt.Sprintf("source %s (%s): %s", s.Name, s.Place, s.Error))
			}
			if s.State == source.History {
				past = append(past, fmt.Sprintf("%s (%s, message %d)", s.Name, s.Place, s.Sequence))
			}
		}
		tell(board, health.SourceAway, away, "ebb source list shows them all, ebb check what is missing; the others go on")
		tell(board, health.SourceHistory, past, "nothing is to be done: live events follow. Events that producers send to ebb itself are dead letters meanwhile")
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func tell(board *health.Board, name health.Name, texts []string, remedy string) {
	if len(texts) == 0 {
		board.Clear(name)

		return
	}
	text := strings.Join(texts, "; ")
	if name == health.SourceHistory {
		text = "the past of sources is imported: " + text
	}
	board.Set(name, text, remedy)
}
