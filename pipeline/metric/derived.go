package metric

import (
	"embed"
	"fmt"
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
