package metric

import (
	"encoding/binary"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

// spentBytes is the width of the column: a sum of 128 bits, and its currency.
const spentBytes = 16 + 4

// Spent is what a customer has paid so far, without what they got back.
type Spent struct {
	Amount   amount.Amount // millionths of the currency's unit
	Currency [3]byte       // zeroes for amounts without one
	Any      bool          // something was ever paid, or given back
}

// spentColumn is what a customer has paid.
func spentColumn() *StateColumn {
	return &StateColumn{
		Name: "spent",
		Definition: "What the customer has paid, without what they got back, exactly, in the currency of their first payment; " +
			"amounts of other currencies are not in it. Of who signs in: the sum of both ids, in the currency of the known one's first payment, where there was one.",
		Bytes: spentBytes,
		at:    atSpent,
		Takes: func(class *vocabulary.Class, _ string) bool { return class.Money != vocabulary.MoneyNone },
		Observe: func(e *Event, state []byte) {
			if !e.Has(event.HasValue) || e.Value == (amount.Amount{}) || e.Class.Money == vocabulary.MoneyNone {
				return
			}
			spent := spentOf(state)
			var currency [3]byte
			copy(currency[:], e.Currency)
			if spent.Any && spent.Currency != currency {
				return
			}
			paid := e.Value
			if e.Class.Money == vocabulary.MoneyOut {
				paid = e.Value.Abs().Neg()
			}
			putSpent(state, Spent{spent.Amount.Add(paid), currency, true})
		},
		Merge: mergeSpent,
	}
}

// mergeSpent adds what the other one has paid. Where both paid in different currencies,
// it stays what the known one has: which payment was the first, nobody knows any more.
func mergeSpent(into, from []byte) {
	spent, other := spentOf(into), spentOf(from)
	if !other.Any || spent.Any && spent.Currency != other.Currency {
		return
	}
	putSpent(into, Spent{spent.Amount.Add(other.Amount), other.Currency, true})
}

// putSpent writes what was paid, if anything was.
func putSpent(state []byte, s Spent) {
	binary.LittleEndian.PutUint64(state, s.Amount.Lo)
	binary.LittleEndian.PutUint64(state[8:], uint64(s.Amount.Hi))
	copy(state[16:], s.Currency[:])
	state[19] = 1
}

func spentOf(state []byte) Spent {
	s := Spent{Amount: amount.Amount{Lo: binary.LittleEndian.Uint64(state), Hi: int64(binary.LittleEndian.Uint64(state[8:]))}, Any: state[19] != 0}
	copy(s.Currency[:], state[16:19])

	return s
}

// Spent is what the customer has paid.
func (w Who) Spent() Spent {
	if w == nil {
		return Spent{}
	}

	return spentOf(w[atSpent : atSpent+spentBytes])
}
