package metric

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"ebb/pipeline/spelling"
)

// Bounds of what figures are held against.
const (
	MaxBenchmarks     = 10_000
	MaxBenchmarkBytes = 1 << 20
)

// ErrBenchmark says that what a figure is to be held against can't be used.
var ErrBenchmark = errors.New("a figure can't be held against it")

// Benchmark is what a figure is held against: a target of one's own, or what others
// have. It changes nothing that is published.
type Benchmark struct {
	Metric  string // by its name
	Figure  string // a figure or a measure of it
	Segment string // dimension=value; "" for all
	Value   float64
	AtMost  bool   // of targets: less is better
	Source  string // of benchmarks of others
}

// benchmarkHeader is the first line of a file.
const benchmarkHeader = "metric,segment,figure,value,source"

// ReadBenchmarks reads a file of figures of others: lines of metric, segment, figure,
// value and source below a header of these names. Errors are of ErrBenchmark and name
// line, field, value and remedy, all of them together.
func ReadBenchmarks(in io.Reader, known []Description) ([]Benchmark, error) {
	limited := &io.LimitedReader{R: in, N: MaxBenchmarkBytes + 1}
	reader := csv.NewReader(limited)
	reader.TrimLeadingSpace = true
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if err == nil {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	if err != nil || strings.Join(header, ",") != benchmarkHeader {
		return nil, fmt.Errorf("%w: line 1 is %q; write the header %s", ErrBenchmark, strings.Join(header, ","), benchmarkHeader)
	}
	var all []Benchmark
	var problems []error
	seen := make(map[Benchmark]int)
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := reader.FieldPos(0)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%w: %w", ErrBenchmark, err)
		case limited.N <= 0:
			return nil, fmt.Errorf("%w: the file has more than %d bytes; leave out what no figure is held against", ErrBenchmark, MaxBenchmarkBytes)
		case len(all) == MaxBenchmarks:
			return nil, fmt.Errorf("%w: line %d is behind %d others; leave out what no figure is held against", ErrBenchmark, line, MaxBenchmarks)
		}
		b, err := benchmarkOf(fields, known)
		if err == nil {
			key := Benchmark{Metric: b.Metric, Figure: b.Figure, Segment: b.Segment}
			if before, twice := seen[key]; twice {
				err = fmt.Errorf("%s.%s stands on line %d too; leave one of them out", b.Metric, b.Figure, before)
			}
			seen[key] = line
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%w: line %d: %w", ErrBenchmark, line, err))
		}
		all = append(all, b)
	}

	return all, errors.Join(problems[:min(len(problems), maxBenchmarkProblems)]...)
}

// maxBenchmarkProblems is how many problems of a file are told at once.
const maxBenchmarkProblems = 10

// benchmarkOf reads the fields of a line.
func benchmarkOf(fields []string, known []Description) (Benchmark, error) {
	if len(fields) != strings.Count(benchmarkHeader, ",")+1 {
		return Benchmark{}, fmt.Errorf("it has %d fields; write %s", len(fields), benchmarkHeader)
	}
	b := Benchmark{Metric: fields[0], Segment: fields[1], Figure: fields[2], Source: strings.TrimSpace(fields[4])}
	var err error
	if b.Value, err = finite(fields[3]); err != nil {
		return b, fmt.Errorf("value is %q; write a number such as 42 or 0.031, shares from 0 to 1", fields[3])
	}
	if b.Source == "" || len(b.Source) > MaxText {
		return b, fmt.Errorf("source is %.40q; say in 1 to %d bytes where the figure comes from", b.Source, MaxText)
	}

	err = b.check(known)

	return b, err
}

// ParseTarget reads METRIC.FIGURE>=VALUE, or <= where less is better, with
// ;DIMENSION=VALUE of the part that it is for.
func ParseTarget(text string, known []Description) (Benchmark, error) {
	var b Benchmark
	wrong := func(why string) (Benchmark, error) {
		return b, fmt.Errorf("%w: %q %s; write METRIC.FIGURE>=VALUE, such as nps.nps>=40 or nps.nps>=40;channel=web, and <= where less is better", ErrBenchmark, text, why)
	}
	rest, segment, _ := strings.Cut(text, ";")
	name, value, more := strings.Cut(rest, ">=")
	if !more {
		if name, value, b.AtMost = strings.Cut(rest, "<="); !b.AtMost {
			return wrong("says neither >= nor <=")
		}
	}
	metric, figure, parted := strings.Cut(strings.TrimSpace(name), ".")
	if !parted {
		return wrong("names no figure of a metric")
	}
	b.Metric, b.Figure, b.Segment = metric, figure, strings.TrimSpace(segment)
	var err error
	if b.Value, err = finite(value); err != nil {
		return wrong("has no number")
	}
	if err := b.check(known); err != nil {
		return b, fmt.Errorf("%w: %q: %w", ErrBenchmark, text, err)
	}

	return b, nil
}

func finite(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		err = strconv.ErrRange
	}

	return v, err
}

// check says whether v_benchmark has such a figure.
func (b *Benchmark) check(known []Description) error {
	figures := Headlines(known)
	i := slices.IndexFunc(figures, func(h Headline) bool { return h.Metric == b.Metric && h.Figure == b.Figure })
	if i < 0 {
		var names []string
		for _, h := range figures {
			names = append(names, h.Metric+"."+h.Figure)
		}
		name := b.Metric + "." + b.Figure
		remedy := "`ebb benchmark figures` lists them"
		if near := spelling.Nearest(name, names, max(2, len(name)/3)); near != "" {
			remedy = "did you mean " + near + "? " + remedy
		}

		return fmt.Errorf("there is no figure %s to hold against anything; %s", name, remedy)
	}
	dimension, value, parted := strings.Cut(b.Segment, "=")
	segments := figures[i].Segments
	switch {
	case b.Segment == "" && slices.Contains(segments, ""):
		return nil
	case b.Segment == "":
		return fmt.Errorf("segment is empty, and %s.%s does not add up over all; write %s=VALUE", b.Metric, b.Figure, segments[0])
	case !parted || value == "" || len(value) > MaxText || !slices.Contains(segments, dimension):
		var forms []string
		for _, s := range segments {
			if s == "" {
				forms = append(forms, "nothing, for all")
			} else {
				forms = append(forms, s+"=VALUE")
			}
		}

		return fmt.Errorf("segment is %q; %s.%s has %s", b.Segment, b.Metric, b.Figure, strings.Join(forms, " and "))
	}

	return nil
}
