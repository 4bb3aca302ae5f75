package simulate

// ordered is what a queue can hold.
type ordered[T any] interface{ before(other T) bool }

var (
	_ ordered[happening] = happening{}
	_ ordered[turn]      = turn{}
)

// queue is a binary heap, the earliest first.
type queue[T ordered[T]] struct{ items []T }

func (q *queue[T]) len() int { return len(q.items) }

func (q *queue[T]) first() T { return q.items[0] }

func (q *queue[T]) push(item T) {
	q.items = append(q.items, item)
	i := len(q.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !item.before(q.items[parent]) {
			break
		}
		q.items[i] = q.items[parent]
		i = parent
	}
	q.items[i] = item
}

func (q *queue[T]) pop() T {
	first, last := q.items[0], len(q.items)-1
	item := q.items[last]
	q.items = q.items[:last]
	if last > 0 {
		q.sink(item)
	}

	return first
}

// replace takes the first item out and puts another one in.
func (q *queue[T]) replace(item T) { q.sink(item) }

// sink fills the free place at the top.
func (q *queue[T]) sink(item T) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(q.items) {
			break
		}
		if child+1 < len(q.items) && q.items[child+1].before(q.items[child]) {
			child++
		}
		if !q.items[child].before(item) {
			break
		}
		q.items[i] = q.items[child]
		i = child
	}
	q.items[i] = item
}
