package shard

import (
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
	series    gathering
	messages  [4]packer // of series
	metrics   metricRows
	measuring metric.Event // scratch: the event as metrics see it
	plan      *countPlan   // of it

	settings *settings
	at       *place
	out      *outputs
	cutter   *cutter
}

// see counts an accepted event in all that follows from its classification, and gives it
// back as metrics see it, until the next one. An error means that the keys can no longer
// be trusted.
func (r *rollups) see(ev *event.Event, class *vocabulary.Class, vocab *vocabulary.Vocabulary, day calendar.Day) (_ *metric.Event, err error) {
	e := &r.measuring
	e.See(ev, class, vocab, nil, day)
	if r.plan, err = r.keys.planOf(r.windows, e); err != nil {
		return nil, err
	}
	r.windows.AddBundle(r.plan.bundle, e.Time)

	return e, nil
}

// measure counts the event that was seen in the metrics that look at it.
func (r *rollups) measure() error { return r.keys.count(r.windows, &r.measuring, r.plan) }

// count counts the event that was seen, of a customer: its value by its type, and the
// customer as one of those who were active.
func (r *rollups) count(ev *event.Event, class *vocabulary.Class, index uint32, who *customers.Customer) {
	if ev.Has(event.HasValue) {
		r.windows.AddSum(r.keys.ofType(class.Type, ev.Currency), ev.Time, windows.Sum(ev.Value))
	}
	if class.Kind == vocabulary.Exposure {
		return
	}
	r.windows.Touch(keyTotal, index, &who.Activity[keyTotal], ev.Time)
	if kind := kindKey(class.Kind); kind < customers.DistinctKeys {
		r.windows.Touch(kind, index, &who.Activity[kind], ev.Time)
	}
}
