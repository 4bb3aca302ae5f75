package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/health"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
)

const (
	readyTimeout  = 5 * time.Second
	maxReadyBytes = 1 << 20
)

// errNotReady ends `ebb ready` with exit code 1 after the report was printed.
var errNotReady = errors.New("this instance does not process events now")

// readyCommand is `ebb ready`.
type readyCommand struct {
	Standby bool               `name:"standby" help:"An instance that stands by is well, too."`
	JSON    bool               `name:"json" help:"Print JSON."`
	HTTP    setting.HTTPConfig `embed:"" prefix:"http." group:"HTTP"`
}

// Help is shown by ebb ready --help.
func (readyCommand) Help() string {
	return "Asks /readyz of the instance that runs on this machine, or in this container, and prints what hinders it. " +
		"The exit code is 0 while it processes events, also if something is degraded, else 1: a health check for where " +
		"there is no curl.\n\n" +
		term.Examples(
			"ebb ready",
			"ebb ready --standby --http.listen 127.0.0.1:9465",
			"ebb ready --json | jq -r '.conditions[].text'",
		)
}

// Run asks and prints.
func (c *readyCommand) Run(ctx context.Context, to call.Streams) error {
	report, err := askReady(ctx, c.HTTP.Listen)
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(to.Out).Encode(report)
	} else {
		_, err = fmt.Fprint(to.Out, report.Text(time.Now()))
	}
	if err != nil || report.Ready || c.Standby && report.StandsBy() {
		return err
	}

	return errNotReady
}

// askReady asks the instance that listens on an address.
func askReady(ctx context.Context, listen string) (health.Report, error) {
	var report health.Report
	address, err := reachable(listen)
	if err != nil {
		return report, err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz?format=json", nil)
	if err != nil {
		return report, fmt.Errorf("http.listen is %q: %w", listen, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return report, fmt.Errorf("no instance of ebb answers at %s: %w; start ebb run, or say with http.listen where it listens", address, err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(io.LimitReader(response.Body, maxReadyBytes)).Decode(&report); err != nil || report.Status == "" {
		return report, fmt.Errorf("what answers at %s is no instance of ebb (status %s); say with http.listen where it listens", address, response.Status)
	}

	return report, nil
}

// reachable is the address to ask where an instance listens, which may be on all
// interfaces.
func reachable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" || port == "0" {
		return "", fmt.Errorf("http.listen is %q, which can't be asked; give HOST:PORT, as the instance has it", listen)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}

	return net.JoinHostPort(host, port), nil
}
