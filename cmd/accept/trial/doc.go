// Package trial runs `ebb demo` on a file of events as a process of its own,
// kills it where it is told to, and reads the rows that it left in ClickHouse.
// It is for tests of whole runs, and trusts nothing that ebb says of itself but
// the report.
//
// One run at a time may read rows: the ClickHouse engine holds one data folder
// per process.
//
// Read demo.go first, then kill.go and rows.go; compare.go compares what two
// programs left.
package trial
