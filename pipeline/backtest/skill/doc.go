// Package skill measures how good scores are that say how likely something
// is: how well they rank, and how well they are calibrated.
//
// It promises figures that don't depend on the order of the rows: rows with
// the same score are one Group and share their outcomes. A figure that can't be
// said, such as the AUC where nobody was lost, is NaN.
//
// It is pure and knows nothing of customers or events. Scores are any finite
// numbers, higher meaning more likely; Brier, CalibrationError and
// ObservedOverExpected want probabilities.
//
// Read groups.go first; then every figure is one short file.
package skill
