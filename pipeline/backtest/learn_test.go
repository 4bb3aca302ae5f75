package backtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"ebb/pipeline/churn"
)

func mustLearn(t *testing.T, log *Log, config churn.Config) []churn.Row {
	t.Helper()
	rows, err := LearningRows(t.Context(), log, config)
	if err != nil {
		t.Fatal(err)
	}

	return rows
}

// So few customers are all drawn at every step, so the rows and their outcomes
// can be counted in the log: one for everybody known at a step, if a horizon
// after it is over.
func TestLearningRowsAreTheOutcomes(t *testing.T) {
	log := mustRead(t, shopFile(12, 150, 100))
	config := tenDays()
	slot := config.Horizon / 8
	known, lost := 0, 0
	for at := (log.First/slot + 1) * slot; (at+config.Horizon)/slot <= log.Last/slot; at += slot {
		before, after := make(map[uint32]bool), make(map[uint32]bool)
		for _, e := range log.Events {
			switch {
			case !e.Qualifying || e.Late:
			case e.Time < at:
				before[e.Customer] = true
			case e.Time < at+config.Horizon:
				after[e.Customer] = true
			}
		}
		for customer := range before {
			known++
			if !after[customer] {
				lost++
			}
		}
	}
	rows := mustLearn(t, log, config)
	gotLost := 0
	for i, row := range rows {
		switch row.Outcome {
		case churn.Lost:
			gotLost++
		case churn.Returned:
		default:
			t.Fatalf("row %d is not complete: %+v", i, row)
		}
	}
	if len(rows) != known || gotLost != lost || lost == 0 {
		t.Errorf("%d rows, %d of them lost; the log has %d and %d", len(rows), gotLost, known, lost)
	}
	if again := mustLearn(t, log, config); !slices.Equal(again, rows) {
		t.Error("the same log gives other rows")
	}
}

func TestLearningRowsRefuse(t *testing.T) {
	log := mustRead(t, shopFile(12, 20, 30))
	bad := tenDays()
	bad.Horizon = 0
	if _, err := LearningRows(t.Context(), log, bad); err == nil {
		t.Error("a horizon of 0 is taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := LearningRows(ctx, log, tenDays()); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// A prior that is fitted to two shops knows a third one before it has learned
// from it: cold, it errs less there than one that was fitted to anything.
func TestPriorOfLogs(t *testing.T) {
	wide := tenDays()
	wide.Prior = churn.WidePrior()
	var shops [][]churn.Row
	for _, seed := range []uint64{21, 22} {
		shops = append(shops, mustLearn(t, mustRead(t, shopFile(seed, 200, 100)), wide))
	}
	prior, err := churn.FitPrior(wide.Prior, shops)
	if err != nil {
		t.Fatal(err)
	}
	log := mustRead(t, shopFile(23, 200, 100))
	shipped, fitted := configOf(0), configOf(0)
	fitted.Churn.Prior = prior
	without, with := mustRun(t, log, shipped), mustRun(t, log, fitted)
	if !(with.Cold.Detector.Brier < without.Cold.Detector.Brier) || with.AUC < 0.6 {
		t.Errorf("cold Brier %v with the shops' prior, %v without; AUC %v and %v",
			with.Cold.Detector.Brier, without.Cold.Detector.Brier, with.AUC, without.AUC)
	}
	if with.Cold.ClosedForm != without.Cold.ClosedForm {
		t.Error("the prior has a say in the closed form")
	}
}
