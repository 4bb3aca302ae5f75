package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ebb/pipeline/amount"
)

// scanPacked reads the layout that AppendHeader and AppendSeries write, as
// scanRollups does that of windows.
func scanPacked(data []byte) (Rollups, bool) {
	s := scanner{text: string(data), ok: true}
	out := Rollups{Header: s.header()}
	if !s.ok || out.Schema != PackedSchema || !slices.Contains(RollupTables(), out.Table) {
		return Rollups{}, false
	}
	s.expect(`,"series":[`)
	// One slice for the numbers of all series.
	numbers := make([]int64, 0, strings.Count(s.text, ",")+1)
	out.Series = make([]Series, 0, strings.Count(s.text, "{"))
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		var series Series
		series, numbers = s.series(numbers)
		if !s.ok || series.check(out.Table) != nil {
			return Rollups{}, false
		}
		out.Series = append(out.Series, series)
	}
	s.expect("}")
	if !s.ok || s.at != len(s.text) {
		return Rollups{}, false
	}

	return out, true
}

func (s *scanner) series(numbers []int64) (Series, []int64) {
	var out Series
	s.expect(`{"window":`)
	out.Window = s.string()
	if s.skip(`,"key":`) {
		out.Key = s.string()
	}
	if s.skip(`,"currency":`) {
		out.Currency = s.string()
	}
	s.expect(`,"end":`)
	out.End = s.int64()
	s.expect(`,"slide":`)
	out.Slide = s.int64()
	s.expect(`,"steps":`)
	out.Steps, numbers = s.numbers(numbers)
	s.expect(`,"events":`)
	out.Events, numbers = s.numbers(numbers)
	if s.skip(`,"customers":`) {
		out.Customers, numbers = s.numbers(numbers)
	}
	if s.skip(`,"values":`) {
		out.Values = s.amounts(len(out.Events))
	}
	s.expect("}")

	return out, numbers
}

// numbers appends an array to all, which has room for it, and hands out that
// part.
func (s *scanner) numbers(all []int64) (part, _ []int64) {
	start := len(all)
	s.expect("[")
	for ended := s.skip("]"); s.ok && !ended; {
		all = s.digits(all)
		all = append(all, s.int64())
		if ended = s.skip("]"); !ended {
			s.expect(",")
		}
	}

	return all[start:len(all):len(all)], all
}

// digits appends numbers of one digit, which nearly all are, for as long as another
// number follows.
func (s *scanner) digits(all []int64) []int64 {
	text := s.text[s.at:]
	for len(text) > 1 && text[0]-'0' <= 9 && text[1] == ',' {
		all = append(all, int64(text[0]-'0'))
		text = text[2:]
	}
	s.at = len(s.text) - len(text)

	return all
}

func (s *scanner) amounts(n int) []amount.Amount {
	values := make([]amount.Amount, 0, n)
	s.expect("[")
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		values = append(values, s.amount())
	}

	return values
}

// unmarshalPacked takes any JSON that says the same, and tells what is wrong
// with the rest.
func unmarshalPacked(data []byte) (Rollups, error) {
	var raw struct {
		Header
		Series []struct {
			Window    string  `json:"window"`
			Key       string  `json:"key"`
			Currency  string  `json:"currency"`
			End       int64   `json:"end"`
			Slide     int64   `json:"slide"`
			Steps     []int64 `json:"steps"`
			Events    []int64 `json:"events"`
			Customers []int64 `json:"customers"`
			Values    []value `json:"values"`
		} `json:"series"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return Rollups{}, fmt.Errorf("rollup message: %w", err)
	}
	if !slices.Contains(RollupTables(), raw.Table) {
		return Rollups{}, fmt.Errorf("rollup message: table %q has no series", raw.Table)
	}
	out := Rollups{Header: raw.Header}
	for i, r := range raw.Series {
		series := Series{
			Window: r.Window, Key: r.Key, Currency: r.Currency, End: r.End, Slide: r.Slide,
			Steps: r.Steps, Events: r.Events, Customers: r.Customers,
		}
		if r.Values != nil {
			series.Values = make([]amount.Amount, len(r.Values))
			for n := range r.Values {
				series.Values[n] = amount.Amount(r.Values[n])
			}
		}
		if err := series.check(raw.Table); err != nil {
			return Rollups{}, fmt.Errorf("rollup message: table %s, series %d of window %s: %w", raw.Table, i, r.Window, err)
		}
		out.Series = append(out.Series, series)
	}

	return out, nil
}
