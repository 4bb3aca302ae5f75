package own

import (
	"cmp"
	"context"
	"slices"

	"ebb/pipeline/shard"
)

// Roster says who is at risk now in the partitions that run here, the first most of them one by one; most is at
// least 1. It may be called from any goroutine, while the instance runs and after
// it has stopped.
func (i *Instance) Roster(ctx context.Context, most int) (*shard.Roster, error) {
	all := &shard.Roster{AtRisk: []shard.CustomerReport{}}
	for _, o := range i.owners.here() {
		var part shard.Roster
		if err := o.ask(ctx, func(sh *shard.Shard) { part = sh.View().Roster(most) }); err != nil {
			return nil, err
		}
		all.Clock = max(all.Clock, part.Clock)
		all.AtRisk = append(all.AtRisk, part.AtRisk...)
		all.Risky.Add(&part.Risky)
		all.Once.Add(&part.Once)
		all.Lapsed.Add(&part.Lapsed)
		all.Gone.Add(&part.Gone)
	}
	slices.SortStableFunc(all.AtRisk, func(a, b shard.CustomerReport) int {
		return cmp.Or(cmp.Compare(b.ValueAtRisk, a.ValueAtRisk), cmp.Compare(b.VisitsAtRisk(), a.VisitsAtRisk()), cmp.Compare(a.Customer, b.Customer))
	})
	all.AtRisk = all.AtRisk[:min(most, len(all.AtRisk))]

	return all, nil
}

// ask hands the shard to f, in the goroutine that owns it, between two batches;
// once that has ended, in the caller's.
func (o *owner) ask(ctx context.Context, f func(*shard.Shard)) error {
	answered := make(chan struct{})
	select {
	case o.questions <- func() { f(o.shard); close(answered) }:
		<-answered
	case <-o.fed:
		f(o.shard)
	case <-ctx.Done():
		return context.Cause(ctx)
	}

	return nil
}
