package metric

import (
	"slices"

	"ebb/pipeline/calendar"
)

// customerField is a field of the event's customer that rollups of users can be by: what
// they were before the event, in the order of the stream. Each has a few values, which
// are those of the segments of v_segments, v_stages and v_lifecycle.
type customerField struct {
	name  string
	reads string // the column that it reads; "" for none
	of    func(e *Event) string
}

// customerFields are those there are. The proof says the same in SQL.
func customerFields() []customerField {
	recency, frequency, monetary := recencyBins(), frequencyBins(), monetaryBins()

	return []customerField{
		{"level", "", func(e *Event) string { return levelNames()[e.Level] }},
		{"recency", "days_engaged", func(e *Event) string {
			engaged := e.Who.Engaged()
			if !engaged.By(e.Day) {
				return "never"
			}

			return recency.text(recency.of(int64(engaged.Since(e.Day))))
		}},
		{"frequency", "days_engaged", func(e *Event) string {
			engaged := e.Who.Engaged()

			return frequency.text(frequency.of(int64(engaged.Count(e.Day, frequencyDays))))
		}},
		{"monetary", "spent", func(e *Event) string { return monetary.text(monetary.of(clamped(e.Who.Spent().Amount))) }},
		{"lifecycle", "days_engaged", func(e *Event) string { return lifecycleOn(e.Who.Engaged(), e.Day) }},
		{"stage", "stage", func(e *Event) string { return e.Who.Stage().String() }},
	}
}

// lifecycleOn is the state of a customer in the 28 days up to a day, as v_lifecycle says
// it of the interval 28d. Who has not engaged yet is new.
func lifecycleOn(engaged Days, day calendar.Day) string {
	switch before := day - monthDays; {
	case !engaged.By(day):
		return "new"
	case !engaged.Within(day, monthDays):
		return "dormant"
	case engaged.First() > before:
		return "new"
	case engaged.Within(before, monthDays):
		return "returning"
	}

	return "resurrected"
}

// customerFieldOf is the field of a name.
func customerFieldOf(name string) (customerField, bool) {
	all := customerFields()
	i := slices.IndexFunc(all, func(f customerField) bool { return f.name == name })
	if i < 0 {
		return customerField{}, false
	}

	return all[i], true
}

// OfCustomers says whether the rollup is by a field of the customer.
func (r *Rollup) OfCustomers() bool {
	return slices.ContainsFunc(r.By, func(name string) bool {
		_, own := r.own(name)
		_, known := customerFieldOf(name)

		return known && !own
	})
}

// Ordered says whether the rows of the rollup follow from the order of the stream, as
// those of an Ordered metric do.
func (r *Rollup) Ordered() bool {
	of := cutOf(r.Metric)

	return r.OfCustomers() || of != nil && of.Ordered
}

// reads are the columns that the rollup reads.
func (r *Rollup) reads() (columns []string) {
	if of := cutOf(r.Metric); of != nil {
		columns = append(columns, of.Reads...)
	}
	for _, name := range r.By {
		if f, known := customerFieldOf(name); known && f.reads != "" {
			columns = append(columns, f.reads)
		}
	}

	return columns
}
