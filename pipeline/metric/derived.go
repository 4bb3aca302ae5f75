package metric

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed views/*.sql
var derivedViews embed.FS

// Derived is a view over the tables of others: figures that need no state of their
// own. What they derive from is proved row by row, so the view is all that they add.
type Derived struct {
	Name       string // a-z and _: the view is v_<name>
	Title      string
	Definition string
	Source     string // of the formulas, where they are not plain
	FedBy      string
	Columns    []Column // of the view, in its order; the first of role time orders it

	Query func() string // of the view; nil: the file of its name in folder views

	// Types are those of the columns, where to find them out takes long: ClickHouse reads
	// a view whose columns are declared without looking at what it reads.
	Types []string
}

// Deriveds are those of this version, in the order of their pages. A view may read
// those before it.
func Deriveds() []*Derived {
	return []*Derived{
		kindMix(),
		engagementIndex(),
		wordOfMouth(),
		acquisition(),
		cac(),
		campaignVariants(),
		channelConsistency(),
		fatigueDeciles(),
		levelFlow(),
		proxyPercentiles(),
		proxyRanks(),
		cutFigures(),
		benchmark(), // reads others
	}
}

// View is the name of the view.
func (d *Derived) View() string { return "v_" + d.Name }

// SQL is the query of the view.
func (d *Derived) SQL() (string, error) {
	if d.Query != nil {
		return d.Query(), nil
	}
	text, err := derivedViews.ReadFile("views/" + d.Name + ".sql")
	if err != nil {
		return "", fmt.Errorf("%s has no query: %w", d.Name, err)
	}

	return string(text), nil
}

// Declared are the columns with their types, as they stand in parentheses behind the
// name of the view; "" lets ClickHouse find them out.
func (d *Derived) Declared() string {
	if len(d.Types) == 0 {
		return ""
	}
	columns := make([]string, len(d.Types))
	for i, kind := range d.Types {
		columns[i] = d.Columns[i].Name + " " + kind
	}

	return strings.Join(columns, ", ")
}

// Describe is the description that follows from a declaration.
func (d *Derived) Describe() Description {
	description := Description{
		Name: d.Name, Title: d.Title, Definition: d.Definition, Source: d.Source, FedBy: d.FedBy,
		Table: d.View(), View: d.View(), ByView: true,
	}
	description.add(d.Columns...)
	description.Time = description.Of(InTime)[0].Name

	return description
}
