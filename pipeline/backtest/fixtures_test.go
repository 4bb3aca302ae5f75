package backtest

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/replay"
)

// begins is the first day of the logs here, 2026-01-01.
const begins = int64(1_767_225_600_000)

const csvHeader = "event_time,customer_id,event_type,value\n"

func textSource(text string) replay.Source {
	return replay.Source{Name: "events.csv", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
}

func mustMapping(t testing.TB, text string) *replay.Mapping {
	t.Helper()
	mapping, err := replay.ParseMapping([]byte(text))
	if err != nil {
		t.Fatal(err)
	}

	return mapping
}

// plainMapping is for files with csvHeader.
func plainMapping(t testing.TB) *replay.Mapping {
	t.Helper()
	mapping, err := replay.ShippedMapping("csv")
	if err != nil {
		t.Fatal(err)
	}

	return mapping
}

func options() ReadOptions {
	return ReadOptions{Lateness: 10 * time.Minute, Skew: 5 * time.Minute}
}

func mustRead(t testing.TB, text string) *Log {
	t.Helper()
	log, err := Read(t.Context(), textSource(text), plainMapping(t), options(), nil)
	if err != nil {
		t.Fatal(err)
	}

	return log
}

// csvRow is one line of a file, days after its beginning.
func csvRow(days float64, customer, eventType string) string {
	return fmt.Sprintf("%s,%s,%s,\n", at(days), customer, eventType)
}

func at(days float64) string {
	return time.UnixMilli(begins + int64(days*float64(dayMS))).UTC().Format(time.RFC3339Nano)
}

// shopFile is customers who come every few days, at rates of their own, and
// leave after some time; a few of their events qualify for nothing.
func shopFile(seed uint64, customers int, days float64) string {
	random := rand.New(rand.NewPCG(seed, 2))
	next := make([]float64, customers)
	every := make([]float64, customers)
	leaves := make([]float64, customers)
	for c := range customers {
		next[c] = days / 3 * random.Float64()
		every[c] = 1 + 8*random.Float64()
		leaves[c] = next[c] + days*1.3*random.Float64()
	}
	var b strings.Builder
	b.WriteString(csvHeader)
	for {
		first := 0
		for c := range customers {
			if next[c] < next[first] {
				first = c
			}
		}
		if next[first] > days {
			return b.String()
		}
		kind := "order.completed"
		if random.IntN(4) == 0 {
			kind = "page.viewed"
		}
		b.WriteString(csvRow(next[first], fmt.Sprintf("c%d", first), kind))
		next[first] += every[first] * random.ExpFloat64()
		if next[first] > leaves[first] {
			next[first] = days + 1
		}
	}
}

// tenDays is a configuration for logs of some months.
func tenDays() churn.Config {
	config := churn.Defaults().Fixed(0.3, 0.5)
	config.Horizon = 10 * dayMS

	return config
}

// learnedBy is how far the detector's weights are from the shipped prior's.
func learnedBy(e *engine) (by float64) {
	prior := churn.ShippedPrior().Parameters()
	for i, weight := range e.model.Parameters().Weights.Mean {
		by = max(by, math.Abs(weight-prior.Weights.Mean[i]))
	}

	return by
}

func configOf(resamples int) Config { return Config{Churn: tenDays(), Resamples: resamples, Seed: 4} }

func mustRun(t testing.TB, log *Log, config Config) *Report {
	t.Helper()
	report, err := Run(t.Context(), log, config, nil)
	if err != nil {
		t.Fatal(err)
	}

	return report
}
