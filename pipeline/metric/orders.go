package metric

import (
	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// The slots of orders.
const (
	ordersAll = iota
	ordersPaid
	ordersReturned
)

// orders is what customers pay and get back, of the types that carry money.
func orders() *Metric {
	return &Metric{
		Name:  "orders",
		Title: "Orders and revenue",
		Definition: "Orders and returns with what was paid and given back, by currency and channel. Which types carry money says the vocabulary (money); " +
			"an amount below 0 that is paid counts as a return. Amounts of different currencies don't add up.",
		Source: "average order value: revenue / orders",
		FedBy:  "events of types that carry money, such as order.completed, subscription.renewed and order.returned, with a value",
		By:     []Dimension{Currency(), Channel()},
		Code: func(e *Event) (uint32, bool) {
			code := uint32(e.Class.Channel) << 24
			if e.Has(event.HasValue) && len(e.Currency) > 0 {
				code |= uint32(e.Currency[0])<<16 | uint32(e.Currency[1])<<8 | uint32(e.Currency[2])
			}

			return code, true
		},
		Measures: []Measure{
			{Name: "payments", Definition: "orders and returns", Unit: "events", Slot: ordersAll},
			{Name: "orders", Definition: "events that carry what was paid, those without a value included", Unit: "orders", Slot: ordersPaid},
			{Name: "revenue", Definition: "sum of what was paid, before returns", Unit: "currency", Slot: ordersPaid, Sum: true},
			{Name: "returns", Definition: "events that carry what was given back", Unit: "returns", Slot: ordersReturned},
			{Name: "returned", Definition: "sum of what was given back, whatever its sign", Unit: "currency", Slot: ordersReturned, Sum: true},
		},
		Figures: []Figure{
			{Name: "net", Title: "Net revenue", Definition: "revenue less returned", Unit: "currency", SQL: "revenue - returned"},
			perCase("order_value", "AOV", "average order value: revenue per order, before returns", "currency", "revenue / orders", "orders"),
			perCase("net_order_value", "Net AOV", "revenue less returned, per order", "currency", "(revenue - returned) / orders", "orders"),
			perCase("return_rate", "Return rate", "returns per order", "share", "returns / orders", "orders"),
		},
		AtMost: 1000,
		Takes: func(class *vocabulary.Class, _ string) bool {
			return !class.Machine && class.Money != vocabulary.MoneyNone
		},
		Counts: func(e *Event, row *Row) bool {
			row.Count(ordersAll)
			slot := ordersPaid
			if e.Class.Money == vocabulary.MoneyOut || e.Has(event.HasValue) && e.Value.Sign() < 0 {
				slot = ordersReturned
			}
			row.Add(slot, e.amount())

			return true
		},
	}
}

// value is the event's value, in millionths.
func (e *Event) value() windows.Sum {
	if !e.Has(event.HasValue) {
		return windows.Sum{}
	}

	return windows.Sum(e.Value)
}

// amount is the magnitude of the event's value, in millionths.
func (e *Event) amount() windows.Sum {
	if !e.Has(event.HasValue) {
		return windows.Sum{}
	}

	return windows.Sum(e.Value.Abs())
}
