package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/dashboards"
	"ebb/dashboards/web"
	"ebb/deploy/local/loopback"
	"ebb/sinks/clickhouse"
)

// dashboardsCommand is `ebb dashboards DIR` and `ebb dashboards --check`.
type dashboardsCommand struct {
	Dir        string                   `arg:"" optional:"" type:"path" help:"Provisioning folder; it is created. Files of the same name are replaced."`
	Check      bool                     `name:"check" help:"Run the query of every panel and alert against ClickHouse instead, as Grafana would, and say how they fare."`
	Serve      bool                     `name:"serve" help:"Show the dashboards as web pages to this machine, without Grafana, until interrupted."`
	Listen     string                   `name:"listen" default:"127.0.0.1:8095" placeholder:"HOST:PORT" help:"Address of --serve, on this machine: the pages have no login."`
	Last       setting.Duration         `name:"last" default:"28d" placeholder:"DURATION" help:"Time range of --check, up to now, 1h to 3650d."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
}

// Help is shown by ebb dashboards --help.
func (dashboardsCommand) Help() string {
	return "The data source takes address and credentials from Grafana's environment; the file says which " +
		"variables. Grafana needs the plugin grafana-clickhouse-datasource. --check exits with 1 where a query fails.\n\n" +
		term.Examples(
			"ebb dashboards ./provisioning",
			"ebb dashboards /etc/grafana/provisioning",
			"ebb dashboards --serve --clickhouse.addr clickhouse:8123",
			"ebb dashboards --check --clickhouse.addr clickhouse:8123",
			"ebb dashboards --check --last 90d --json | jq '.queries[] | select(.error)'",
		)
}

// Validate refuses what does not go together.
func (c *dashboardsCommand) Validate() error {
	return errors.Join(
		setting.Refuse(c.Dir == "" && !c.Check && !c.Serve, "DIR", "", "name the provisioning folder, or use --check or --serve"),
		setting.Refuse(c.Dir != "" && c.Check, "--check", "true", "leave out DIR, or --check"),
		setting.Refuse(c.Serve && (c.Dir != "" || c.Check), "--serve", "true", "leave out DIR and --check, or --serve"),
		setting.Refuse(c.Serve && !loopback.Is(c.Listen), "--listen", c.Listen, "the pages have no login; use 127.0.0.1:PORT, and a tunnel or a Grafana for others"),
		setting.Refuse(time.Duration(c.Last) < time.Hour || time.Duration(c.Last) > 3650*setting.Day, "--last", c.Last.String(), "use 1h to 3650d"),
	)
}

// Run writes the files, or checks what is in them.
func (c *dashboardsCommand) Run(ctx context.Context, to call.Streams) error {
	switch {
	case c.Check:
		return c.check(ctx, to)
	case c.Serve:
		return c.serve(ctx, to)
	}
	files, err := dashboards.Files()
	if err != nil {
		return err
	}

	written := make([]string, len(files))
	for i, file := range files {
		path := filepath.Join(c.Dir, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // Grafana runs as another user and must read them
			return fmt.Errorf("provisioning folder: %w", err)
		}
		if err := os.WriteFile(path, file.Content, 0o644); err != nil { //nolint:gosec // as above; the files hold no secret
			return fmt.Errorf("provisioning file: %w", err)
		}
		written[i] = path
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(map[string][]string{"files": written})
	}
	for _, path := range written {
		if _, err := fmt.Fprintln(to.Out, path); err != nil {
			return err
		}
	}

	return nil
}

// serve shows the pages.
func (c *dashboardsCommand) serve(ctx context.Context, to call.Streams) error {
	conn, err := clickhouse.Open(c.ClickHouse.Sink())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("ClickHouse at %s: %w; start it or correct clickhouse.addr", c.ClickHouse.Addr, err)
	}
	server, err := web.Serve(ctx, c.Listen, conn, slog.New(slog.NewTextHandler(to.Err, nil)))
	if err != nil {
		return err
	}
	fmt.Fprintf(to.Err, "Dashboards: %s\nServing; Ctrl-C stops.\n", server.URL())
	<-ctx.Done()

	return server.Close()
}

// check runs all queries.
func (c *dashboardsCommand) check(ctx context.Context, to call.Streams) error {
	conn, err := clickhouse.Open(c.ClickHouse.Sink())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Ping(ctx); err != nil {
		return fmt.Errorf("ClickHouse at %s: %w; start it or correct clickhouse.addr", c.ClickHouse.Addr, err)
	}
	report, err := dashboards.CheckAll(ctx, conn, time.Duration(c.Last))
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(to.Out).Encode(report)
	} else {
		err = printCheck(&term.Writer{To: to.Out}, report)
	}
	if failing := report.Failing + report.RulesFail; err == nil && failing > 0 {
		return fmt.Errorf("%d of %d queries fail; where tables or views are missing, run ebb migrate", failing, len(report.Queries))
	}

	return err
}

// printCheck says first how all fare, then which fail, show nothing or fire.
func printCheck(w *term.Writer, report *dashboards.CheckReport) error {
	w.Line("%d panels of %d dashboards: %d fail, %d show nothing", report.Panels, report.Dashboards, report.Failing, report.Empty)
	w.Line("%d alert rules: %d fail, %d would fire now", report.AlertRules, report.RulesFail, report.RulesFiring)
	w.Line("the slowest query took %.0f ms", report.SlowestMS)
	for i := range report.Queries {
		q := &report.Queries[i]
		switch {
		case q.Error != "":
			w.Line("%s", term.Wrapped(fmt.Sprintf("%s, %s: fails: %s", q.Of, q.Title, term.Plain(q.Error)), "  "))
		case q.Firing:
			w.Line("%s, %s: would fire", q.Of, q.Title)
		case q.Rows == 0 && !q.MayLack:
			w.Line("%s, %s: shows nothing", q.Of, q.Title)
		}
	}

	return w.Err
}
