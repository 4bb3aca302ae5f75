package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"ebb/cmd/ebb/build"
	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is shown by ebb version --help.
func (versionCommand) Help() string {
	return term.Examples("ebb version", "ebb version --json")
}

// Run prints what this program was built from.
func (c versionCommand) Run(to call.Streams) error {
	built := struct {
		Version  string `json:"version"`
		Go       string `json:"go"`
		Platform string `json:"platform"`
	}{build.Version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}

	if c.JSON {
		return json.NewEncoder(to.Out).Encode(built)
	}
	_, err := fmt.Fprintf(to.Out, "ebb %s (%s, %s)\n", built.Version, built.Go, built.Platform)

	return err
}
