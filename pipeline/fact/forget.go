package fact

import "ebb/pipeline/forget"

// ForgetMark is the body of the control record that has a customer forgotten: from its
// position on, and all that is of a time up to its own. The record names the customer,
// so it is erased too, as the last one; a ForgottenMark takes its place.
type ForgetMark struct {
	Customer string `json:"customer"`
}

// ForgottenMark is the body of the control record that says in place of one that was
// erased that somebody was forgotten.
type ForgottenMark struct {
	Customer forget.Hash `json:"customer"`
	Until    int64       `json:"until"` // Unix ms

	// From is the first record that names the customer in a partition that is not
	// theirs, where they were refused: what does is to be erased. 0: nothing does.
	From uint64 `json:"from,omitempty"`
}

// RemainsMark is the body of the control record that holds the rows of others, out of a
// record of history that was erased. It changes no state: the rows counted when they
// came.
type RemainsMark struct {
	Sequence uint64         `json:"sequence"` // of the record
	Rows     []RemainingRow `json:"rows"`
}

// RemainingRow is one of them.
type RemainingRow struct {
	Row   int    `json:"row"` // in the record, from 1
	Clock int64  `json:"clock"`
	Body  string `json:"body"`
}

// ErasedMark is the body of the control record that says that what was to be erased
// of a partition is.
type ErasedMark struct {
	To uint64 `json:"to"` // records up to this sequence, and all that was said from them
}
