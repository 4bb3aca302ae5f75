// Package page writes the report of a backtest as one HTML page with plots.
//
// It promises a page that stands alone: no script, no font, no picture from
// elsewhere, and a policy in its head that forbids them. The plots are SVG made
// here. Customer ids in it are those of the log, escaped.
//
// Read page.go first, then plots.go (what is drawn) and plot.go (how).
package page
