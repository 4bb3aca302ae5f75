package churn

// Timers holds at most one time per customer and gives them back in order of
// time, then customer. Customers are dense indices from 0. It is a heap with
// four children to a node and a table from customer to node, so setting a
// customer's timer again moves it and leaves nothing stale behind: 16 bytes a
// customer, without pointers.
//
// The zero Timers is empty and ready. It is one goroutine's.
type Timers struct {
	at    []int64  // heap order
	who   []uint32 // the customer of the same node
	place []uint32 // by customer: the node plus 1, 0 where no timer is set
}

// NewTimers returns empty timers.
func NewTimers() *Timers { return &Timers{} }

// Len is how many timers are set.
func (t *Timers) Len() int { return len(t.at) }

// Bytes is the memory in use.
func (t *Timers) Bytes() int { return 8*cap(t.at) + 4*cap(t.who) + 4*cap(t.place) }

// Next is the earliest time, or Never.
func (t *Timers) Next() int64 {
	if len(t.at) == 0 {
		return Never
	}

	return t.at[0]
}

// Schedule sets the customer's one timer; Never removes it.
func (t *Timers) Schedule(customer uint32, at int64) {
	for int(customer) >= len(t.place) {
		t.place = append(t.place, 0)
	}
	node := int(t.place[customer]) - 1
	switch {
	case at == Never:
		if node >= 0 {
			t.remove(node)
		}
	case node < 0:
		t.at = append(t.at, at)
		t.who = append(t.who, customer)
		t.up(len(t.at) - 1)
	case t.at[node] != at:
		earlier := at < t.at[node]
		t.at[node] = at
		t.settle(node, earlier)
	}
}

// Due removes and returns the first timer if its time is now or earlier.
func (t *Timers) Due(now int64) (customer uint32, at int64, ok bool) {
	if t.Next() > now || len(t.at) == 0 {
		return 0, 0, false
	}
	customer, at = t.who[0], t.at[0]
	t.remove(0)

	return customer, at, true
}

// Reset removes every timer and keeps the memory.
func (t *Timers) Reset() {
	t.at, t.who = t.at[:0], t.who[:0]
	clear(t.place)
}

// Fill replaces every timer: customer c from 0 to customers−1 gets at(c). It
// takes linear time, less than setting them one by one.
func (t *Timers) Fill(customers uint32, at func(customer uint32) int64) {
	t.Reset()
	for customer := range customers {
		if time := at(customer); time != Never {
			t.append(customer, time)
		}
	}
	t.order()
}

// append adds a node without regard to order.
func (t *Timers) append(customer uint32, at int64) {
	for int(customer) >= len(t.place) {
		t.place = append(t.place, 0)
	}
	t.at = append(t.at, at)
	t.who = append(t.who, customer)
	t.place[customer] = uint32(len(t.at))
}

// order makes a heap of what append added.
func (t *Timers) order() {
	if len(t.at) < 2 {
		return
	}

	for node := (len(t.at) - 2) / arity; node >= 0; node-- {
		t.down(node)
	}
}

const arity = 4

func (t *Timers) remove(node int) {
	last := len(t.at) - 1
	t.place[t.who[node]] = 0
	if node != last {
		earlier := t.at[last] < t.at[node] || t.at[last] == t.at[node] && t.who[last] < t.who[node]
		t.set(node, t.at[last], t.who[last])
		t.at, t.who = t.at[:last], t.who[:last]
		t.settle(node, earlier)

		return
	}
	t.at, t.who = t.at[:last], t.who[:last]
}

func (t *Timers) settle(node int, earlier bool) {
	if earlier {
		t.up(node)
	} else {
		t.down(node)
	}
}

func (t *Timers) set(node int, at int64, customer uint32) {
	t.at[node], t.who[node] = at, customer
	t.place[customer] = uint32(node + 1)
}

func (t *Timers) up(node int) {
	at, customer := t.at[node], t.who[node]
	for node > 0 {
		parent := (node - 1) / arity
		if !before(at, customer, t.at[parent], t.who[parent]) {
			break
		}
		t.set(node, t.at[parent], t.who[parent])
		node = parent
	}
	t.set(node, at, customer)
}

func (t *Timers) down(node int) {
	at, customer := t.at[node], t.who[node]
	for {
		first := node*arity + 1
		if first >= len(t.at) {
			break
		}
		least := first
		for child := first + 1; child < min(first+arity, len(t.at)); child++ {
			if before(t.at[child], t.who[child], t.at[least], t.who[least]) {
				least = child
			}
		}
		if !before(t.at[least], t.who[least], at, customer) {
			break
		}
		t.set(node, t.at[least], t.who[least])
		node = least
	}
	t.set(node, at, customer)
}

func before(at int64, customer uint32, otherAt int64, other uint32) bool {
	return at < otherAt || at == otherAt && customer < other
}
