// Package page writes the report of a backtest as one HTML page with plots.
//
// It promises a page that stands alone: no script, no font, no picture from
// elsewhere, and a policy in its head that forbids them. The plots are SVG made
// here. Customer ids in it are those of the log, escaped.
//
// It begins with what somebody has to know who pays for the signals: what they
// were worth in a sentence, money, how many come, and whom they would name at the
// end; then the plots, and the statistics last.
//
// Read page.go first, then named.go and portraits.go (customers), plots.go (what
// is drawn), plot.go (how) and tables.go (statistics).
package page
