package own

import "errors"

// ErrFenced says that another owner has taken the partition over: what this
// one would publish or commit is refused, and it has to stop.
var ErrFenced = errors.New("another owner has taken over this partition")

// ErrNotHere says that what is waited for does not run in this instance, or not any
// more: another one runs it, and knows.
var ErrNotHere = errors.New("it does not run in this instance any more; ask the one that runs it, see ebb status")

// ErrNoRecord says that the input stream does not hold a record.
var ErrNoRecord = errors.New("the input stream holds no such record")

// ErrNoSnapshot says that the store of snapshots does not hold one, or not all
// of it.
var ErrNoSnapshot = errors.New("there is no snapshot of that name in the store")

// ErrMadeAgain tells the observer that a partition's state was lost and is made
// again from the input stream, which takes longer than a snapshot.
var ErrMadeAgain = errors.New("made again from the input stream")

// ErrDiverged says that a replay did not make the outputs that were published
// before: the logic, the configuration or the input is not what it was.
var ErrDiverged = errors.New("replaying the input gave other outputs than the published ones")

// ErrRecovery says that a partition can't go on from what is stored without
// skipping or repeating events. Its text says which remedy there is.
var ErrRecovery = errors.New("cannot recover the partition")

// ErrStopTimeout says that a stop was given up because what was read could not
// be stored in time. The next start makes it again.
var ErrStopTimeout = errors.New("not everything that was read could be stored before the stop's deadline")
