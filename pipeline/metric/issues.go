package metric

import (
	"encoding/binary"

	"ebb/pipeline/vocabulary"

	"github.com/zeebo/xxh3"
)

// issuesBytes is the width of the column: of each of the two newest cases 6 its time, 4 a
// hash of the issue, 0 where it says none, and 1 the channel; 1 is not used, so that all
// columns fill their cache lines.
const (
	issuesBytes = 2 * issueBytes
	issueBytes  = 12
)

// recontactSpan is within what time a case about the same issue is the same one again.
const recontactSpan = 72 * 3_600_000

// issuesColumn is what a customer complained of.
func issuesColumn() *StateColumn {
	return &StateColumn{
		Name:       "issues",
		Definition: "The two newest cases that the customer opened: when, on which channel, and a hash of the issue.",
		Bytes:      issuesBytes,
		at:         atIssues,
		Takes:      opensCase,
		Observe: func(e *Event, state []byte) {
			copy(state[issueBytes:], state[:issueBytes])
			putMoment(state, e.Time)
			binary.LittleEndian.PutUint32(state[6:], e.issue())
			state[10] = e.Class.Channel
		},
	}
}

// opensCase are events of people who open a case.
func opensCase(class *vocabulary.Class, name string) bool {
	return People(class, name) && name == "case.opened"
}

// issue is a hash of what a case is about: of its property issue, else its product; 0
// where it says neither.
func (e *Event) issue() uint32 {
	if text := e.Property("issue").Text(); text != "" {
		return hashOf(xxh3.HashString(text))
	}
	if len(e.Product) > 0 {
		return hashOf(xxh3.Hash(e.Product))
	}

	return 0
}

// hashOf is a hash that is not 0.
func hashOf(hash uint64) uint32 { return max(uint32(hash), 1) }

// again says whether a case is about the same issue as one of the two before it, and
// whether that, the newer of them, was on another channel. A case that does not say its
// issue is about any.
func (e *Event) again() (again, elsewhere bool) {
	if e.Who == nil {
		return false, false
	}
	issue := e.issue()
	for at := atIssues; at < atIssues+issuesBytes; at += issueBytes {
		before := e.Who[at : at+issueBytes]
		then, of := momentOf(before), binary.LittleEndian.Uint32(before[6:])
		if then >= 0 && max(e.Time-then, then-e.Time) <= recontactSpan && (of == issue || of == 0 || issue == 0) {
			return true, before[10] != e.Class.Channel
		}
	}

	return false, false
}
