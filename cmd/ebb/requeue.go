package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/sinks/deliver"
)

// requeueDeadletters is `ebb deadletters requeue`.
type requeueDeadletters struct {
	Sequence   []uint64                 `arg:"" optional:"" help:"Sequences of dead letters, as list shows them."`
	Reason     string                   `name:"reason" placeholder:"REASON" help:"All of this reason, instead of sequences."`
	DryRun     bool                     `name:"dry-run" help:"Only say what would be sent and written."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	NATS       setting.NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
	Log        setting.LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb deadletters requeue --help.
func (requeueDeadletters) Help() string {
	return "Sends the events as they came, under the subject of their customer. Do it when the cause is gone: the " +
		"vocabulary knows the type, the import is over, the producer's clock is right. An event that is no valid " +
		"event can't be sent; repair it and publish it anew. The dead letter stays until it is too old.\n\n" +
		"An event that is older than the allowed lateness counts as late. Sending one twice counts once.\n\n" +
		"Dead letters of the reason " + deliver.RefusedReason + " are no events but rows that ClickHouse refused: they are " +
		"written to ClickHouse again, which takes those it has as they are. What it refuses again has a further dead " +
		"letter if the reason is a new one.\n\n" +
		term.Examples(
			"ebb deadletters requeue 17 18",
			"ebb deadletters requeue --reason unknown_type --dry-run",
			"ebb deadletters requeue --reason misrouted",
			"ebb deadletters requeue --reason sink_refused",
		)
}

// Validate wants either sequences or a reason.
func (c *requeueDeadletters) Validate() error {
	if (len(c.Sequence) == 0) == (c.Reason == "") {
		return errors.New("name sequences or a --reason; `ebb deadletters list` shows both")
	}

	return checkReason(c.Reason)
}

// requeued is the result, as --json prints it.
type requeued struct {
	Sent     int      `json:"sent"`     // events
	Messages int      `json:"messages"` // of rows, all of which were written
	Rows     int      `json:"rows"`     // written
	Refused  []string `json:"refused"`  // why, each
	DryRun   bool     `json:"dry_run"`

	rows   bool // whether there were messages of rows at all
	events bool // or events
	again  int  // messages of rows that were refused
}

// Run sends the events and writes the rows. It goes on after one that can't be
// sent, and fails in the end.
func (c *requeueDeadletters) Run(ctx context.Context, to call.Streams) error {
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	result := requeued{Refused: []string{}, DryRun: c.DryRun, rows: c.Reason == deliver.RefusedReason}
	rows := rowsAgain{command: c, js: js}
	defer rows.close()
	decoder := native.NewDecoder(0)
	send := func(letter jetstream.DeadLetter) error {
		if letter.Reason == deliver.RefusedReason {
			result.rows = true

			return rows.add(ctx, letter)
		}
		result.events = true
		subject, err := c.subject(decoder, letter)
		if err != nil {
			result.Refused = append(result.Refused, err.Error())

			return nil
		}
		if err := c.publish(ctx, js, subject, letter); err != nil {
			return err
		}
		result.Sent++

		return nil
	}
	failed := c.each(ctx, jetstream.NewDeadLetters(js, c.Stream.Layout()), send)
	if failed == nil {
		var written deliver.Resent
		written, failed = rows.finish(ctx)
		result.add(written)
	}

	return errors.Join(result.print(to, c.JSON), failed)
}

// publish sends an event, if this is no dry run.
func (c *requeueDeadletters) publish(ctx context.Context, js natsjs.JetStream, subject string, letter jetstream.DeadLetter) error {
	if c.DryRun {
		return nil
	}
	// The id spares the stream an event that is sent twice within two minutes.
	id := natsjs.WithMsgID("deadletter-" + strconv.FormatUint(letter.Sequence, 10))
	if _, err := js.Publish(ctx, subject, letter.Data, id); err != nil {
		return fmt.Errorf("dead letter %d: %w; send it again, it counts once", letter.Sequence, err)
	}

	return nil
}

// each hands over what was chosen.
func (c *requeueDeadletters) each(ctx context.Context, letters *jetstream.DeadLetters, send func(jetstream.DeadLetter) error) error {
	if c.Reason == deliver.RefusedReason {
		return newest(ctx, letters, c.Reason, send)
	}
	if c.Reason != "" {
		return letters.Newest(ctx, c.Reason, 0, send)
	}
	for _, sequence := range c.Sequence {
		letter, err := letters.Get(ctx, sequence)
		if err != nil {
			return err
		}
		if err := send(letter); err != nil {
			return err
		}
	}

	return nil
}

// subject is where the event of a dead letter belongs.
func (c *requeueDeadletters) subject(decoder *native.Decoder, letter jetstream.DeadLetter) (string, error) {
	var ev event.Event
	if err := decoder.Decode(letter.Data, &ev); err != nil {
		return "", fmt.Errorf("dead letter %d can't be sent as it is: %w", letter.Sequence, err)
	}

	return c.Stream.Prefix + ".events." + event.Token(ev.Customer), nil
}

// add takes in what became of messages of rows.
func (r *requeued) add(written deliver.Resent) {
	r.Messages, r.Rows, r.again = written.Written, written.Rows, len(written.Refused)
	for _, refused := range written.Refused {
		r.Refused = append(r.Refused, fmt.Sprintf("dead letter %d: %v", refused.Sequence, refused.Err))
	}
}

// print shows the result; what was not sent is a failure.
func (r *requeued) print(to call.Streams, asJSON bool) error {
	failed := r.failed()
	if asJSON {
		return errors.Join(json.NewEncoder(to.Out).Encode(r), failed)
	}

	for _, reason := range r.Refused {
		fmt.Fprintln(to.Err, term.Printable(reason))
	}
	sent, wrote := "Sent", "Wrote"
	if r.DryRun {
		sent, wrote = "Would send", "Would write"
	}
	if r.rows {
		fmt.Fprintf(to.Out, "%s %d rows; %d messages are complete.\n", wrote, r.Rows, r.Messages)
	}
	if r.rows && !r.events {
		return failed
	}
	_, err := fmt.Fprintf(to.Out, "%s %d events.\n", sent, r.Sent)

	return errors.Join(err, failed)
}

// failed says what was not sent, and what to do about it.
func (r *requeued) failed() error {
	var failed error
	if events := len(r.Refused) - r.again; events > 0 {
		failed = fmt.Errorf("%d of %d dead letters were not sent; repair the events and publish them anew",
			events, events+r.Sent)
	}
	if r.again > 0 {
		failed = errors.Join(failed, fmt.Errorf("%d of %d messages of rows are refused again and stay dead letters; mend the cause and requeue them once more",
			r.again, r.again+r.Messages))
	}

	return failed
}
