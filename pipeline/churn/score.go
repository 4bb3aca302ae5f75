package churn

import "math"

// Score is a probability in steps of 0.0001, from 0 to Certain.
type Score uint16

// Certain is the highest Score.
const Certain Score = 10_000

// Risk is the score as a probability from 0 to 1.
func (s Score) Risk() float64 { return float64(s) / float64(Certain) }

func quantize(p float64) Score { return Score(math.Round(p * float64(Certain))) }
