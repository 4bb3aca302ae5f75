package shard

import (
	"ebb/pipeline/amount"
	"ebb/pipeline/calendar"
	"ebb/pipeline/customers"
	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// rollups count events in the windows that hold them, and publish the windows once they
// have ended or were corrected.
type rollups struct {
	windows   *windows.Set
	keys      *keys
	expired   expired
	series    seriesPacker
	metrics   metricRows
	measuring metric.Event // scratch: the event as metrics see it

	settings *settings
	at       *place
	out      *outputs
	cutter   *cutter
}

// measure counts an accepted event in the metrics that take it, and gives it back as they
// see it, until the next one. An error means that the keys can no longer be trusted.
func (r *rollups) measure(ev *event.Event, class vocabulary.Class, vocab *vocabulary.Vocabulary, who metric.Who, day calendar.Day) (*metric.Event, error) {
	r.measuring.See(ev, class, vocab, who, day)

	return &r.measuring, r.keys.count(r.windows, &r.measuring)
}

// count counts an accepted event of a customer in the totals and by its kind, channel
// and type.
func (r *rollups) count(ev *event.Event, class vocabulary.Class, index uint32, who *customers.Customer) {
	var value amount.Amount
	var currency []byte
	if ev.Has(event.HasValue) {
		value, currency = ev.Value, ev.Currency
	}
	kind := kindKey(class.Kind)
	r.windows.Add(kind, ev.Time, 0)
	r.windows.AddSum(r.keys.ofType(class.Type, currency), ev.Time, windows.Sum(value))
	if class.Kind == vocabulary.Exposure {
		return
	}
	r.windows.Add(keyTotal, ev.Time, 0)
	r.windows.Add(r.keys.channels[class.Channel], ev.Time, 0)
	r.windows.Touch(keyTotal, index, &who.Activity[keyTotal], ev.Time)
	if kind < customers.DistinctKeys {
		r.windows.Touch(kind, index, &who.Activity[kind], ev.Time)
	}
}
