package churn

import "math"

// purses is what a customer has paid, less what was given back, in the two
// currencies that they order in most. The first is the one of most orders, of
// equally many the one that had as many first. With at most two currencies every
// amount counts. A third takes the place of the second once it has outnumbered
// it since (after Misra and Gries 1982), and begins with nothing.
type purses struct {
	value    [2]float32 // sum, faded like visits[overall]
	orders   [2]uint16  // amounts above 0; halved where they would overflow
	currency [2]Currency
}

// add adds an amount. What is given back takes away at most what there is, so
// that the return of an order which has faded since takes nothing from others;
// but where it comes before any order it waits for one.
func (p *purses) add(amount float64, currency Currency) {
	i, ok := p.place(currency, amount > 0)
	if !ok {
		return
	}
	sum := p.value[i] + float32(amount)
	if amount < 0 && p.orders[i] > 0 {
		sum = max(sum, min(p.value[i], 0))
	}
	p.value[i] = min(max(sum, -math.MaxFloat32), math.MaxFloat32)
	if amount < 0 {
		return
	}
	if p.orders[i] == math.MaxUint16 {
		p.orders[0] /= 2
		p.orders[1] /= 2
	}
	p.orders[i]++
	p.order()
}

// merge adds what somebody has paid who is the same. Sums of a currency add up, and so
// do the orders in it. A third currency takes the place of the second where it had more
// orders, which are then so many fewer, or is left out and takes as many from it.
func (p *purses) merge(o *purses) {
	for i := range o.currency {
		if o.used(i) {
			p.put(o.value[i], o.orders[i], o.currency[i])
		}
	}
}

// put adds sums and orders in a currency.
func (p *purses) put(value float32, orders uint16, currency Currency) {
	i, ok := p.place(currency, false)
	switch {
	case ok:
		p.value[i] = min(max(p.value[i]+value, -math.MaxFloat32), math.MaxFloat32)
		p.orders[i] = uint16(min(int(p.orders[i])+int(orders), math.MaxUint16))
	case orders > p.orders[1]:
		p.value[1], p.orders[1], p.currency[1] = value, orders-p.orders[1], currency
	default:
		p.orders[1] -= orders
	}
	p.order()
}

// order puts the currency of most orders first.
func (p *purses) order() {
	if p.orders[1] > p.orders[0] {
		p.value[0], p.value[1] = p.value[1], p.value[0]
		p.orders[0], p.orders[1] = p.orders[1], p.orders[0]
		p.currency[0], p.currency[1] = p.currency[1], p.currency[0]
	}
}

// place is where amounts of a currency add up.
func (p *purses) place(currency Currency, order bool) (int, bool) {
	for i := range p.currency {
		if p.currency[i] == currency && p.used(i) {
			return i, true
		}
	}
	for i := range p.currency {
		if !p.used(i) {
			p.value[i], p.currency[i] = 0, currency

			return i, true
		}
	}
	switch {
	case !order:
	case p.orders[1] > 0:
		p.orders[1]--
	default: // returns that waited for nothing
		p.value[1], p.currency[1] = 0, currency

		return 1, true
	}

	return 0, false
}

// used says whether there are orders, or returns that wait for one. It does not
// depend on how sums were rounded.
func (p *purses) used(i int) bool { return p.orders[i] > 0 || p.value[i] < 0 }

// fade is what time leaves of the sums.
func (p *purses) fade(by float32) {
	p.value[0] *= by
	p.value[1] *= by
}

// right says whether the purses are such as add leaves them.
func (p *purses) right() bool {
	for i := range p.value {
		if !(math.Abs(float64(p.value[i])) <= math.MaxFloat32) || p.currency[i] > maxCurrency {
			return false
		}
	}

	return p.orders[1] <= p.orders[0]
}
