package verify_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/event"
)

// What customers bring follows from what they paid and got back, in the
// currency of most of their orders: not from carts, nor from machines.
func TestValuesAreProved(t *testing.T) {
	c := engaged()
	s := newStream(12, c)
	for i := range 2_500 {
		s.clock += s.Int64N(60_000)
		if s.IntN(100) == 0 {
			s.clock += s.Int64N(8 * 3_600_000)
		}
		customer := fmt.Sprint("c-", s.IntN(40))
		name := []string{"order.completed", "order.completed", "Order Refunded", "cart.added", "page.viewed", "subscription.renewed"}[s.IntN(6)]
		currency := []string{"EUR", "EUR", "EUR", "USD", "USD", "JPY", ""}[(s.IntN(3)*s.IntN(4)+len(customer)*i%2)%7]
		value := fmt.Sprint(s.IntN(2000)-100, ".", s.IntN(100))
		if s.IntN(50) == 0 {
			value = "999999999999999.5"
		}
		s.add(event.Record{
			Clock: s.clock, Partition: event.PartitionOf(customer, c.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"%d","time":"%s","customer":"%s","type":"%s","value":%s,"currency":"%s","machine":%t}`,
				i, s.stamp(s.clock-s.Int64N(c.Lateness.Milliseconds())), customer, name, value, currency, s.IntN(10) == 0),
		})
	}
	s.ticks(event.LaneControl, s.clock+5_000)
	p := prove(t, c, s.records)
	p.settings.Windows = p.settings.Windows[:1]
	report := p.run(t)
	p.expectOK(t, report)
	compared := find(t, report, "values", "").Compared
	if compared < 300 {
		t.Errorf("the values of %d signals were compared", compared)
	}

	p.settings.Currency = "EUR"
	if found := find(t, p.only(t, "values"), "values", ""); found.Different < compared/30 {
		t.Errorf("as if only euros counted, %d of %d values are different: %+v", found.Different, compared, found)
	}
	p.settings.Currency = ""
	for i := range p.settings.Types {
		if p.settings.Types[i].Money < 0 {
			p.settings.Types[i].Money = 0
		}
	}
	if found := find(t, p.only(t, "values"), "values", ""); found.Different < compared/3 {
		t.Errorf("without refunds, %d of %d values are different: %+v", found.Different, compared, found)
	}
}
