package shard

import (
	"encoding/json"
	"fmt"

	"ebb/pipeline/fact"
	"ebb/pipeline/wire"
)

// pendingOutputs is what a shard has gathered since its last cut, as snapshots
// hold it: so one can be taken anywhere, above all where an owner stops, and
// the next cut is the same as without it.
type pendingOutputs struct {
	Rollups []Message               `json:"rollups,omitempty"`
	Late    []Message               `json:"late,omitempty"`
	Letters []Message               `json:"letters,omitempty"`
	Signals []wire.Signal           `json:"signals,omitempty"`
	Reports []fact.StatisticsReport `json:"reports,omitempty"`
	Feed    []wire.FeedRow          `json:"feed,omitempty"`
	Joins   []fact.JoinMark         `json:"joins,omitempty"`
	Moves   []fact.MoveMark         `json:"moves,omitempty"`
	Bytes   int                     `json:"bytes,omitempty"`
}

// appendPending appends nothing where nothing is pending, as right after a cut.
func (o *outputs) appendPending(dst []byte) []byte {
	if len(o.rollups)+len(o.late)+len(o.letters)+len(o.signals)+len(o.reports)+len(o.feed)+len(o.joins)+len(o.moves)+o.bytes == 0 {
		return dst
	}
	body, err := json.Marshal(pendingOutputs{o.rollups, o.late, o.letters, o.signals, o.reports, o.feed, o.joins, o.moves, o.bytes})
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("encode what is pending: %w", err) // the next cut, which needs the same, fails with it
	}

	return append(dst, body...)
}

// readPending reads what was pending. Reports about other terms than those of this
// program are not told: the shard reports again at the next interval.
func (r *restorer) readPending(body []byte) error {
	out := &r.shard.out
	if err := out.restore(body); err != nil {
		return err
	}
	if r.relearn {
		out.reports = nil
	}

	return nil
}

func (o *outputs) restore(part []byte) error {
	if len(part) == 0 {
		return nil
	}
	var p pendingOutputs
	if err := json.Unmarshal(part, &p); err != nil {
		return fmt.Errorf("what is pending: %w", err)
	}
	o.rollups, o.late, o.letters, o.signals, o.reports, o.feed, o.joins, o.moves, o.bytes =
		p.Rollups, p.Late, p.Letters, p.Signals, p.Reports, p.Feed, p.Joins, p.Moves, p.Bytes

	return nil
}
