package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
	"ebb/pipeline/source"
)

// checkCommand is `ebb check`: all settings of `ebb run`.
type checkCommand struct {
	Permissions    bool `name:"permissions" help:"Print the permissions that the NATS user needs, as they stand in the server's configuration, and check nothing."`
	JSON           bool `name:"json" help:"Print JSON."`
	setting.Config `embed:""`
}

// Help is shown by ebb check --help.
func (checkCommand) Help() string {
	return "Takes the settings of ebb run, looks at everything that it needs, and changes nothing. " +
		"ebb run does the same before it begins. Exit code 1 if something fails; warnings alone are a success.\n\n" +
		term.Examples(
			"ebb check",
			"ebb check --config ebb.yaml",
			"ebb check --nats.url nats://nats:4222 --clickhouse.addr clickhouse:8123 --json",
			"ebb check --permissions",
		)
}

// errChecks ends `ebb check` and `ebb run` where something fails.
var errChecks = errors.New("something has to be mended first, see above")

// Run checks and prints.
func (c *checkCommand) Run(ctx context.Context, to call.Streams) error {
	if c.Permissions {
		return c.printPermissions(to.Out)
	}
	ctx, cancel := context.WithTimeout(ctx, setting.CheckTimeout)
	defer cancel()
	// What a connection says beside its answers is only of use for what runs.
	log := slog.New(slog.DiscardHandler)
	var found []preflight.Finding
	js, err := c.NATS.ConnectJetStream(ctx, log)
	if err == nil {
		defer js.Conn().Close()
		found, err = c.Preflight(ctx, js)
		if err == nil {
			found = append(found, c.PreflightSources(ctx, js)...)
		}
	} else {
		found = c.PreflightClickHouse(ctx)
	}
	if err != nil {
		found = append(found, preflight.Fail("nats", err.Error(), "start NATS, or correct the settings nats.*"))
	}
	for i := range found {
		found[i].Text, found[i].Remedy = to.Given.In(found[i].Text), to.Given.In(found[i].Remedy)
	}
	if c.JSON {
		err = json.NewEncoder(to.Out).Encode(map[string]any{"status": preflight.Worst(found), "checks": found})
	} else {
		err = printFindings(to.Out, found)
	}
	if err == nil && preflight.Worst(found) == preflight.Failed {
		err = errChecks
	}

	return err
}

// printFindings shows the findings to a person.
func printFindings(to io.Writer, found []preflight.Finding) error {
	w := &term.Writer{To: to}
	for _, f := range found {
		status := map[preflight.Status]string{preflight.OK: "ok", preflight.Warning: "WARNING", preflight.Failed: "FAILED"}[f.Status]
		w.Line("%s", term.Wrapped(fmt.Sprintf("%-8s %s: %s", status, f.Check, term.Printable(f.Text)), "         "))
		if f.Remedy != "" {
			w.Line("%s", term.Wrapped("         → "+term.Printable(f.Remedy), "           "))
		}
	}

	return w.Err
}

// printPermissions prints what the NATS user needs.
func (c *checkCommand) printPermissions(to io.Writer) error {
	needed := c.Layout().Permissions(c.NATS.Domain)
	specs := c.Sources.Specs()
	for i := range specs {
		if s := &specs[i]; !s.Core && s.Account == (source.Account{}) {
			needed.Publish = append(needed.Publish, jetstream.ForeignPermissions(s.Stream, c.NATS.Domain)...)
		} else if s.Account == (source.Account{}) {
			needed.Subscribe = append(needed.Subscribe, s.Subjects...)
		}
	}
	if c.JSON {
		return json.NewEncoder(to).Encode(needed)
	}
	w := &term.Writer{To: to}
	list := func(name string, subjects []string) {
		w.Line("  %s: [", name)
		for _, subject := range subjects {
			w.Line("    %q", subject)
		}
		w.Line("  ]")
	}
	w.Line("permissions: {")
	list("publish", needed.Publish)
	list("subscribe", needed.Subscribe)
	w.Line("}")
	for i := range specs {
		s := &specs[i]
		if s.Account == (source.Account{}) {
			continue
		}
		w.Line("# Source %s, in its own account: reading alone.", s.Name)
		w.Line("permissions: {")
		if s.Core {
			list("publish", nil)
			list("subscribe", s.Subjects)
		} else {
			list("publish", jetstream.ForeignPermissions(s.Stream, s.Account.Domain))
			list("subscribe", []string{"_INBOX.>"})
		}
		w.Line("}")
	}

	return w.Err
}
