package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
)

// forgetCommand is `ebb forget`.
type forgetCommand struct {
	ID     string           `arg:"" name:"id" help:"The customer's id, as events have it; anonymous:ID for one known by anonymous_id alone."`
	DryRun bool             `name:"dry-run" help:"Count what would go, and erase nothing."`
	Wait   setting.Duration `name:"wait" default:"10m" placeholder:"DURATION" help:"Wait so long until every place is done; 0 for not at all."`
	JSON   bool             `name:"json" help:"Print JSON."`

	held
}

// Help is shown by ebb forget --help.
func (forgetCommand) Help() string {
	return "Has a customer forgotten. Their partition leaves them out at once; then `ebb run` erases what is stored: state, signals, late and refused events, " +
		"rows of ClickHouse that name them, and their events in the input stream, each overwritten. What fails is tried again until every place is done, also after " +
		"a restart. Figures that count them stay: they name nobody. A hash of the id with a key stays, and keeps out what comes late, by a replay or from a source, " +
		"of a time before this command; who comes again later is a new customer. A person with several ids, such as an anonymous one, is several customers: forget each. " +
		"Backups and streams of yours from which ebb reads are not touched.\n\n" +
		"The exit code is 0 when every place is done, and 1 where something is left, which is said.\n\n" +
		term.Examples(
			"ebb forget c-17 --dry-run",
			"ebb forget c-17 --config ebb.yaml",
			"ebb forget anonymous:4f2a --wait 0 --json",
		)
}

// forgotten is what the command tells.
type forgotten struct {
	Record uint64           `json:"record,omitempty"` // that asks for it, in the input stream
	Done   bool             `json:"done"`
	Places []forgottenPlace `json:"places"`
}

// forgottenPlace is a place where something is held.
type forgottenPlace struct {
	Place  string `json:"place"`
	What   string `json:"what"`
	Before int    `json:"before"`
	After  *int   `json:"after,omitempty"` // nil before it is done
	Left   string `json:"left,omitempty"`  // why it was not looked at
}

// Run asks for it, waits, and looks.
func (c *forgetCommand) Run(ctx context.Context, to call.Streams) error {
	if err := event.CheckSomebody(c.ID); err != nil {
		return err
	}
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	before, err := c.look(ctx, js, to)
	if err != nil {
		return err
	}
	told := forgotten{Places: places(before)}
	if c.DryRun {
		return c.tell(to, &told, nil)
	}
	input := jetstream.NewInput(js, c.Stream.Layout())
	if told.Record, err = input.Forget(ctx, c.ID); err != nil {
		return err
	}
	failed := c.wait(ctx, input, told.Record, to.Err)
	if failed == nil {
		told.Done = true
		after, err := c.look(ctx, js, to)
		if err != nil {
			return err
		}
		for i, of := range after {
			told.Places[i].After = &of.count
		}
	}

	return c.tell(to, &told, failed)
}

// look counts what is held.
func (c *forgetCommand) look(ctx context.Context, js natsjs.JetStream, to call.Streams) ([]*exported, error) {
	e := &export{customer: c.ID}
	e.look(ctx, &c.held, js, to)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var failed []error
	for _, of := range e.places {
		if of.err != nil {
			failed = append(failed, fmt.Errorf("look into %s: %w", of.place, of.err))
		}
	}

	return e.places, errors.Join(failed...)
}

func places(found []*exported) (all []forgottenPlace) {
	for _, of := range found {
		all = append(all, forgottenPlace{Place: of.place, What: of.what, Before: of.count, Left: of.left})
	}

	return all
}

// forgetPoll is how often it is looked whether it is done.
const forgetPoll = 200 * time.Millisecond

// errForgetting says that something is left.
var errForgetting = errors.New("not every place is done yet")

// wait waits until the record that asks is erased: that comes last.
func (c *forgetCommand) wait(ctx context.Context, input *jetstream.Input, record uint64, progress io.Writer) error {
	within, cancel := context.WithTimeout(ctx, time.Duration(c.Wait))
	defer cancel()
	if c.Wait > 0 {
		fmt.Fprintf(progress, "Asked for by record %d. `ebb run` erases it now.\n", record)
	}
	for {
		there, err := input.Holds(ctx, record)
		switch {
		case err == nil && !there:
			return nil
		case within.Err() != nil && err == nil:
			return fmt.Errorf("%w: `ebb run` goes on with it, and record %d of the input stream is gone when it is; `ebb ready` says what hinders it", errForgetting, record)
		case within.Err() != nil:
			return fmt.Errorf("%w, as far as is known: %w", errForgetting, err)
		}
		select {
		case <-within.Done():
		case <-time.After(forgetPoll):
		}
	}
}

// tell prints what was found and what is left.
func (c *forgetCommand) tell(to call.Streams, told *forgotten, failed error) error {
	if c.JSON {
		lines := json.NewEncoder(to.Out)
		lines.SetEscapeHTML(false)

		return errors.Join(lines.Encode(told), failed)
	}
	rows := [][]string{{"PLACE", "HELD", "NOW", ""}}
	for _, of := range told.Places {
		now, what := "", of.What
		if of.After != nil {
			now = strconv.Itoa(*of.After)
		}
		if of.Left != "" {
			what = "not asked: " + of.Left
		}
		rows = append(rows, []string{of.Place, strconv.Itoa(of.Before), now, what})
	}
	for _, text := range term.Fitted(rows, term.TerminalWidth) {
		fmt.Fprintln(to.Out, text)
	}
	switch {
	case c.DryRun:
		fmt.Fprintln(to.Out, "Nothing was erased.")
	case told.Done:
		fmt.Fprintf(to.Out, "%s is forgotten.\n", term.Printable(c.ID))
	}

	return failed
}
