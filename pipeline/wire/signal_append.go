package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// AppendSignal appends s as json.Marshal writes it, byte for byte, in half of the
// time: an import has tens of thousands. It fails where a figure is no number.
func AppendSignal(dst []byte, s *Signal) ([]byte, error) {
	for _, figure := range []float64{s.Risk, s.RiskUsual, s.Value, s.ValueAtRisk, s.RiskIfBack} {
		if math.IsNaN(figure) || math.IsInf(figure, 0) {
			return dst, fmt.Errorf("signal of customer %.60q: a figure is %v", s.Customer, figure)
		}
	}
	o := object{append(dst, '{')}
	o.int("schema", int64(s.Schema))
	o.text("id", s.ID)
	o.text("signal", s.Signal)
	o.text("customer", s.Customer)
	o.text("level", s.Level)
	o.text("previous", s.Previous)
	o.int("at", s.At)
	o.text("time", s.Time)
	o.figure("risk", s.Risk)
	o.int("horizon_ms", s.HorizonMS)
	o.int("episode", int64(s.Episode))
	o.int("last_event", s.LastEvent)
	o.text("last_time", s.LastTime)
	o.int("silent_ms", s.SilentMS)
	o.int("usual_ms", s.UsualMS)
	o.text("headline", s.Headline)
	if err := o.reasons("reasons", s.Reasons); err != nil {
		return dst, fmt.Errorf("signal of customer %.60q: %w", s.Customer, err)
	}
	o.textUnlessEmpty("rule", s.Rule)
	o.figureUnlessZero("risk_usual", s.RiskUsual)
	o.figure("value", s.Value)
	o.figure("value_at_risk", s.ValueAtRisk)
	o.textUnlessEmpty("currency", s.Currency)
	o.figureUnlessZero("risk_if_back", s.RiskIfBack)
	o.textUnlessEmpty("if_back", s.IfBack)
	o.trueUnlessFalse("holdout", s.Holdout)
	o.trueUnlessFalse("returned", s.Returned)
	o.textUnlessEmpty("joined", s.Joined)
	o.int("partition", int64(s.Partition))
	o.uint("version", s.Version)
	o.intUnlessZero("era", s.Era)
	o.uint("sequence", s.Sequence)
	o.intUnlessZero("row", int64(s.Row))

	return append(o.data, '}'), nil
}

// object is a JSON object on its way, to which fields are appended.
type object struct{ data []byte }

func (o *object) name(name string) {
	if o.data[len(o.data)-1] != '{' {
		o.data = append(o.data, ',')
	}
	o.data = append(append(append(o.data, '"'), name...), '"', ':')
}

func (o *object) int(name string, v int64) {
	o.name(name)
	o.data = strconv.AppendInt(o.data, v, 10)
}

func (o *object) uint(name string, v uint64) {
	o.name(name)
	o.data = strconv.AppendUint(o.data, v, 10)
}

func (o *object) text(name, v string) {
	o.name(name)
	o.data = appendEscaped(o.data, v)
}

func (o *object) figure(name string, v float64) {
	o.name(name)
	o.data = appendFigure(o.data, v)
}

func (o *object) intUnlessZero(name string, v int64) {
	if v != 0 {
		o.int(name, v)
	}
}

func (o *object) textUnlessEmpty(name, v string) {
	if v != "" {
		o.text(name, v)
	}
}

func (o *object) figureUnlessZero(name string, v float64) {
	if v != 0 {
		o.figure(name, v)
	}
}

func (o *object) trueUnlessFalse(name string, v bool) {
	if v {
		o.name(name)
		o.data = append(o.data, "true"...)
	}
}

func (o *object) reasons(name string, reasons []Reason) error {
	o.name(name)
	if reasons == nil {
		o.data = append(o.data, "null"...)

		return nil
	}
	o.data = append(o.data, '[')
	for i := range reasons {
		if i > 0 {
			o.data = append(o.data, ',')
		}
		if err := o.reason(&reasons[i]); err != nil {
			return err
		}
	}
	o.data = append(o.data, ']')

	return nil
}

func (o *object) reason(r *Reason) error {
	if math.IsNaN(r.LogOdds) || math.IsInf(r.LogOdds, 0) {
		return fmt.Errorf("the log-odds of reason %s are %v", r.Code, r.LogOdds)
	}
	o.data = append(o.data, '{')
	o.text("code", r.Code)
	o.figure("log_odds", r.LogOdds)
	o.text("text", r.Text)
	if len(r.Numbers) > 0 {
		o.name("numbers")
		o.data = append(o.data, '{')
		var room [8]string
		names := room[:0]
		for name := range r.Numbers {
			names = append(names, name)
		}
		slices.Sort(names)
		for i, name := range names {
			if i > 0 {
				o.data = append(o.data, ',')
			}
			o.data = append(appendEscaped(o.data, name), ':')
			o.data = strconv.AppendInt(o.data, r.Numbers[name], 10)
		}
		o.data = append(o.data, '}')
	}
	o.data = append(o.data, '}')

	return nil
}

// appendFigure appends a finite number as encoding/json does.
func appendFigure(dst []byte, v float64) []byte {
	if size := math.Abs(v); v != 0 && (size < 1e-6 || size >= 1e21) {
		exponential, _ := json.Marshal(v) // a finite number always marshals

		return append(dst, exponential...)
	}

	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// appendEscaped appends a string as encoding/json does: what HTML could take for
// something else is escaped, too.
func appendEscaped(dst []byte, s string) []byte {
	foreign := false
	for i := range len(s) {
		switch c := s[i]; {
		case c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f:
			return appendMarshaled(dst, s)
		case c > 0x7f:
			foreign = true
		}
	}
	if foreign && (!utf8.ValidString(s) || strings.ContainsAny(s, "\u2028\u2029")) {
		return appendMarshaled(dst, s)
	}

	return append(append(append(dst, '"'), s...), '"')
}

func appendMarshaled(dst []byte, s string) []byte {
	quoted, _ := json.Marshal(s) // a string always marshals

	return append(dst, quoted...)
}
