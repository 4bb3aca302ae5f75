package shard

import (
	"slices"
	"strconv"

	"ebb/pipeline/customers"
	"ebb/pipeline/fact"
	"ebb/windows"
)

// movingKeys are the keys of windows that count customers, by what a trace calls them.
var movingKeys = [customers.DistinctKeys]string{keyTotal: "", keyPassive: "passive", keyMicro: "micro", keyActive: "active"}

// tellTrace puts a trace into a record.
func tellTrace(kind string, trace *windows.Trace) fact.Trace {
	told := fact.Trace{Kind: kind, Newest: trace.Newest}
	for _, tier := range trace.Tiers {
		steps := slices.Clone(tier.Slices)
		for i := len(steps) - 1; i > 0; i-- {
			steps[i] -= steps[i-1]
		}
		told.Active = append(told.Active, fact.Slices{Slide: tier.Slide, Steps: steps})
	}

	return told
}

// readTraces reads what tellTrace wrote, by the key. Nothing may lie behind a time.
func readTraces(told []fact.Trace, until int64) (map[windows.Key]*windows.Trace, error) {
	traces := make(map[windows.Key]*windows.Trace, len(told))
	for _, one := range told {
		key := slices.Index(movingKeys[:], one.Kind)
		switch {
		case key < 0 || traces[windows.Key(key)] != nil:
			return nil, refuseUnreadableControl("kind", one.Kind, "every kind that counts customers stands at most once")
		case one.Newest < windows.MinTime || one.Newest > until:
			return nil, refuseUnreadableControl("newest", strconv.FormatInt(one.Newest, 10), "it lies ahead of the clock by more than events may")
		}
		trace := &windows.Trace{Newest: one.Newest}
		for _, active := range one.Active {
			tier := windows.TierTrace{Slide: active.Slide, Slices: make([]int64, len(active.Steps))}
			for i, step := range active.Steps {
				if i > 0 && (step < 1 || step > windows.MaxTime) {
					return nil, refuseUnreadableControl("steps", strconv.FormatInt(step, 10), "slices go on in time")
				}
				tier.Slices[i] = step
				if i > 0 {
					tier.Slices[i] += tier.Slices[i-1]
				}
			}
			trace.Tiers = append(trace.Tiers, tier)
		}
		traces[windows.Key(key)] = trace
	}

	return traces, nil
}
