package pipeline_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/inspect"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// The roster holds what asking for every customer gives, while the instance runs
// and after it has stopped: as of the clock, not as of the signals.
func TestRosterIsWhatAskingForEverybodyGives(t *testing.T) {
	const customers = 90
	config := smallConfig()
	config.Churn.CoolingAt, config.Churn.AtRiskAt = 0.3, 0.4
	m := newMemory()
	history(m, config, 7, 900, customers)
	// A tick far behind all events: silence is as of now.
	clock := m.records[len(m.records)-1].Clock + time.Hour.Milliseconds()
	for partition := range config.Partitions {
		m.append(event.Record{Stored: clock, Clock: clock, Partition: partition, Lane: event.LaneHistory, Control: event.ControlTick, Data: []byte("{}")})
	}
	instance, err := own.NewInstance(t.Context(), config, m.ports(), own.Options{Nonce: "a"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- instance.Run(ctx) }()
	if err := instance.WaitCommitted(ctx, m.last(config.Partitions)); err != nil {
		t.Fatal(err)
	}
	running, err := instance.Roster(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	stopped, err := instance.Roster(t.Context(), 5)
	if err != nil || !reflect.DeepEqual(running, stopped) {
		t.Errorf("running\n%+v\nstopped (%v)\n%+v", running, err, stopped)
	}

	want := shard.Roster{Clock: clock}
	for i := range customers {
		report, err := inspect.Inspect(t.Context(), config, m.inspectPorts(), fmt.Sprintf("c%d", i), nil)
		if errors.Is(err, inspect.ErrUnknownCustomer) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		once := report.Engaged && float64(report.Rhythm.Last-report.Rhythm.First) <= 0.01*float64(config.Churn.Horizon)
		group, of := &want.Risky, &want.Once
		switch report.Level {
		case "lapsed":
			group, of = &want.Lapsed, &want.Gone
		case "at_risk":
			if !once {
				want.AtRisk = append(want.AtRisk, *report)
			}
		default:
			continue
		}
		if group.Customers++; once {
			of.Customers++
			of.Last = max(of.Last, report.Rhythm.Last)
		}
		group.Last = max(group.Last, report.Rhythm.Last)
	}
	slices.SortFunc(want.AtRisk, func(a, b shard.CustomerReport) int { return cmp.Compare(b.ValueAtRisk, a.ValueAtRisk) })
	if len(want.AtRisk) <= 5 || want.Lapsed.Customers == 0 || want.Once.Customers+want.Gone.Customers == 0 {
		t.Fatalf("the history has too little of something: %d at risk, %+v, %+v, %+v", len(want.AtRisk), want.Lapsed, want.Once, want.Gone)
	}
	for i, got := range running.AtRisk {
		of := &want.AtRisk[i]
		if got.Customer != of.Customer && got.ValueAtRisk != of.ValueAtRisk {
			t.Errorf("%d is %s with %v, want %s with %v", i, got.Customer, got.ValueAtRisk, of.Customer, of.ValueAtRisk)
		}
		if got.Clock != clock || got.Rhythm.Silent != clock-got.Rhythm.Last || got.Risk <= 0 || got.Since == 0 {
			t.Errorf("%d is not as of now: %+v", i, got)
		}
	}
	for name, pair := range map[string][2]shard.RosterGroup{
		"at risk": {running.Risky, want.Risky}, "of these once": {running.Once, want.Once},
		"lapsed": {running.Lapsed, want.Lapsed}, "lapsed once": {running.Gone, want.Gone},
	} {
		if pair[0].Customers != pair[1].Customers || pair[0].Last != pair[1].Last {
			t.Errorf("%s: %+v, want %+v", name, pair[0], pair[1])
		}
	}
	if len(running.AtRisk) != 5 || running.Clock != clock {
		t.Errorf("%d listed at %d", len(running.AtRisk), running.Clock)
	}
}

// Whoever asks does not wait for ever.
func TestRosterEndsWithItsContext(t *testing.T) {
	m := newMemory()
	instance, err := own.NewInstance(t.Context(), smallConfig(), m.ports(), own.Options{Nonce: "a"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context()) // nothing runs that could answer
	cancel()
	if _, err := instance.Roster(ctx, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
