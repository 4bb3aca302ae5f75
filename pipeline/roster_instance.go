package pipeline

import (
	"cmp"
	"context"
	"slices"
)

// Roster says who is at risk now in the partitions that run here, the first most of them one by one; most is at
// least 1. It may be called from any goroutine, while the instance runs and after
// it has stopped.
func (i *Instance) Roster(ctx context.Context, most int) (*Roster, error) {
	all := &Roster{AtRisk: []CustomerReport{}}
	for _, o := range i.owners.here() {
		var part Roster
		if err := o.ask(ctx, func(shard *Shard) { part = shard.roster(most) }); err != nil {
			return nil, err
		}
		all.Clock = max(all.Clock, part.Clock)
		all.AtRisk = append(all.AtRisk, part.AtRisk...)
		all.Risky.add(&part.Risky)
		all.Once.add(&part.Once)
		all.Lapsed.add(&part.Lapsed)
		all.Gone.add(&part.Gone)
	}
	slices.SortStableFunc(all.AtRisk, func(a, b CustomerReport) int {
		return cmp.Or(cmp.Compare(b.ValueAtRisk, a.ValueAtRisk), cmp.Compare(b.visitsAtRisk(), a.visitsAtRisk()), cmp.Compare(a.Customer, b.Customer))
	})
	all.AtRisk = all.AtRisk[:min(most, len(all.AtRisk))]

	return all, nil
}

// ask hands the shard to f, in the goroutine that owns it, between two batches;
// once that has ended, in the caller's.
func (o *owner) ask(ctx context.Context, f func(*Shard)) error {
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
