package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/dashboards"
)

// dashboardsCommand is `ebb dashboards DIR`.
type dashboardsCommand struct {
	Dir  string `arg:"" type:"path" help:"Provisioning folder; it is created. Files of the same name are replaced."`
	JSON bool   `name:"json" help:"Print the names of the files as JSON."`
}

// Help is shown by ebb dashboards --help.
func (dashboardsCommand) Help() string {
	return "The data source takes address and credentials from Grafana's environment; the file says which " +
		"variables. Grafana needs the plugin grafana-clickhouse-datasource.\n\n" +
		term.Examples(
			"ebb dashboards ./provisioning",
			"ebb dashboards /etc/grafana/provisioning",
		)
}

// Run writes the files.
func (c *dashboardsCommand) Run(to call.Streams) error {
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
