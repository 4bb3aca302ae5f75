package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/deploy/schemas"
	"ebb/pipeline/spelling"
)

// schemaCommand is `ebb schema`.
type schemaCommand struct {
	Name  string `arg:"" optional:"" name:"name" help:"One of them, such as signal or rollups_total.v2, or asyncapi: the document itself."`
	Write string `name:"write" type:"path" placeholder:"DIR" help:"Write all of them to this folder; it is created. Files of the same name are replaced."`
	JSON  bool   `name:"json" help:"Print the list as JSON."`
}

// Help is shown by ebb schema --help.
func (schemaCommand) Help() string {
	return "Lists the messages that ebb reads and publishes, and prints the JSON Schema (2020-12) of one, or the AsyncAPI 3 document of " +
		"all subjects. Every message says its version in \"schema\". A version may add fields, which readers pass over; whatever else " +
		"changes gets the next number.\n\n" +
		term.Examples(
			"ebb schema",
			"ebb schema signal",
			"ebb schema asyncapi | jq .channels",
			"ebb schema --write ./schemas",
			"ebb schema --json | jq -r '.[] | [.message, .version, .subject] | @tsv'",
		)
}

// Validate refuses what does not go together.
func (c *schemaCommand) Validate() error {
	return errors.Join(
		setting.Refuse(c.Name != "" && c.Write != "", "--write", c.Write, "leave out NAME: all documents are written"),
		setting.Refuse(c.JSON && (c.Name != "" || c.Write != ""), "--json", "true", "leave it out: documents are JSON; it is for the list"),
	)
}

// Run lists the schemas, prints one, or writes all.
func (c *schemaCommand) Run(to call.Streams) error {
	all, err := schemas.List()
	if err != nil {
		return err
	}
	switch {
	case c.Name != "":
		return printSchema(to.Out, c.Name, all)
	case c.Write != "":
		return writeSchemas(to.Out, c.Write)
	case c.JSON:
		return json.NewEncoder(to.Out).Encode(all)
	}

	return listSchemas(to.Out, all)
}

func listSchemas(out io.Writer, all []schemas.Schema) error {
	rows := [][]string{{"NAME", "SUBJECT"}}
	for i := range all {
		rows = append(rows, []string{all[i].Name(), all[i].Subject})
	}
	rows = append(rows, []string{schemas.AsyncAPI, "all of them, with their schemas"})
	for _, line := range term.Fitted(rows, term.TerminalWidth) {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(out, "\n`ebb schema NAME` prints one; `ebb schema --write DIR` writes all.")

	return err
}

func printSchema(out io.Writer, name string, all []schemas.Schema) error {
	var shapes []string
	for i := range all {
		if name == all[i].Message {
			shapes = append(shapes, all[i].Name())
		}
	}
	switch len(shapes) {
	case 0:
	case 1:
		name = shapes[0]
	default:
		return fmt.Errorf("%s is published in %d shapes; name one: %s", name, len(shapes), strings.Join(shapes, ", "))
	}
	document, err := schemas.Read(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return unknownSchema(name, all)
	}
	if err != nil {
		return err
	}
	_, err = out.Write(document)

	return err
}

// unknownSchema names what was probably meant.
func unknownSchema(name string, all []schemas.Schema) error {
	var names []string
	for i := range all {
		names = append(names, all[i].Message)
	}
	near := spelling.Near(strings.ToLower(name), append(names, schemas.AsyncAPI), max(2, len(name)/3))
	if len(near) == 0 {
		return fmt.Errorf("there is no message %q; `ebb schema` lists them", name)
	}

	return fmt.Errorf("there is no message %q; did you mean %s? `ebb schema` lists all", name, near[0])
}

func writeSchemas(out io.Writer, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // public documents
		return err
	}
	entries, err := schemas.Files.ReadDir(".")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		document, err := schemas.Files.ReadFile(entry.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, entry.Name()), document, 0o644); err != nil { //nolint:gosec // public documents
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%d documents in %s\n", len(entries), folder)

	return err
}
