package meaning

import (
	"cmp"
	"slices"
	"time"

	"ebb/pipeline/customers"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// LeastStoreStep is the least Config.StoreStep.
const LeastStoreStep = 30 * time.Second

// InOrder is the configuration as it is kept: lists whose order means nothing are
// in order, so that the same settings are the same bytes.
func (c Config) InOrder() Config {
	c.Vocabulary.Channels = c.Vocabulary.ChannelNames()
	c.Vocabulary.Types = slices.Clone(c.Vocabulary.Types)
	slices.SortStableFunc(c.Vocabulary.Types, func(a, b vocabulary.TypeConfig) int { return cmp.Compare(a.Type, b.Type) })
	c.Metrics = slices.Clone(c.Metrics)
	slices.Sort(c.Metrics)
	c.Rollups = slices.Clone(c.Rollups)
	slices.SortStableFunc(c.Rollups, func(a, b metric.Rollup) int { return cmp.Compare(a.Name, b.Name) })

	return c
}

// As is the configuration of a shard with another's identity: what is fixed for
// the life of a stream, and what is part of the program.
func (c Config) As(own *Config) Config {
	c.Partitions, c.Holdout, c.Lengths, c.StoreStep = own.Partitions, own.Holdout, own.Lengths, own.StoreStep
	c.Churn.Prior = own.Churn.Prior

	return c
}

// Windows is what the windows take.
func (c Config) Windows() windows.Config {
	return windows.Config{
		Lengths:      c.Lengths,
		Lateness:     c.Lateness.Milliseconds(),
		Skew:         c.Skew.Milliseconds(),
		DistinctKeys: customers.DistinctKeys,
	}
}
