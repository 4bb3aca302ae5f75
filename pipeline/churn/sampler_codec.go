package churn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrSampler says that bytes are not a Sampler that AppendBinary wrote.
var ErrSampler = errors.New("churn: not a sampler")

const (
	pendingSize = 8 + 4 + 4*4 + features + judgedSize
	endedSize   = 8 + RowSize

	judgedSize = 1 + 1 + 2 // segment, overlap and risk
)

// AppendBinary appends the sampler: its step, the counts of the week, the
// pending rows and the complete ones, each after their number. Little endian.
func (s *Sampler) AppendBinary(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(s.step))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s.week)))
	for _, n := range s.week {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(n))
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s.pending)))
	for i := range s.pending {
		p := &s.pending[i]
		dst = binary.LittleEndian.AppendUint64(dst, uint64(p.at))
		dst = binary.LittleEndian.AppendUint32(dst, p.customer)
		for _, f := range [...]float32{p.pace.repeats, p.pace.exposure, p.pace.visits, p.pace.over} {
			dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(f))
		}
		for _, step := range p.terms {
			dst = append(dst, byte(step))
		}
		dst = append(dst, byte(p.segment), p.overlap)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(p.risk))
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s.complete)))
	for i := range s.complete {
		e := &s.complete[i]
		dst = binary.LittleEndian.AppendUint64(dst, uint64(e.step))
		dst = AppendRows(dst, []Row{e.row})
	}

	return dst
}

// Restore replaces the sampler by the one in src, all of it. Customers have to
// be below customers. The error wraps ErrSampler.
func (s *Sampler) Restore(src []byte, customers uint32) error {
	r := samplerReader{rest: src}
	restored := Sampler{partitions: s.partitions, slot: s.slot, step: int64(r.word())}
	restored.due = (restored.step + 1) * s.slot
	if hours := int(r.half()); hours != len(s.week) {
		return fmt.Errorf("%w: %d hours of the week, want %d", ErrSampler, hours, len(s.week))
	}
	if s.week != nil {
		restored.week = make([]int64, hoursPerWeek)
	}
	for i := range restored.week {
		restored.week[i] = int64(r.word())
	}
	count := int(r.half())
	if count > min(mostPending, len(r.rest)/pendingSize) {
		return fmt.Errorf("%w: %d rows in %d bytes", ErrSampler, count, len(r.rest))
	}
	for range count {
		p := pending{at: int64(r.word()), customer: r.half()}
		for _, f := range [...]*float32{&p.pace.repeats, &p.pace.exposure, &p.pace.visits, &p.pace.over} {
			*f = math.Float32frombits(r.half())
		}
		part := r.take(features + judgedSize)
		if part == nil {
			break
		}
		for i := range p.terms {
			p.terms[i] = int8(part[i])
		}
		judged := part[features:]
		p.segment, p.overlap = Segment(judged[0]), judged[1]
		p.risk = Score(binary.LittleEndian.Uint16(judged[2:]))
		if p.customer >= customers && p.customer != Nobody || !inRange(p.at) || !p.pace.valid() {
			return fmt.Errorf("%w: a row of customer %d of %d at %d", ErrSampler, p.customer, customers, p.at)
		}
		if p.segment >= Segments || p.risk > Certain {
			return fmt.Errorf("%w: a row of segment %d, risk %d", ErrSampler, p.segment, p.risk)
		}
		restored.pending = append(restored.pending, p)
	}
	if err := restored.readComplete(&r); err != nil {
		return err
	}
	*s = restored

	return nil
}

// readComplete reads what is left.
func (s *Sampler) readComplete(r *samplerReader) error {
	count := int(r.half())
	if r.failed || count > mostComplete || len(r.rest) != count*endedSize {
		return fmt.Errorf("%w: %d complete rows in %d bytes", ErrSampler, count, len(r.rest))
	}
	for range count {
		step := int64(r.word())
		rows, err := ReadRows(r.take(RowSize))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSampler, err)
		}
		if step < 0 || step > s.step || !rows[0].Outcome.Complete() {
			return fmt.Errorf("%w: a complete row of step %d of %d, outcome %d", ErrSampler, step, s.step, rows[0].Outcome)
		}
		s.complete = append(s.complete, ended{rows[0], step})
	}

	return nil
}

type samplerReader struct {
	rest   []byte
	failed bool
}

func (r *samplerReader) take(n int) []byte {
	if len(r.rest) < n {
		r.failed, r.rest = true, nil

		return nil
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]

	return part
}

func (r *samplerReader) word() uint64 {
	if part := r.take(8); part != nil {
		return binary.LittleEndian.Uint64(part)
	}

	return 0
}

func (r *samplerReader) half() uint32 {
	if part := r.take(4); part != nil {
		return binary.LittleEndian.Uint32(part)
	}

	return 0
}
