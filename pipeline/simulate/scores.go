package simulate

import (
	"cmp"
	"slices"
	"time"
)

// Signal is a change of a customer's level, as a detector published it.
type Signal struct {
	Customer string
	At       int64 // Unix ms
	Alarm    bool  // the new level is the one in question or a worse one
}

// Scores say how well signals told of losses. An alarm lasts from a signal
// that raises it to the one that clears it. It is right if the customer was
// lost when it was raised, or was lost before it was cleared.
type Scores struct {
	Customers int
	Losses    int // customers lost before the end
	Alarms    int
	Right     int // alarms
	Detected  int // losses with a right alarm

	Precision   float64       // Right / Alarms, 0 without any
	Recall      float64       // Detected / Losses, 0 without any
	MedianDelay time.Duration // from the loss to its first right alarm; below 0 if that came before

	// FalsePerYear are the wrong alarms per year of a customer who is there.
	FalsePerYear float64
}

// Score compares signals, in order of time for each customer, with the truth
// at the end of a simulation (Unix ms). Signals of customers who are not part
// of the truth don't count.
func Score(signals []Signal, truth []Loss, end int64) Scores {
	byCustomer := make(map[string][]Signal)
	for _, signal := range signals {
		byCustomer[signal.Customer] = append(byCustomer[signal.Customer], signal)
	}
	var scores Scores
	var delays []int64
	var present int64
	for _, loss := range truth {
		scores.Customers++
		until := end
		if loss.LostAt != 0 {
			scores.Losses++
			until = loss.LostAt
		}
		present += max(0, until-loss.Joined)

		detected := false
		for _, alarm := range alarms(byCustomer[loss.Customer]) {
			scores.Alarms++
			if loss.LostAt == 0 || alarm.cleared <= loss.LostAt {
				continue
			}
			scores.Right++
			if !detected {
				detected = true
				scores.Detected++
				delays = append(delays, alarm.raised-loss.LostAt)
			}
		}
	}
	scores.Precision = ratio(scores.Right, scores.Alarms)
	scores.Recall = ratio(scores.Detected, scores.Losses)
	scores.MedianDelay = median(delays)
	if present > 0 {
		scores.FalsePerYear = float64(scores.Alarms-scores.Right) / (float64(present) / float64(365*day))
	}

	return scores
}

// alarm lasts from raised to cleared, never if it still stands.
type alarm struct{ raised, cleared int64 }

func alarms(signals []Signal) []alarm {
	var all []alarm
	standing := false
	for _, signal := range signals {
		switch {
		case signal.Alarm && !standing:
			all = append(all, alarm{raised: signal.At, cleared: never})
			standing = true
		case !signal.Alarm && standing:
			all[len(all)-1].cleared = signal.At
			standing = false
		}
	}

	return all
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 0
	}

	return float64(part) / float64(whole)
}

// median is the lower one of an even number, 0 of none.
func median(ms []int64) time.Duration {
	if len(ms) == 0 {
		return 0
	}
	slices.SortFunc(ms, cmp.Compare[int64])

	return time.Duration(ms[(len(ms)-1)/2]) * time.Millisecond
}
