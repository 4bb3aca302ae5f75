// Package calendar says on which day of a time zone an instant lies, and when days
// and weeks of the zone begin and end, clock changes included.
//
// It promises that the same zone data give the same days, and that nothing else
// matters: no wall clock, no local zone of the machine. Zone data are those of the
// machine, and where it has none those built into the program. An update of them can
// move the ends of days to come where a government has changed its clocks; days that
// have ended move only where the data were wrong about the past.
//
// A day is a number: days from 1970-01-01 on, as Date32 of ClickHouse has it. Weeks
// begin on Monday. Read calendar.go.
package calendar
