package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/sinks/deliver"
)

// deadlettersCommand is `ebb deadletters list` and `ebb deadletters requeue`.
type deadlettersCommand struct {
	List    listDeadletters    `cmd:"" help:"Show the newest refused events, oldest first."`
	Requeue requeueDeadletters `cmd:"" help:"Send refused events again, as new events, and write refused rows again."`
}

// listDeadletters is `ebb deadletters list`.
type listDeadletters struct {
	Reason string               `name:"reason" placeholder:"REASON" help:"Only those of this reason, such as malformed or unknown_type."`
	Limit  int                  `name:"limit" default:"20" placeholder:"N" help:"At most so many; 0 for all."`
	Body   bool                 `name:"body" help:"Show the whole event, not its beginning."`
	JSON   bool                 `name:"json" help:"Print a line of JSON each; the body is base64."`
	NATS   setting.NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Stream setting.StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log    setting.LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb deadletters list --help.
func (listDeadletters) Help() string {
	return term.Examples(
		"ebb deadletters list",
		"ebb deadletters list --reason unknown_type --limit 100",
		"ebb deadletters list --json --limit 0 | jq -r .reason | sort | uniq -c",
	)
}

// Validate refuses what can't be listed.
func (c *listDeadletters) Validate() error {
	return checkReason(c.Reason)
}

func checkReason(name string) error {
	if name == "" {
		return nil
	}
	reasons := reasons()

	return setting.Refuse(!slices.Contains(reasons, name), "--reason", name, "use one of "+strings.Join(reasons, ", "))
}

// reasons are all that a dead letter can have: those of the shards, and that of
// the sink.
func reasons() []string {
	all := make([]string, 0, event.ReasonCount)
	for reason := event.ReasonNone + 1; reason < event.ReasonCount; reason++ {
		all = append(all, reason.String())
	}

	return append(all, deliver.RefusedReason)
}

// deadletterLine is a dead letter as --json prints it.
type deadletterLine struct {
	Sequence  uint64    `json:"sequence"` // in the dead-letter stream
	Time      time.Time `json:"time"`
	Reason    string    `json:"reason"`
	Error     string    `json:"error"`
	Subject   string    `json:"subject"` // on which the record was stored
	Partition string    `json:"partition"`
	Record    string    `json:"record"`        // its sequence in the input stream
	Row       string    `json:"row,omitempty"` // of the record, from 1, where that holds rows of history
	Body      string    `json:"body"`          // base64
}

// Run prints the newest dead letters.
func (c *listDeadletters) Run(ctx context.Context, to call.Streams) error {
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	letters := jetstream.NewDeadLetters(js, c.Stream.Layout())
	if c.JSON {
		encoder := json.NewEncoder(to.Out)

		return letters.Newest(ctx, c.Reason, c.Limit, func(letter jetstream.DeadLetter) error {
			return encoder.Encode(deadletterLine{
				Sequence: letter.Sequence, Time: letter.Time, Reason: letter.Reason,
				Error:     letter.Header.Get(event.HeaderError),
				Subject:   letter.Header.Get(event.HeaderSubject),
				Partition: letter.Header.Get(event.HeaderPartition),
				Record:    letter.Header.Get(event.HeaderSequence),
				Row:       letter.Header.Get(event.HeaderRow),
				Body:      base64.StdEncoding.EncodeToString(letter.Data),
			})
		})
	}

	table := tabwriter.NewWriter(to.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SEQUENCE\tTIME\tREASON\tERROR\tEVENT")
	err = letters.Newest(ctx, c.Reason, c.Limit, func(letter jetstream.DeadLetter) error {
		_, err := fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", letter.Sequence, letter.Time.Format(time.RFC3339), term.Printable(letter.Reason),
			term.Printable(strings.TrimPrefix(letter.Header.Get(event.HeaderError), letter.Reason+": ")), c.body(letter.Data))

		return err
	})
	if err != nil {
		return err
	}

	return table.Flush()
}

// shownBytes is how much of an event stands in a table.
const shownBytes = 100

func (c *listDeadletters) body(data []byte) string {
	if !c.Body && len(data) > shownBytes {
		return term.Printable(string(data[:shownBytes])) + "…"
	}

	return term.Printable(string(data))
}
