package dashboards

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// annotation marks moments on all charts of a dashboard, from a query that gives time,
// text and tags.
type annotation struct {
	name, queryName, color string
	on                     bool // shown from the start
}

// Moments that explain why a curve bends.
func sends(on bool) annotation {
	return annotation{"Campaign sends", "annotations/sends", sky, on}
}

func surges() annotation {
	return annotation{"Surges of customers at risk", "annotations/surges", orange, true}
}

func silences() annotation {
	return annotation{"Feed silent", "annotations/silences", vermillion, true}
}

func refits(on bool) annotation {
	return annotation{"Model learned", "annotations/refits", grey, on}
}

func changes() annotation {
	return annotation{"Configuration changed", "annotations/changes", purple, true}
}

func (a annotation) builder() cog.Builder[dashboard.AnnotationQuery] {
	return dashboard.NewAnnotationQueryBuilder().
		Name(a.name).
		Datasource(source()).
		Enable(a.on).
		Hide(false).
		IconColor(a.color).
		Target(queryBuilder{name: a.queryName, format: asTable})
}
