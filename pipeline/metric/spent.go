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
			"amounts of other currencies are not in it.",
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
			spent = Spent{spent.Amount.Add(paid), currency, true}
			binary.LittleEndian.PutUint64(state, spent.Amount.Lo)
			binary.LittleEndian.PutUint64(state[8:], uint64(spent.Amount.Hi))
			copy(state[16:], currency[:])
			state[19] = 1
		},
	}
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
