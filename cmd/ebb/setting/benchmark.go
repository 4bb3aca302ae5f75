package setting

import (
	"errors"
	"fmt"
	"os"

	"ebb/pipeline/metric"
)

// BenchmarksConfig is what figures are held against. It changes nothing that is
// published.
type BenchmarksConfig struct {
	File    string   `name:"file" placeholder:"FILE" help:"Figures of others (CSV: metric,segment,figure,value,source), which ebb run holds yours against in view v_benchmark; ebb benchmark figures lists what there is. Empty: as they were loaded by hand."`
	Targets []string `name:"targets" placeholder:"ENTRY" help:"What you want: METRIC.FIGURE>=VALUE, or <= where less is better, with ;channel=NAME or ;currency=CODE of the part that it is for, such as nps.nps>=40 or sentiment.negative_share<=0.1;channel=social."`
}

// Validate says what is wrong with the targets, and with the file.
func (c *BenchmarksConfig) Validate() error {
	_, _, err := c.Read()

	return err
}

// Read gives the targets, and the figures of the file; nil without one.
func (c *BenchmarksConfig) Read() (targets, others []metric.Benchmark, err error) {
	if len(c.Targets) == 0 && c.File == "" {
		return nil, nil, nil
	}
	known := metric.Describe()
	var problems []error
	if len(c.Targets) > metric.MaxBenchmarks {
		return nil, nil, fmt.Errorf("benchmarks.targets has %d entries; set at most %d", len(c.Targets), metric.MaxBenchmarks)
	}
	seen := make(map[metric.Benchmark]string)
	for _, text := range c.Targets {
		target, err := metric.ParseTarget(text, known)
		if err != nil {
			problems = append(problems, fmt.Errorf("benchmarks.targets: %w", err))

			continue
		}
		key := metric.Benchmark{Metric: target.Metric, Figure: target.Figure, Segment: target.Segment}
		if before, twice := seen[key]; twice {
			problems = append(problems, fmt.Errorf("benchmarks.targets has %q and %q for one figure; leave one out", before, text))
		}
		seen[key] = text
		targets = append(targets, target)
	}
	if c.File != "" {
		if others, err = ReadBenchmarkFile(c.File); err != nil {
			problems = append(problems, fmt.Errorf("benchmarks.file: %w", err))
		}
	}

	return targets, others, errors.Join(problems...)
}

// ReadBenchmarkFile reads a file of figures of others.
func ReadBenchmarkFile(path string) ([]metric.Benchmark, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, err := metric.ReadBenchmarks(file, metric.Describe())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}

	return all, nil
}
