// Package clock says what time it is for a partition.
//
// Time is input: live it is the time at which the server stored the record, in an
// import the time in the record's header. The clock never goes backwards, and inside
// an import only the import moves it: a frozen history stays frozen while owners tick.
//
// It promises that no single record takes the clock to where it can't come back from.
// Beyond it every event is late, and nobody is told of anything, until real time has
// caught up. Two bounds keep it:
//
//   - What a header says holds up to the store time plus the skew. A history record
//     beyond that is a dead letter, and moves nothing.
//   - A store time holds as far as it is plausible; see storeClock in store.go.
//
// All of it follows from the records alone. Read clock.go first, then store.go.
package clock
