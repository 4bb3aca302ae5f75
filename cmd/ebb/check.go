package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/churn"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
	"ebb/sinks/clickhouse"
)

// checkCommand is `ebb check`: all settings of `ebb run`.
type checkCommand struct {
	Permissions bool `name:"permissions" help:"Print the permissions that the NATS user needs, as they stand in the server's configuration, and check nothing."`
	JSON        bool `name:"json" help:"Print JSON."`
	Config      `embed:""`
}

// Help is shown by ebb check --help.
func (checkCommand) Help() string {
	return "Takes the settings of ebb run, looks at everything that it needs, and changes nothing. " +
		"ebb run does the same before it begins. Exit code 1 if something fails; warnings alone are a success.\n\n" +
		examples(
			"ebb check",
			"ebb check --config ebb.yaml",
			"ebb check --nats.url nats://nats:4222 --clickhouse.addr clickhouse:8123 --json",
			"ebb check --permissions",
		)
}

// checkTimeout bounds the checks; a server that is away is told of by then.
const checkTimeout = 20 * time.Second

// errChecks ends `ebb check` and `ebb run` where something fails.
var errChecks = errors.New("something has to be mended first, see above")

// Run checks and prints.
func (c *checkCommand) Run(ctx context.Context, to streams) error {
	if c.Permissions {
		return c.printPermissions(to.out)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	// What a connection says beside its answers is only of use for what runs.
	log := slog.New(slog.DiscardHandler)
	var found []preflight.Finding
	js, err := c.NATS.connectJetStream(ctx, log)
	if err == nil {
		defer js.Conn().Close()
		found, err = c.preflight(ctx, js)
	} else {
		found = c.preflightClickHouse(ctx)
	}
	if err != nil {
		found = append(found, preflight.Fail("nats", err.Error(), "start NATS, or correct the settings nats.*"))
	}
	for i := range found {
		found[i].Text, found[i].Remedy = to.given.in(found[i].Text), to.given.in(found[i].Remedy)
	}
	if c.JSON {
		err = json.NewEncoder(to.out).Encode(map[string]any{"status": preflight.Worst(found), "checks": found})
	} else {
		err = printFindings(to.out, found)
	}
	if err == nil && preflight.Worst(found) == preflight.Failed {
		err = errChecks
	}

	return err
}

// check does what `ebb check` does for an instance that begins: what fails ends
// it, what is a warning is logged, and servers that are away are waited for.
func (r *running) check(ctx context.Context) error {
	var found []preflight.Finding
	err := r.untilServed(ctx, func() (err error) {
		found, err = r.command.preflight(ctx, r.js)

		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for _, f := range found {
		switch f.Status {
		case preflight.Failed:
			failed = append(failed, fmt.Errorf("%s: %s; %s", f.Check, f.Text, f.Remedy))
		case preflight.Warning:
			r.log.Warn(f.Text, "check", f.Check, "remedy", f.Remedy)
		case preflight.OK:
			r.log.Debug(f.Text, "check", f.Check)
		}
	}

	return errors.Join(failed...)
}

// preflight finds out whether servers, rights and settings will do. The error is
// one of a NATS server that does not answer.
func (c *Config) preflight(ctx context.Context, js natsjs.JetStream) ([]preflight.Finding, error) {
	found, err := jetstream.Preflight(ctx, js, c.NATS.connect(slog.New(slog.DiscardHandler)), c.layout(),
		c.Processing.pipeline(&c.Stream, &c.Churn))
	if err != nil {
		return nil, err
	}
	found = append(found, c.preflightSettings())

	return append(found, c.preflightClickHouse(ctx)...), nil
}

func (c *Config) preflightClickHouse(ctx context.Context) []preflight.Finding {
	if !c.ClickHouse.Enabled {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout/2)
	defer cancel()

	return clickhouse.Preflight(ctx, c.ClickHouse.sink(), c.Stream.Prefix)
}

// quietSnapshot is after how many intervals a partition is stored in which
// little happens.
const quietSnapshot = 10

// preflightSettings compares settings that one section alone can't judge.
func (c *Config) preflightSettings() preflight.Finding {
	const name = "settings"
	quiet, age := quietSnapshot*c.Processing.Snapshot.Interval, cmp.Or(c.Stream.MaxAge, defaultMaxAge)
	signals, horizon := c.TTL.Signals, c.Churn.Horizon
	applied := c.Processing.pipeline(&c.Stream, &c.Churn)
	coordinate, alerts := Duration(applied.CoordinateInterval), Duration(applied.AlertEvery)
	switch {
	case quiet >= age:
		return preflight.Fail(name, fmt.Sprintf("a partition in which little happens is stored every %v (%d times snapshot.interval), "+
			"and stream.max_age is %v, so its snapshot could be older than the stream", quiet, quietSnapshot, age),
			fmt.Sprintf("set snapshot.interval below %v, or keep messages for longer", age/quietSnapshot))
	case c.ClickHouse.Enabled && signals > 0 && signals < 2*horizon:
		return preflight.Warn(name, fmt.Sprintf("ttl.signals is %v, and what becomes of a signal is known a churn.horizon later, after %v", signals, horizon),
			fmt.Sprintf("set ttl.signals to %v or more, if the views of quality are to count all signals", 2*horizon))
	case coordinate > horizon:
		return preflight.Warn(name, fmt.Sprintf("coordinate.interval is %v, longer than churn.horizon, %v: what is learned comes late", coordinate, horizon),
			"leave coordinate.interval out, and it follows the horizon")
	case c.Processing.Cut.Interval > horizon/churn.SlotsPerHorizon && c.Processing.Cut.Interval > Duration(time.Second):
		return preflight.Warn(name, fmt.Sprintf("cut.interval is %v, and churn.horizon %v: signals come late by a good part of the horizon", c.Processing.Cut.Interval, horizon),
			fmt.Sprintf("set cut.interval to %v or less", max(Duration(time.Second), horizon/churn.SlotsPerHorizon)))
	case alerts > horizon:
		return preflight.Warn(name, fmt.Sprintf("churn.alert_every is %v, longer than churn.horizon, %v: many are lapsed before they are told of", alerts, horizon),
			"leave churn.alert_every out, and it follows the horizon")
	}
	every := Duration(c.Churn.AlertEvery.or(alertEveryFor(time.Duration(horizon), c.Stream.age())))

	return preflight.Found(name, fmt.Sprintf("they go together; with churn.horizon %v: churn.dwell %v, coordinate.interval %v, churn.alert_every %v",
		horizon, Duration(applied.Churn.Dwell*int64(time.Millisecond)), coordinate, every))
}

// printFindings shows the findings to a person.
func printFindings(to io.Writer, found []preflight.Finding) error {
	w := &quietWriter{to: to}
	for _, f := range found {
		status := map[preflight.Status]string{preflight.OK: "ok", preflight.Warning: "WARNING", preflight.Failed: "FAILED"}[f.Status]
		w.line("%s", wrapped(fmt.Sprintf("%-8s %s: %s", status, f.Check, printable(f.Text)), "         "))
		if f.Remedy != "" {
			w.line("%s", wrapped("         → "+printable(f.Remedy), "           "))
		}
	}

	return w.err
}

// wrapped breaks a line at blanks, so that none is longer than 80 columns where that
// can be; those that follow are indented.
func wrapped(text, indent string) string {
	const width = 80
	var b strings.Builder
	column := 0
	for i, word := range strings.SplitAfter(text, " ") {
		length := len([]rune(strings.TrimRight(word, " ")))
		if i > 0 && column+length > width && column > len(indent) {
			b.WriteString("\n" + indent)
			column = len(indent)
		}
		b.WriteString(word)
		column += len([]rune(word))
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}

	return strings.Join(lines, "\n")
}

// printPermissions prints what the NATS user needs.
func (c *checkCommand) printPermissions(to io.Writer) error {
	needed := c.Stream.layout().Permissions(c.NATS.Domain)
	if c.JSON {
		return json.NewEncoder(to).Encode(needed)
	}
	w := &quietWriter{to: to}
	list := func(name string, subjects []string) {
		w.line("  %s: [", name)
		for _, subject := range subjects {
			w.line("    %q", subject)
		}
		w.line("  ]")
	}
	w.line("permissions: {")
	list("publish", needed.Publish)
	list("subscribe", needed.Subscribe)
	w.line("}")

	return w.err
}
