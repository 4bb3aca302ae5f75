package wire

import (
	"math"
	"strconv"
)

// ScanSignal reads the layout that AppendSignal writes, as long as no text needs an
// escape, and says whether it was that. It takes less than half of the time that a
// reader of any JSON takes. The texts of the signal share memory with each other, not
// with data.
func ScanSignal(data []byte) (Signal, bool) {
	s := scanner{text: string(data), ok: true}
	out := s.signal()
	if !s.ok || s.at != len(s.text) {
		return Signal{}, false
	}

	return out, true
}

func (s *scanner) signal() Signal {
	var out Signal
	s.expect(`{"schema":`)
	out.Schema = s.int()
	out.ID = s.textOf(`,"id":`)
	out.Signal = s.textOf(`,"signal":`)
	out.Customer = s.textOf(`,"customer":`)
	out.Level = s.textOf(`,"level":`)
	out.Previous = s.textOf(`,"previous":`)
	out.At = s.wholeOf(`,"at":`)
	out.Time = s.textOf(`,"time":`)
	out.Risk = s.figureOf(`,"risk":`)
	out.HorizonMS = s.wholeOf(`,"horizon_ms":`)
	out.Episode = uint32(s.countOf(`,"episode":`, math.MaxUint32))
	out.LastEvent = s.wholeOf(`,"last_event":`)
	out.LastTime = s.textOf(`,"last_time":`)
	out.SilentMS = s.wholeOf(`,"silent_ms":`)
	out.UsualMS = s.wholeOf(`,"usual_ms":`)
	out.Headline = s.textOf(`,"headline":`)
	s.expect(`,"reasons":`)
	out.Reasons = s.reasons()
	if s.has(`,"rule":`) {
		out.Rule = s.textOf(`,"rule":`)
	}
	if s.has(`,"risk_usual":`) {
		out.RiskUsual = s.figureOf(`,"risk_usual":`)
	}
	out.Value = s.figureOf(`,"value":`)
	out.ValueAtRisk = s.figureOf(`,"value_at_risk":`)
	if s.has(`,"currency":`) {
		out.Currency = s.textOf(`,"currency":`)
	}
	if s.has(`,"risk_if_back":`) {
		out.RiskIfBack = s.figureOf(`,"risk_if_back":`)
	}
	if s.has(`,"if_back":`) {
		out.IfBack = s.textOf(`,"if_back":`)
	}
	out.Holdout = s.skip(`,"holdout":true`)
	out.Returned = s.skip(`,"returned":true`)
	if s.has(`,"joined":`) {
		out.Joined = s.textOf(`,"joined":`)
	}
	out.Partition = int(s.wholeOf(`,"partition":`))
	out.Version = s.countOf(`,"version":`, math.MaxUint64)
	if s.has(`,"era":`) {
		out.Era = s.wholeOf(`,"era":`)
	}
	out.Sequence = s.countOf(`,"sequence":`, math.MaxUint64)
	if s.has(`,"row":`) {
		out.Row = int(s.wholeOf(`,"row":`))
	}
	s.expect("}")

	return out
}

// reasons reads an array of them.
func (s *scanner) reasons() []Reason {
	if s.skip("null") {
		return nil
	}
	out := make([]Reason, 0, 3)
	s.expect("[")
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		out = append(out, s.reason())
	}

	return out
}

func (s *scanner) reason() Reason {
	var out Reason
	out.Code = s.textOf(`{"code":`)
	out.LogOdds = s.figureOf(`,"log_odds":`)
	out.Text = s.textOf(`,"text":`)
	if s.skip(`,"numbers":{`) {
		out.Numbers = make(map[string]int64, 4)
		for first := true; s.ok && !s.skip("}"); first = false {
			if !first {
				s.expect(",")
			}
			name := s.string()
			if _, twice := out.Numbers[name]; twice {
				s.ok = false // no JSON
			}
			out.Numbers[name] = s.wholeOf(":")
		}
	}
	s.expect("}")

	return out
}

// has says whether a literal comes next.
func (s *scanner) has(literal string) bool {
	if !s.skip(literal) {
		return false
	}
	s.at -= len(literal)

	return true
}

func (s *scanner) textOf(name string) string {
	s.expect(name)

	return s.string()
}

func (s *scanner) wholeOf(name string) int64 {
	s.expect(name)

	return s.int64()
}

func (s *scanner) countOf(name string, most uint64) uint64 {
	s.expect(name)
	n := s.uint64()
	if n > most {
		s.ok = false
	}

	return n
}

// figureOf reads a number without an exponent.
func (s *scanner) figureOf(name string) float64 {
	s.expect(name)
	start := s.at
	s.skip("-")
	s.uint64()
	if s.skip(".") {
		fraction := s.at
		for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
			s.at++
		}
		if s.at == fraction {
			s.ok = false
		}
	}
	value, err := strconv.ParseFloat(s.text[start:s.at], 64)
	if err != nil {
		s.ok = false
	}

	return value
}
