package schema

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/invopop/jsonschema"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
)

// Schema is a JSON Schema, or a part of one.
type Schema = jsonschema.Schema

// Document is the schema of one message.
type Document struct {
	Name    string // of the table, or event, signal or deadletter
	Version int    // what the message says in "schema"; of those that say nothing, 1
	Title   string // a few words
	Subject string // without the prefix; {words} stand for tokens
	Input   bool   // ebb reads it; it publishes the others
	Headers *Schema
	Schema  *Schema
}

// File is the document's name in a folder of them.
func (d *Document) File() string { return fmt.Sprintf("%s.v%d.json", d.Name, d.Version) }

// Documents are the schemas of all messages that ebb reads and publishes, by name and
// version: the messages in which its parts talk with each other are left out. root is
// the folder of the module's source, whose comments describe the fields.
func Documents(root string) ([]Document, error) {
	of, err := newReflector(root)
	if err != nil {
		return nil, err
	}
	all := []Document{event(), deadLetter()}
	for _, d := range []Document{
		{Name: "signal", Title: "Signal", Subject: "signals.{level}.{partition}.{customer}", Schema: of.schema(wire.Signal{})},
		of.row(wire.Late, "Late event", wire.LateEvent{}),
		of.row(wire.Levels, "Customers by risk level", wire.LevelsRow{}),
		of.row(wire.Pipeline, "Progress of a partition", wire.PipelineRow{}),
		of.row(wire.Feed, "Silence of the input", wire.FeedRow{}),
		of.row(wire.Quality, "Outcomes of published risks", wire.QualityRow{}),
	} {
		d.Version = wire.Schema
		setConst(d.Schema, "schema", wire.Schema)
		all = append(all, d)
	}
	enumerate(all)
	for _, table := range wire.RollupTables() {
		all = append(all, rollups(of, table), packedRollups(of, table))
	}
	for _, m := range metric.Tables() {
		all = append(all, metrics(of, m))
	}
	for i := range all {
		d := &all[i]
		d.Schema.Version = jsonschema.Version
		d.Schema.ID = jsonschema.ID(fmt.Sprintf("urn:ebb:schema:%s:%d", d.Name, d.Version))
		d.Schema.Title = d.Title
	}
	slices.SortFunc(all, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})

	return all, nil
}

// enumerate says which words fields of the messages may hold.
func enumerate(all []Document) {
	levels := []any{"healthy", "cooling", "at_risk", "lapsed"}
	words := map[string]map[string][]any{
		"signal": {
			"signal": {wire.Raised, wire.Cleared, wire.Alert},
			"level":  levels, "previous": levels,
			"rule": {"unusual", "worth"},
		},
		"feed": {"state": {wire.FeedSilent, wire.FeedBack, wire.FeedGivenUp}},
	}
	for i := range all {
		for name, allowed := range words[all[i].Name] {
			property(all[i].Schema, name).Enum = allowed
		}
	}
}

// row is the document of a message that is one row of a table.
func (r *reflector) row(table wire.Table, title string, value any) Document {
	d := Document{Name: string(table), Title: title, Subject: "rollups." + string(table) + ".{partition}", Schema: r.schema(value)}
	setConst(d.Schema, "table", table)

	return d
}
