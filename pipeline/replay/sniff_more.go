package replay

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

// problems groups what is wrong with rows by what is wrong.
type problems struct {
	groups []problemGroup
	others int64 // rows of groups beyond maxProblems
}

type problemGroup struct {
	kind  string
	first string
	rows  int64
}

func (p *problems) add(problem error) {
	kind := kindOf(problem)
	for i := range p.groups {
		if p.groups[i].kind == kind {
			p.groups[i].rows++

			return
		}
	}
	if len(p.groups) == maxProblems {
		p.others++

		return
	}
	p.groups = append(p.groups, problemGroup{kind, problem.Error(), 1})
}

// kindOf is what is wrong without the row and the value.
func kindOf(problem error) string {
	var cell *cellError
	if errors.As(problem, &cell) {
		return cell.field.String() + cell.reason + cell.remedy
	}
	var refusal *event.Refusal
	if errors.As(problem, &refusal) {
		field := refusal.Field
		if strings.HasPrefix(field, "item ") { // of several events in a line
			_, field, _ = strings.Cut(field, ": ")
		}
		if i := strings.Index(field, "byte "); i >= 0 {
			field = field[:i]
		}

		return refusal.Reason.String() + field + refusal.Remedy
	}
	var row *RowError
	if errors.As(problem, &row) {
		return row.Column + row.Err.Error()
	}

	return problem.Error()
}

func (p *problems) words() []string {
	words := make([]string, 0, len(p.groups))
	for _, g := range p.groups {
		if g.rows > 1 {
			g.first += fmt.Sprintf(" (%d rows in all)", g.rows)
		}
		words = append(words, g.first)
	}
	if p.others > 0 {
		words = append(words, fmt.Sprintf("%d rows with other problems", p.others))
	}

	return words
}

// MoneySummary is what the rows of a file say of money in one currency.
type MoneySummary struct {
	Currency string        `json:"currency"` // "" where rows name none
	Paid     amount.Amount `json:"paid"`
	PaidRows int64         `json:"paid_rows"`
	Back     amount.Amount `json:"given_back"`
	BackRows int64         `json:"given_back_rows"`
}

// moneySums adds the money up. Currencies beyond the most that ISO 4217 has can't
// come: events with other codes are refused.
type moneySums struct {
	by        map[string]*MoneySummary
	worthless int64
}

func (m *moneySums) add(ev *event.Event, class vocabulary.Class) {
	if class.Money == vocabulary.MoneyNone {
		return
	}
	if !ev.Has(event.HasValue) {
		m.worthless++

		return
	}
	if m.by == nil {
		m.by = make(map[string]*MoneySummary)
	}
	sum := m.by[string(ev.Currency)]
	if sum == nil {
		sum = &MoneySummary{Currency: string(ev.Currency)}
		m.by[sum.Currency] = sum
	}
	if class.Money == vocabulary.MoneyOut || ev.Value.Sign() < 0 {
		sum.Back, sum.BackRows = sum.Back.Add(ev.Value.Abs()), sum.BackRows+1

		return
	}
	sum.Paid, sum.PaidRows = sum.Paid.Add(ev.Value), sum.PaidRows+1
}

func (m *moneySums) summaries() []MoneySummary {
	sums := make([]MoneySummary, 0, len(m.by))
	for _, sum := range m.by {
		sums = append(sums, *sum)
	}
	slices.SortFunc(sums, func(a, b MoneySummary) int { return cmp.Compare(a.Currency, b.Currency) })

	return sums
}

// mostRepeats bounds the rows that are compared, to some 40 MB.
const mostRepeats = 1 << 20

// repeats finds rows that say the same again.
type repeats struct {
	seen            map[uint64]struct{}
	repeated, alike int64
	full            bool
}

// add tells whether the row is to count.
func (r *repeats) add(row *Row, ev *event.Event) bool {
	if r.seen == nil {
		r.seen = make(map[uint64]struct{})
	}
	var h xxh3.Hasher
	_, _ = h.Write(ev.Customer) // never fails
	if row.OwnID {
		_, _ = h.Write(binary.LittleEndian.AppendUint64([]byte{0}, uint64(ev.Time)))
		_, _ = h.Write(ev.ID)
	} else { // all of the event behind its id, which comes first
		_, rest, _ := strings.Cut(string(row.Body), `",`)
		_, _ = h.WriteString("\x01" + rest)
	}
	key := h.Sum64()
	switch _, again := r.seen[key]; {
	case again && row.OwnID:
		r.repeated++

		return false
	case again:
		r.alike++
	case len(r.seen) < mostRepeats:
		r.seen[key] = struct{}{}
	default:
		r.full = true
	}

	return true
}

// Counts is how many rows would count: neither refused nor too late.
func (s *Summary) Counts() int64 {
	counts := s.Rows - s.Late - s.TooFarAhead
	for _, n := range s.DeadLetters {
		counts -= n
	}

	return max(counts, 0)
}

// words says to a person what of the file is as it should be, or not.
func (s *Summary) words() []string {
	var words []string
	if s.Encoding != utf8Name {
		words = append(words, "The file is written in "+s.Encoding+".")
	}
	if s.Repeated > 0 {
		words = append(words, fmt.Sprintf("Rows with the id and the time of another row of their customer: %d; they count once.", s.Repeated))
	}
	if s.Alike > 0 {
		words = append(words, fmt.Sprintf("Rows that are as another one in everything: %d; each of them counts. If they are the same event, "+
			"let a column that tells events apart be the id (fields.id).", s.Alike))
	}
	for _, m := range s.Money {
		currency := m.Currency
		if currency == "" {
			currency = "without a currency"
		}
		text := fmt.Sprintf("Money: %s %s paid (rows: %d)", m.Paid, currency, m.PaidRows)
		if m.BackRows > 0 {
			text += fmt.Sprintf(", %s given back (rows: %d)", m.Back, m.BackRows)
		}
		words = append(words, text+".")
	}
	if s.Worthless > 0 {
		words = append(words, fmt.Sprintf("Rows of types that carry money, without a value: %d.", s.Worthless))
	}

	return words
}
