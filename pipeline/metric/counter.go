package metric

import (
	"strings"

	"ebb/pipeline/event"
	"ebb/pipeline/wire"
)

// Counter finds the row of an event in a rollup that a user declared. It belongs to
// one goroutine.
type Counter struct {
	Rollup
	fields []func(dst []byte, e *Event) []byte // each appends a part of the key
	types  map[string]bool                     // nil: all
	of     *Metric                             // that is cut; nil: events count
	priced bool                                // and that is by currency
	reader propertyReader
}

// NewCounter makes the counter of a valid rollup.
func NewCounter(r Rollup) *Counter {
	c := &Counter{Rollup: r, of: cutOf(r.Metric)}
	if c.of != nil {
		_, c.priced = c.of.dimension("currency")
	}
	for _, name := range r.By {
		c.fields = append(c.fields, c.field(name))
	}
	if len(r.Types) > 0 {
		c.types = make(map[string]bool)
		for _, t := range r.Types {
			c.types[t] = true
		}
	}

	return c
}

// field appends a field, or a value of the properties, as a part of a key.
func (c *Counter) field(name string) func([]byte, *Event) []byte {
	if d, own := c.own(name); own {
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, d.Of(e)) }
	}
	switch name {
	case "type":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Vocabulary.TypeName(e.Class.Type)) }
	case "kind":
		return func(dst []byte, e *Event) []byte {
			if e.Class.Machine {
				return AppendPart(dst, wire.KindMachine)
			}

			return AppendPart(dst, e.Class.Kind.String())
		}
	case "channel":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Vocabulary.ChannelNames[e.Class.Channel]) }
	case "session":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Session) }
	case "device":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Device) }
	case "campaign":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Campaign) }
	case "message":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Message) }
	case "product":
		return func(dst []byte, e *Event) []byte { return AppendPart(dst, e.Product) }
	}
	if f, known := customerFieldOf(name); known {
		return func(dst []byte, e *Event) []byte {
			if e.Class.Machine { // it is nobody
				return AppendPart(dst, "")
			}

			return AppendPart(dst, f.of(e))
		}
	}
	path := strings.Split(strings.TrimPrefix(name, propertyPrefix), ".")

	return func(dst []byte, e *Event) []byte { return AppendPart(dst, c.reader.key(e.Properties, path)) }
}

// Takes says whether an event counts in the rollup: none of a machine does.
func (c *Counter) Takes(e *Event) bool {
	return !e.Class.Machine && (c.types == nil || c.types[e.Vocabulary.TypeName(e.Class.Type)])
}

// Cuts says whether the rollup is the cut of a metric; see Fills.
func (c *Counter) Cuts() bool { return c.of != nil }

// Fills says whether the metric that is cut takes an event, and which slots it fills.
func (c *Counter) Fills(e *Event, row *Row) bool {
	fills, asked := c.of.Asked(&e.Class, e.TypeName())
	if !asked || !e.Has(c.of.Needs) {
		return false
	}
	row.Reset(fills)

	return c.of.Counts == nil || c.of.Counts(e, row)
}

// AppendKey appends the dimensions of the event's row: the rollup, up to three keys,
// the currency, and the metric of a cut.
func (c *Counter) AppendKey(dst []byte, e *Event) []byte {
	dst = AppendPart(dst, c.Name)
	for i := range MaxRollupBy {
		if i < len(c.fields) {
			dst = c.fields[i](dst, e)
		} else {
			dst = AppendPart(dst, "")
		}
	}

	return c.appendLast(dst, e)
}

// appendLast appends the dimensions behind the keys.
func (c *Counter) appendLast(dst []byte, e *Event) []byte {
	dst = AppendPart(dst, c.currency(e))
	if c.of != nil {
		dst = AppendPart(dst, c.Metric)
	}

	return dst
}

// AppendOther appends those of the row for what is beyond AtMost.
func (c *Counter) AppendOther(dst []byte, e *Event) []byte {
	dst = AppendPart(dst, c.Name)
	for i := range MaxRollupBy {
		text := ""
		if i < len(c.fields) {
			text = Other
		}
		dst = AppendPart(dst, text)
	}

	return c.appendLast(dst, e)
}

func (c *Counter) currency(e *Event) string {
	if (c.Value || c.priced) && e.Has(event.HasValue) {
		return string(e.Currency)
	}

	return ""
}

// IsOther says whether a row of Custom or of Cuts has nothing but Other in its keys: such rows
// don't count as one of AtMost.
func IsOther(by []string) bool {
	return by[1] == Other && (by[2] == "" || by[2] == Other) && (by[3] == "" || by[3] == Other)
}
