package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is shown by ebb version --help.
func (versionCommand) Help() string {
	return examples("ebb version", "ebb version --json")
}

// Run prints what this program was built from.
func (c versionCommand) Run(to streams) error {
	built := struct {
		Version  string `json:"version"`
		Go       string `json:"go"`
		Platform string `json:"platform"`
	}{programVersion(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}

	if c.JSON {
		return json.NewEncoder(to.out).Encode(built)
	}
	_, err := fmt.Fprintf(to.out, "ebb %s (%s, %s)\n", built.Version, built.Go, built.Platform)

	return err
}

// programVersion is the linker's version, or the module's where `go install`
// built the program.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}

	return "unknown"
}
