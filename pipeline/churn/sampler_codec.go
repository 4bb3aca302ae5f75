package churn

import (
	"errors"

	"ebb/windows/codec"
)

// ErrSampler says that bytes are not a Sampler that AppendBinary wrote.
var ErrSampler = errors.New("churn: not a sampler")

const (
	pendingSize = 8 + 4 + 4*4 + features + judgedSize
	endedSize   = 8 + RowSize

	judgedSize = 1 + 1 + 2 // segment, overlap and risk
)

// AppendBinary appends the sampler: its step, the counts of the week, the
// pending rows and the complete ones, each after their number. Fixed numbers.
func (s *Sampler) AppendBinary(dst []byte) []byte {
	w := codec.To(dst)
	w.Fixed64(uint64(s.step))
	w.Fixed32(uint32(len(s.week)))
	for _, n := range s.week {
		w.Fixed64(uint64(n))
	}
	w.Fixed32(uint32(len(s.pending)))
	for i := range s.pending {
		s.pending[i].write(&w)
	}
	w.Fixed32(uint32(len(s.complete)))
	for i := range s.complete {
		e := &s.complete[i]
		w.Fixed64(uint64(e.step))
		w = codec.To(AppendRows(w.Bytes(), []Row{e.row}))
	}

	return w.Bytes()
}

func (p *pending) write(w *codec.Writer) {
	w.Fixed64(uint64(p.at))
	w.Fixed32(p.customer)
	for _, f := range [...]float32{p.pace.repeats, p.pace.exposure, p.pace.visits, p.pace.over} {
		w.Float32(f)
	}
	for _, step := range p.terms {
		w.Byte(byte(step))
	}
	w.Byte(byte(p.segment))
	w.Byte(p.overlap)
	w.Fixed16(uint16(p.risk))
}

// Restore replaces the sampler by the one in src, all of it. Customers have to
// be below customers. The error wraps ErrSampler.
func (s *Sampler) Restore(src []byte, customers uint32) error {
	r := codec.From(src, ErrSampler)
	restored := Sampler{partitions: s.partitions, slot: s.slot, step: int64(r.Fixed64())}
	restored.due = (restored.step + 1) * s.slot
	if hours := int(r.Fixed32()); hours != len(s.week) {
		r.Fail("%d hours of the week, want %d", hours, len(s.week))
	}
	if s.week != nil {
		restored.week = make([]int64, hoursPerWeek)
	}
	for i := range restored.week {
		restored.week[i] = int64(r.Fixed64())
	}
	count := int(r.Fixed32())
	if count > min(mostPending, r.Len()/pendingSize) {
		r.Fail("%d rows in %d bytes", count, r.Len())
	}
	for i := 0; i < count && r.Err() == nil; i++ {
		restored.pending = append(restored.pending, readPending(&r, customers))
	}
	restored.readComplete(&r)
	if err := r.End(); err != nil {
		return err
	}
	*s = restored

	return nil
}

func readPending(r *codec.Reader, customers uint32) pending {
	p := pending{at: int64(r.Fixed64()), customer: r.Fixed32()}
	for _, f := range [...]*float32{&p.pace.repeats, &p.pace.exposure, &p.pace.visits, &p.pace.over} {
		*f = r.Float32()
	}
	for i := range p.terms {
		p.terms[i] = int8(r.Byte())
	}
	p.segment, p.overlap = Segment(r.Byte()), r.Byte()
	p.risk = Score(r.Fixed16())
	if p.customer >= customers && p.customer != Nobody || !inRange(p.at) || !p.pace.valid() {
		r.Fail("a row of customer %d of %d at %d", p.customer, customers, p.at)
	}
	if p.segment >= Segments || p.risk > Certain {
		r.Fail("a row of segment %d, risk %d", p.segment, p.risk)
	}

	return p
}

// readComplete reads what is left.
func (s *Sampler) readComplete(r *codec.Reader) {
	count := int(r.Fixed32())
	if count > mostComplete || r.Len() != count*endedSize {
		r.Fail("%d complete rows in %d bytes", count, r.Len())

		return
	}
	for range count {
		step := int64(r.Fixed64())
		rows, err := ReadRows(r.Take(RowSize))
		if err != nil {
			r.Fail("%w", err)

			return
		}
		if step < 0 || step > s.step || !rows[0].Outcome.Complete() {
			r.Fail("a complete row of step %d of %d, outcome %d", step, s.step, rows[0].Outcome)

			return
		}
		s.complete = append(s.complete, ended{rows[0], step})
	}
}
