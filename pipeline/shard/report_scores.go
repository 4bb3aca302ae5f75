package shard

import (
	"cmp"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/wire"
)

// ScorePoint is a customer's risk at one time.
type ScorePoint struct {
	At     int64       `json:"at"`
	Risk   float64     `json:"risk"` // 0 to 1
	Source ScoreSource `json:"source"`
}

// ScoreSource says where a score is from.
type ScoreSource string

// The sources of scores.
const (
	ScoreSignal  ScoreSource = "signal"  // as published then, by the model of then
	ScoreSilence ScoreSource = "silence" // since the last event, by the model of now
	ScoreAhead   ScoreSource = "ahead"   // to come if the silence goes on
)

// scoreSteps is how many steps the curve of a silence has; it has one point
// more.
const scoreSteps = 12

// silenceScores is how the risk grows in the present silence: from the last
// event over now up to the next raise, at most one horizon ahead.
func silenceScores(model *churn.Model, state *churn.State, now int64, next *Crossing) []ScorePoint {
	end := now + model.Horizon()
	if next != nil && next.Signal == wire.Raised {
		end = min(end, next.At)
	}
	var points []ScorePoint
	for _, at := range silenceTimes(min(state.Last(), now), now, end) {
		source := ScoreSilence
		if at > now {
			source = ScoreAhead
		}
		points = append(points, ScorePoint{at, model.Score(state, at).Risk(), source})
	}

	return points
}

// silenceTimes divides [last, end] into steps that are about alike, so that
// now, between the two, is one of the times. No time comes twice.
func silenceTimes(last, now, end int64) []int64 {
	before, after := now-last, end-now
	behind := 0
	if before > 0 {
		behind = scoreSteps
	}
	if before > 0 && after > 0 {
		share := float64(before) / (float64(before) + float64(after))
		behind = min(max(int(share*scoreSteps+0.5), 1), scoreSteps-1)
	}
	times := []int64{last}
	for i := range behind {
		times = append(times, last+int64(float64(before)*float64(i+1)/float64(behind)))
	}
	for i := range scoreSteps - behind {
		times = append(times, now+int64(float64(after)*float64(i+1)/float64(scoreSteps-behind)))
	}

	return slices.Compact(times)
}

// addSignalScores adds the scores with which the level changed.
func (r *CustomerReport) addSignalScores() {
	for _, change := range r.History {
		r.Scores = append(r.Scores, ScorePoint{change.At, change.Risk, ScoreSignal})
	}
	slices.SortStableFunc(r.Scores, func(a, b ScorePoint) int { return cmp.Compare(a.At, b.At) })
}
