package main

import (
	"runtime"
	"slices"
	"time"
)

// figures is what a run found. The parts that were not measured are left out.
type figures struct {
	Machine machine   `json:"machine"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`

	*decoderFigures
	*segmentFigures
	*shardFigures
	*memoryFigures
	*endToEndFigures
	*lagFigures
	*importFigures
	*backtestFigures
	*restartFigures
	*metricsFigures
}

// machine is what the figures depend on beside the program.
type machine struct {
	CPU    string  `json:"cpu,omitempty"`
	Cores  int     `json:"cores"`
	Memory int64   `json:"memory_bytes,omitempty"`
	OS     string  `json:"os"`
	Arch   string  `json:"arch"`
	Go     string  `json:"go"`
	Load   float64 `json:"load_1m"` // runnable processes before the run; above 1 a busy machine
}

func thisMachine() machine {
	m := machine{Cores: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH, Go: runtime.Version()}
	m.CPU, m.Memory, m.Load = describeMachine()

	return m
}

// median is the middle value; of an even number, the mean of the middle two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}

	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile is the smallest value that a share p of them does not exceed.
func percentile(values []int64, p float64) int64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	rank := int(p*float64(len(sorted)) + 0.9999999)

	return sorted[min(max(rank, 1), len(sorted))-1]
}
