package metric

import (
	"embed"
	"fmt"
	"slices"

	"ebb/pipeline/wire"
)

//go:embed sql/*.sql
var proofs embed.FS

// Tables are the metrics that have a table: All, the rollups of users with the cuts of metrics, and the tables of
// cohorts and of censuses.
func Tables() []*Metric {
	tables := append(All(), Custom(), Cuts())
	for _, c := range AllCohorts() {
		tables = append(tables, c.Rows())
	}
	for _, c := range Censuses() {
		tables = append(tables, c.Rows())
	}

	return tables
}

// All are the metrics of this version, in the order of their pages.
func All() []*Metric {
	return []*Metric{
		interactions(),
		sentiment(),
		journey(),
		nps(), csat(), ces(), pyramid(),
		engagement(),
		sessions(),
		conversions(),
		crossings(),
		reading(), social(),
		orders(), spend(), leads(), messages(),
		loyalty(), service(), subscriptions(),
		fatigue(),
		recontact(),
		redundant(),
		paths(),
	}
}

// Proof is what Counts says, in SQL over the accepted events: a row for each that
// the metric takes, with partition, sequence, time, the dimensions, and what it adds
// to each measure, of a sum in millionths. It is the file of the metric's name in
// folder sql.
func (m *Metric) Proof() (string, error) {
	text, err := proofs.ReadFile("sql/" + m.Name + ".sql")
	if err != nil {
		return "", fmt.Errorf("metric %s has no proof: %w", m.Name, err)
	}

	return string(text), nil
}

// ByTable is the metric of a table, and its place in All; nil where there is none.
func ByTable(all []*Metric, table wire.Table) (*Metric, int) {
	i := slices.IndexFunc(all, func(m *Metric) bool { return m.Table() == table })
	if i < 0 {
		return nil, -1
	}

	return all[i], i
}
