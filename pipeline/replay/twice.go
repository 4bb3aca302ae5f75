package replay

import (
	"container/heap"
	"errors"
	"io"
	"math/rand/v2"
	"time"
)

// twice publishes every row twice: half of the copies next to the row, half
// between one and 48 hours later by the clock, or at the end of the file. A
// copy has to change nothing: it is a duplicate, or late where the lateness is
// over. A row too far ahead is copied next to itself only, for hours later it
// would be in time. Copies that wait are held in memory.
type twice struct {
	rows    rows
	judge   judge
	seed    uint64
	adjoint *placed // the copy that comes next
	waiting waiting
	clock   int64
	ended   bool
}

func (t *twice) next() (placed, error) {
	if t.adjoint != nil {
		p := *t.adjoint
		t.adjoint = nil

		return p, nil
	}
	if len(t.waiting) > 0 && (t.ended || t.waiting[0].due <= t.clock) {
		p := heap.Pop(&t.waiting).(delayed)

		return placed{payload: p.payload, clock: t.clock}, nil
	}
	if t.ended {
		return placed{}, io.EOF
	}
	p, err := t.rows.next()
	if errors.Is(err, io.EOF) {
		t.ended = true

		return t.next()
	}
	if err != nil {
		return placed{}, err
	}
	t.clock = p.clock
	random := rand.New(rand.NewPCG(t.seed, uint64(p.row)))
	if random.IntN(2) == 0 || t.judge.of(p.payload, p.clock) == tooFarAhead {
		t.adjoint = &p

		return p, nil
	}
	wait := time.Hour.Milliseconds() + random.Int64N(47*time.Hour.Milliseconds())
	heap.Push(&t.waiting, delayed{payload: p.payload, due: p.clock + wait})

	return p, nil
}

// delayed is a copy that waits for its time.
type delayed struct {
	payload
	due int64
}

// waiting is a heap of copies, the next due on top.
type waiting []delayed //nolint:recvcheck // as in container/heap: only Push and Pop change the slice itself

func (w waiting) Len() int      { return len(w) }
func (w waiting) Swap(i, j int) { w[i], w[j] = w[j], w[i] }
func (w waiting) Less(i, j int) bool {
	if w[i].due != w[j].due {
		return w[i].due < w[j].due
	}

	return w[i].row < w[j].row
}

func (w *waiting) Push(x any) { *w = append(*w, x.(delayed)) }

func (w *waiting) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]

	return last
}
