package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
	"ebb/pipeline/jetstream"
)

// requeueDeadletters is `ebb deadletters requeue`.
type requeueDeadletters struct {
	Sequence []uint64     `arg:"" optional:"" help:"Sequences of dead letters, as list shows them."`
	Reason   string       `name:"reason" placeholder:"REASON" help:"All of this reason, instead of sequences."`
	DryRun   bool         `name:"dry-run" help:"Only say what would be sent."`
	JSON     bool         `name:"json" help:"Print JSON."`
	NATS     NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Stream   StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log      LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb deadletters requeue --help.
func (requeueDeadletters) Help() string {
	return "Sends the events as they came, under the subject of their customer. Do it when the cause is gone: the " +
		"vocabulary knows the type, the import is over, the producer's clock is right. An event that is no valid " +
		"event can't be sent; repair it and publish it anew. The dead letter stays until it is too old.\n\n" +
		"An event that is older than the allowed lateness counts as late. Sending one twice counts once.\n\n" +
		examples(
			"ebb deadletters requeue 17 18",
			"ebb deadletters requeue --reason unknown_type --dry-run",
			"ebb deadletters requeue --reason misrouted",
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
	Sent    int      `json:"sent"`
	Refused []string `json:"refused"` // why, each
	DryRun  bool     `json:"dry_run"`
}

// Run sends the events. It goes on after one that can't be sent, and fails in
// the end.
func (c *requeueDeadletters) Run(ctx context.Context, to streams) error {
	js, err := c.NATS.connectJetStream(ctx, c.Log.logger(to.err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	result := requeued{Refused: []string{}, DryRun: c.DryRun}
	decoder := pipeline.NewDecoder(0)
	send := func(letter jetstream.DeadLetter) error {
		subject, err := c.subject(decoder, letter)
		if err != nil {
			result.Refused = append(result.Refused, err.Error())

			return nil
		}
		if !c.DryRun {
			// The id spares the stream an event that is sent twice within two minutes.
			id := natsjs.WithMsgID("deadletter-" + strconv.FormatUint(letter.Sequence, 10))
			if _, err := js.Publish(ctx, subject, letter.Data, id); err != nil {
				return fmt.Errorf("dead letter %d: %w; send it again, it counts once", letter.Sequence, err)
			}
		}
		result.Sent++

		return nil
	}
	if err := c.each(ctx, jetstream.NewDeadLetters(js, c.Stream.layout()), send); err != nil {
		return err
	}

	return result.print(to, c.JSON)
}

// each hands over what was chosen.
func (c *requeueDeadletters) each(ctx context.Context, letters *jetstream.DeadLetters, send func(jetstream.DeadLetter) error) error {
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
func (c *requeueDeadletters) subject(decoder *pipeline.Decoder, letter jetstream.DeadLetter) (string, error) {
	var event pipeline.Event
	if err := decoder.Decode(letter.Data, &event); err != nil {
		return "", fmt.Errorf("dead letter %d can't be sent as it is: %w", letter.Sequence, err)
	}

	return c.Stream.Prefix + ".events." + pipeline.Token(event.Customer), nil
}

// print shows the result; events that were not sent are a failure.
func (r requeued) print(to streams, asJSON bool) error {
	var failed error
	if len(r.Refused) > 0 {
		failed = fmt.Errorf("%d of %d dead letters were not sent; repair the events and publish them anew",
			len(r.Refused), len(r.Refused)+r.Sent)
	}
	if asJSON {
		return errors.Join(json.NewEncoder(to.out).Encode(r), failed)
	}

	for _, reason := range r.Refused {
		fmt.Fprintln(to.err, printable(reason))
	}
	verb := "Sent"
	if r.DryRun {
		verb = "Would send"
	}
	_, err := fmt.Fprintf(to.out, "%s %d events.\n", verb, r.Sent)

	return errors.Join(err, failed)
}
