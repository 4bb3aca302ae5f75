package fact

import "ebb/pipeline/churn"

// StartMark is the body of the control record that begins an import.
type StartMark struct {
	Import  string `json:"import"` // id: the digest of the file
	Source  string `json:"source"` // name, for people
	ShiftMS int64  `json:"shift_ms"`

	// Expired says, by the name of a window length, up to when retention has
	// removed its rows as the import begins, Unix ms: rows of windows that end
	// by then are not produced. A length that is missing has none.
	Expired map[string]int64 `json:"expired,omitempty"`
}

// EndMark is the body of the control record that ends an import.
type EndMark struct {
	Import  string `json:"import"`
	Aborted bool   `json:"aborted"`
}

// TickMark is the body of an import's tick.
type TickMark struct {
	// Coordinate counts the import's questions to the coordinator from 1; 0
	// for a tick that asks nothing.
	Coordinate uint64 `json:"coordinate,omitempty"`

	// Last says that no row of the import follows: all that is known is published, though
	// the import stays open where it has no end.
	Last bool `json:"last,omitempty"`
}

// StatisticsReport is what a shard tells the coordinator.
type StatisticsReport struct {
	Schema     int              `json:"schema"`
	Partition  int              `json:"partition"`
	Import     string           `json:"import,omitempty"` // the open import, if any
	Coordinate uint64           `json:"coordinate"`       // its question, or live the learning step
	Clock      int64            `json:"clock"`
	Step       int64            `json:"step"`       // the learning step of the clock
	Horizon    int64            `json:"horizon_ms"` // of the model, whose slots the steps count
	Parameters churn.Parameters `json:"parameters"` // in use
	Statistics churn.Statistics `json:"statistics"`
	Rows       []byte           `json:"rows"`             // to learn from; see churn.AppendRows
	Alerts     *AlertRound      `json:"alerts,omitempty"` // the newest; nil without a budget
}

// ModelFact is the coordinator's answer: the parameters to use from here on.
// Parameters of version 0 change nothing.
type ModelFact struct {
	Import     string           `json:"import,omitempty"`
	Coordinate uint64           `json:"coordinate"`
	Horizon    int64            `json:"horizon_ms,omitempty"` // that the parameters are learned for; 0: any
	Parameters churn.Parameters `json:"parameters"`
}
