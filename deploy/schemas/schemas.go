// Package schemas holds the JSON Schemas of ebb's messages and the AsyncAPI document
// of its subjects, as package pipeline/schema makes them of the code.
//
// NAME.vN.json is the schema of the messages of NAME whose field "schema" is N.
package schemas

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Files are the documents.
//
//go:embed *.json
var Files embed.FS

// AsyncAPI is the name of the AsyncAPI document.
const AsyncAPI = "asyncapi"

// Schema is what the AsyncAPI document says of one of the schemas.
type Schema struct {
	Message string `json:"message"` // a table, or event, signal or deadletter
	Version int    `json:"version"` // what its messages say in "schema"
	Title   string `json:"title"`
	Subject string `json:"subject"` // {words} stand for tokens
	Input   bool   `json:"input"`   // ebb reads it; it publishes the others
}

// Name is the name of the schema's file without its end.
func (s *Schema) Name() string { return s.Message + ".v" + strconv.Itoa(s.Version) }

// rank puts what most people look for before the tables.
func (s *Schema) rank() int {
	switch {
	case s.Input:
		return 0
	case s.Message == "signal":
		return 1
	case s.Message == "deadletter":
		return 2
	}

	return 3
}

// List gives all schemas: those of the input, of signals and of dead letters, then those
// of tables by their names.
func List() ([]Schema, error) {
	data, err := Read(AsyncAPI)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Channels map[string]struct {
			Address  string
			Messages map[string]any
		}
		Operations map[string]struct{ Action string }
		Components struct {
			Messages map[string]struct{ Title string }
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("the AsyncAPI document: %w", err)
	}
	var all []Schema
	for name, channel := range doc.Channels {
		for key := range channel.Messages {
			message, digits, _ := strings.Cut(key, ".v")
			version, err := strconv.Atoi(digits)
			if err != nil {
				return nil, fmt.Errorf("the AsyncAPI document: message %s: %w", key, err)
			}
			all = append(all, Schema{
				Message: message, Version: version, Title: doc.Components.Messages[key].Title,
				Subject: channel.Address, Input: doc.Operations[name].Action == "receive",
			})
		}
	}
	slices.SortFunc(all, func(a, b Schema) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Version, b.Version))
	})

	return all, nil
}

// Read is a document by its name: that of Schema.Name, or AsyncAPI.
func Read(name string) ([]byte, error) { return Files.ReadFile(name + ".json") }
