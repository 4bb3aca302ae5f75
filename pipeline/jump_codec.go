package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// appendStored appends the clock of store times, with the leap that is held and
// the events that wait for it.
func (s *Shard) appendStored(dst []byte) []byte {
	c := &s.stored
	for _, n := range [...]int64{c.now, c.usual, c.since, c.ahead, c.began, c.calm} {
		dst = binary.AppendVarint(dst, n)
	}
	for _, n := range [...]uint64{c.spoke, uint64(c.against), uint64(c.records), uint64(c.quorum), c.leaps} {
		dst = binary.AppendUvarint(dst, n)
	}
	for _, h := range c.recent[:min(c.spoke, heardCustomers)] {
		dst = binary.AppendVarint(appendHeard(dst, h), h.lag)
	}
	dst = binary.AppendUvarint(dst, uint64(len(c.heard)))
	for _, h := range c.heard {
		dst = appendHeard(dst, h)
	}
	dst = binary.AppendUvarint(dst, uint64(len(c.waiting)))
	for i := range c.waiting {
		r := &c.waiting[i]
		dst = binary.AppendUvarint(dst, r.Sequence)
		dst = binary.AppendVarint(dst, r.Stored)
		dst = binary.AppendVarint(dst, r.Clock)
		dst = appendText(dst, string(r.Data))
	}

	return dst
}

func appendHeard(dst []byte, h testimony) []byte {
	return binary.AppendVarint(binary.LittleEndian.AppendUint64(dst, h.who), h.at)
}

func (s *Shard) readStored(part []byte) error {
	r, c := reader{rest: part}, &s.stored
	for _, n := range [...]*int64{&c.now, &c.usual, &c.since, &c.ahead, &c.began, &c.calm} {
		*n = r.int()
	}
	c.spoke, c.against = r.uint(), uint32(r.uint())
	c.records, c.quorum, c.leaps = int(r.uint()), int(r.uint()), r.uint()
	s.counts.Leaps = c.leaps
	for i := range min(c.spoke, heardCustomers) {
		c.recent[i] = testimony{who: r.word(), at: r.int(), lag: r.int()}
	}
	spoke := r.uint()
	if r.failed || spoke > heardCustomers {
		return fmt.Errorf("%d customers speak of a leap; there can be %d", spoke, heardCustomers)
	}
	for range spoke {
		c.heard = append(c.heard, testimony{who: r.word(), at: r.int()})
	}
	waiting := r.uint()
	if r.failed || waiting > maxWaiting {
		return fmt.Errorf("%d events wait for a leap; there can be %d", waiting, maxWaiting)
	}
	for range waiting {
		record := Record{Partition: s.partition, Sequence: r.uint(), Stored: r.int(), Clock: r.int()}
		record.Data = append([]byte(nil), r.text()...)
		c.waiting = append(c.waiting, record)
		c.bytes += len(record.Data)
	}
	if r.failed || len(r.rest) > 0 {
		return errors.New("the clock of store times is cut")
	}

	return nil
}
