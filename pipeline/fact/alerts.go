package fact

import (
	"errors"

	"ebb/windows/codec"
)

// RoundKey tells the rounds: the live one of a period, and that of a question
// of an import. The zero RoundKey is none.
type RoundKey struct {
	Import   string `json:"import,omitempty"`
	Question uint64 `json:"question,omitempty"` // of the import
	Period   int64  `json:"period"`             // counts alert_every from 1970 on, by the shard's clock
	Every    int64  `json:"every,omitempty"`    // alert_every, ms
}

// Worth is what an alert is worth: by value at risk, and where that is the same
// by risk. It is a whole number, so that it has one order everywhere.
type Worth uint64

// AlertRound is what a shard reports of its alerts.
type AlertRound struct {
	RoundKey

	// Member is false until the coordinator has heard of the partition: then
	// it has been decided without it, and it has no share of the budget.
	Member bool `json:"member"`

	From   int64 `json:"from"`   // first period in which the partition takes part; 0: not answered yet
	Asks   bool  `json:"asks"`   // no answer has come yet
	Budget int   `json:"budget"` // of all partitions

	Given int `json:"given,omitempty"` // by the answer, once it has come

	Lists []AlertList `json:"lists,omitempty"` // by currency; customers without a value come last
}

// AlertList is the candidates of a partition whose value is in one currency.
type AlertList struct {
	Currency  string `json:"currency,omitempty"` // "" for amounts without one, NoValue for customers without any
	Customers int    `json:"customers"`          // how many there are to be told of, candidates or not
	Worths    []byte `json:"worths"`             // of the candidates; see AppendWorths
}

// NoValue stands in AlertList.Currency where customers have no value.
const NoValue = "none"

// AlertsFact is the coordinator's answer to one partition: so many of the
// candidates of each of its lists, from the first on, may be alerted of. It
// changes nothing but in the round that it names, and there once.
type AlertsFact struct {
	RoundKey

	Takes []int `json:"takes,omitempty"` // by list
	From  int64 `json:"from"`            // first period in which the partition takes part
}

// AppendWorths appends worths that never grow: how many, the first, and by how
// much each of the others is less than the one before it.
func AppendWorths(dst []byte, worths []Worth) []byte {
	w := codec.To(dst)
	w.Uint(uint64(len(worths)))
	for i, worth := range worths {
		if i == 0 {
			w.Uint(uint64(worth))
		} else {
			w.Uint(uint64(worths[i-1] - worth))
		}
	}

	return w.Bytes()
}

// ErrWorths says that bytes are not worths that AppendWorths wrote.
var ErrWorths = errors.New("not a list of worths")

// ReadWorths reads what AppendWorths wrote, at most MaxAlertBudget of them.
func ReadWorths(data []byte) ([]Worth, error) {
	r := codec.From(data, ErrWorths)
	n := r.Count(1, "worths")
	if n > MaxAlertBudget {
		r.Fail("%d worths, at most %d can be", n, MaxAlertBudget)
	}
	if r.Err() != nil {
		return nil, r.Err()
	}
	worths := make([]Worth, n)
	for i := range worths {
		if i == 0 {
			worths[0] = Worth(r.Uint())
		} else {
			worths[i] = worths[i-1] - Worth(r.UintTo(uint64(worths[i-1]), "step to the next worth"))
		}
	}
	if err := r.End(); err != nil {
		return nil, err
	}

	return worths, nil
}

// MaxAlertBudget is the greatest alert budget. A report has at most so many
// candidates beside churn.MaxReportBytes of rows, and all of it fits into a
// message of 1 MiB.
const MaxAlertBudget = 10_000
