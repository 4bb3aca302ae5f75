// Package wire holds the messages that ebb publishes: rollup rows, late events,
// levels, pipeline figures and signals, as JSON with a schema version.
//
// It promises that what Append… writes, Parse… reads back to the same value,
// and that a reader can depend on it alone: it imports nothing of the pipeline but amounts.
// It does not publish or store anything. Read rollups.go first.
//
// All times are Unix milliseconds UTC. Version is the stream sequence of the
// cut that produced a row, and Era the creation time of that stream: of two rows
// with the same key, the newer era, and within it the higher version, is the
// truth.
package wire

// Schema is the version of the message layouts in this package, but for those
// of PackedSchema.
const Schema = 1

// Table names a kind of row; it is also a token of the subject
// engagement.rollups.<table>.<partition>.
type Table string

// The tables that travel on the rollup stream.
const (
	Total    Table = "rollups_total"
	Kind     Table = "rollups_kind"
	Channel  Table = "rollups_channel"
	Type     Table = "rollups_type"
	Late     Table = "late"
	Levels   Table = "levels"
	Pipeline Table = "pipeline"
	Quality  Table = "quality"
	Feed     Table = "feed"
)

// KindMachine is the key of table rollups_kind under which the events of
// scanners and bots count, and nowhere else.
const KindMachine = "machine"

// RollupTables lists the tables whose rows are windows, in the order in which
// a cut publishes them.
func RollupTables() []Table { return []Table{Total, Kind, Channel, Type} }

// Header is what every message on the rollup stream says first.
type Header struct {
	Schema    int    `json:"schema"`        // of the message's layout
	Table     Table  `json:"table"`         // whose rows these are; the second last token of the subject
	Partition int    `json:"partition"`     // of the customers; counts add up over the partitions
	Version   uint64 `json:"version"`       // stream sequence of the cut that produced the row; of two, the higher is the truth
	Clock     int64  `json:"clock"`         // the partition's clock at that cut, Unix ms
	Era       int64  `json:"era,omitempty"` // when the input stream was made, Unix ms; versions of another one don't compare
}

// LateEvent is an event that came after its allowed lateness: it is in no
// window and no risk, but never silently lost.
type LateEvent struct {
	Header
	Sequence uint64 `json:"sequence"`      // of the event in the input stream
	Row      int    `json:"row,omitempty"` // in the record, from 1, where that holds rows of history
	Time     int64  `json:"time"`          // of the event, Unix ms
	Customer string `json:"customer"`      // whose event it is
	ID       string `json:"id"`            // of the event
	Type     string `json:"type"`          // of the event, as its producer wrote it
}

// LevelsRow is the population of one partition by risk level.
type LevelsRow struct {
	Header
	Time    int64 `json:"time"`    // end of the minute, Unix ms
	Healthy int64 `json:"healthy"` // customers of this level, as the others
	Cooling int64 `json:"cooling"` // less engaged than usual for them
	AtRisk  int64 `json:"at_risk"` // who will probably not engage within the horizon
	Lapsed  int64 `json:"lapsed"`  // silent for so long that they count as gone

	Left int64 `json:"left"` // customers who have left so far, in none of the levels any more
}

// PipelineRow says how far one partition has come and what became of its
// records. Every record is exactly one of the four counts.
type PipelineRow struct {
	Header
	Time        int64  `json:"time"`         // end of the minute, Unix ms
	Watermark   int64  `json:"watermark"`    // the clock less the allowed lateness, Unix ms
	Sequence    uint64 `json:"sequence"`     // of the last record in the input stream
	Processed   uint64 `json:"processed"`    // accepted events since the stream began
	Duplicates  uint64 `json:"duplicates"`   // events that came again, since then
	DeadLetters uint64 `json:"dead_letters"` // records that were set aside, since then
	LateDropped uint64 `json:"late_dropped"` // events that came after the allowed lateness, since then
}

// States of a FeedRow.
const (
	FeedSilent  = "silent"   // far fewer events than usual: signals are held
	FeedBack    = "back"     // as usual again
	FeedGivenUp = "given_up" // silent for too long: what was usual is forgotten, and learned anew
)

// FeedRow says that the input of one partition, as a whole or by one channel,
// has gone silent, or that a silence is over. One follows for each change, and
// one more once the last of the held signals is settled.
type FeedRow struct {
	Header
	Time     int64   `json:"time"`     // of the change, Unix ms
	Channel  string  `json:"channel"`  // "" for the input as a whole
	State    string  `json:"state"`    // silent, back, or given_up: silent for too long, what is usual is learned anew
	Since    int64   `json:"since"`    // when the silence began, as far as the counts tell, Unix ms
	Observed uint64  `json:"observed"` // events from then until the change
	Expected float64 `json:"expected"` // of them, by what is usual at these hours
	Held     uint64  `json:"held"`     // customers of the partition whose signal is held at Time
	Released uint64  `json:"released"` // signals of the partition ever held and then published
	Dropped  uint64  `json:"dropped"`  // those no longer due when the feed was back
}
