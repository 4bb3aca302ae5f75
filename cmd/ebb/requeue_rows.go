package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/jetstream"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
	"ebb/sinks/deliver"
)

// rowsAgain writes to ClickHouse what it refused. It connects at the first
// dead letter that it is given.
type rowsAgain struct {
	command *requeueDeadletters
	js      natsjs.JetStream
	sink    sinks.Sink // nil until it is needed, and in a dry run
	resend  *deliver.Resend
}

// add takes a dead letter of the reason deliver.RefusedReason.
func (r *rowsAgain) add(ctx context.Context, letter jetstream.DeadLetter) error {
	if r.resend == nil {
		if err := r.open(ctx); err != nil {
			return err
		}
	}

	return r.ended(r.resend.Add(ctx, refusedLetter(letter)))
}

func (r *rowsAgain) open(ctx context.Context) error {
	c := r.command
	if !c.DryRun {
		if !c.ClickHouse.Enabled {
			return errors.New("clickhouse.enabled is false, so there is nowhere to write rows to; set it, or requeue events by another --reason")
		}
		config := c.ClickHouse.Sink()
		if err := clickhouse.Claim(ctx, config, c.Stream.Prefix); err != nil {
			return err
		}
		sink, err := clickhouse.Connect(config)
		if err != nil {
			return err
		}
		r.sink = sink
	}
	resend, err := deliver.NewResend(r.js, r.sink, setting.SinkFeed(c.Stream.Layout()), time.Now().UnixNano())
	r.resend = resend

	return err
}

// finish writes what waits, and says what became of all.
func (r *rowsAgain) finish(ctx context.Context) (deliver.Resent, error) {
	if r.resend == nil {
		return deliver.Resent{}, nil
	}
	err := r.ended(r.resend.Flush(ctx))

	return r.resend.Result(), err
}

func (r *rowsAgain) ended(err error) error {
	if err == nil {
		return nil
	}

	return fmt.Errorf("%w\nNothing is lost: the dead letters stay. Send them again; rows that were written count once", err)
}

func (r *rowsAgain) close() {
	if r.sink != nil {
		_ = r.sink.Close()
	}
}

// newest are the dead letters of a reason without those that a newer one of the
// same message stands for.
func newest(ctx context.Context, letters *jetstream.DeadLetters, reason string, send func(jetstream.DeadLetter) error) error {
	last := make(map[string]uint64)
	err := letters.Newest(ctx, reason, 0, func(letter jetstream.DeadLetter) error {
		last[refusedLetter(letter).Key()] = letter.Sequence

		return nil
	})
	if err != nil {
		return err
	}

	return letters.Newest(ctx, reason, 0, func(letter jetstream.DeadLetter) error {
		if last[refusedLetter(letter).Key()] != letter.Sequence {
			return nil
		}

		return send(letter)
	})
}

func refusedLetter(letter jetstream.DeadLetter) deliver.Letter {
	return deliver.Letter{Sequence: letter.Sequence, Subject: letter.Subject, Header: letter.Header, Data: letter.Data}
}
