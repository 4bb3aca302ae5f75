package status

import (
	"fmt"
	"io"
	"time"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/shard"
)

// LossWarnings says in sentences, each with its remedy, what is lost beyond the
// bounds, by kind.
func LossWarnings(l shard.Loss) map[string]string {
	share := func(lost uint64) string {
		return fmt.Sprintf("%d of the last %d events (%.1f %%)", lost, l.Events, 100*float64(lost)/float64(l.Events))
	}
	warnings := map[string]string{}
	if l.LateBeyond() {
		warnings["late"] = share(l.Late) + " came later than the lateness and count in no window; " +
			"raise lateness to what your producers buffer, or look why they send so late"
	}
	if l.RefusedBeyond() {
		warnings["refused"] = share(l.Refused) + " were refused; `ebb deadletters list` shows which, why, and what to do"
	}
	if l.UnknownBeyond() {
		warnings["unknown_type"] = share(l.Unknown) + " are of types that the vocabulary lacks, so they are no engagement; " +
			"add them to vocabulary"
	}

	return warnings
}

// LossKinds are the kinds of LossWarnings, in the order in which they are told.
func LossKinds() []string { return []string{"late", "refused", "unknown_type"} }

// lossStatus is what recent events were lost.
type lossStatus struct {
	Since    time.Time `json:"since,omitzero"` // by the partitions' clocks
	Events   uint64    `json:"events"`
	Late     uint64    `json:"late"`
	Refused  uint64    `json:"refused"`
	Unknown  uint64    `json:"unknown_type"`
	Warnings []string  `json:"warnings"` // what is beyond its bound, and the remedy
}

func lossStatusOf(l shard.Loss) lossStatus {
	s := lossStatus{
		Since: term.TimeOf(l.Since), Events: l.Events, Late: l.Late, Refused: l.Refused, Unknown: l.Unknown, Warnings: []string{},
	}
	warnings := LossWarnings(l)
	for _, kind := range LossKinds() {
		if warning, ok := warnings[kind]; ok {
			s.Warnings = append(s.Warnings, warning)
		}
	}

	return s
}

// print shows the warnings, if there are any.
func (s *lossStatus) print(to io.Writer) {
	for _, warning := range s.Warnings {
		fmt.Fprintf(to, "\n%s\n", term.Wrapped("WARNING: "+warning+".", "         "))
	}
}
