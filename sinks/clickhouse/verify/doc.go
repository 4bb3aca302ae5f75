// Package verify proves the tables of a sink from the raw input stream, with
// nothing of ebb's own code in between: Load puts the stream into ClickHouse
// as it is, and Run derives every row again there, by its definition, in SQL,
// and compares.
//
// It promises that a row which is missing, too much or different is reported,
// whatever part of ebb made it so. Of signals it proves what their reasons say,
// numbers and English texts, the times, and what customers bring and in which
// currency; levels, risks and log-odds are the model's own. It reads the whole input, so it is for tests, demos and imports,
// not for a running installation of years.
//
// The Go code here only sends statements. The rules stand in folder sql: read
// rows.sql, clocks.sql, parsed.sql, verdicts.sql and total.sql in this order, and for
// signals histories.sql, moments.sql and reasons.sql. Inputs that the rules
// can't judge exactly are named at the top of parsed.sql.
//
// The scratch tables begin with verify_ and hold personal data: Drop removes
// them.
package verify
