package shard

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/windows"
	"ebb/windows/codec"
)

// identities remember the events that a copy may still come of.
type identities struct {
	ring    *windows.Ring
	former  *windows.Ring // told by the other way; nil for most, see reconfigure
	byID    bool          // by customer and id alone, whatever the time
	scratch []byte
	of      [2]uint64 // of the event that was approached
}

func newIdentities(config *meaning.Config) (identities, error) {
	ring, err := windows.NewRing(config.Duplicates.Ring(config.Lateness))

	return identities{ring: ring, byID: config.Duplicates.ByID}, err
}

// approach is for an event that seen is asked of soon: it begins to bring near where the
// event is remembered.
func (i *identities) approach(ev *event.Event, clock int64) {
	i.of = i.identify(ev, i.byID)
	i.ring.Approach(i.of, timeOf(ev, clock, i.byID))
}

// seen says whether an event that is in time came before, and remembers it. It is the one
// that was approached last.
func (i *identities) seen(ev *event.Event, clock int64) bool {
	if i.former != nil && i.former.Known(i.identify(ev, !i.byID), timeOf(ev, clock, !i.byID)) {
		return true
	}

	return i.ring.Seen(i.of, timeOf(ev, clock, i.byID))
}

// timeOf is the time by which an event is remembered.
func timeOf(ev *event.Event, clock int64, byID bool) int64 {
	if byID {
		return clock
	}

	return ev.Time
}

// expire forgets what can't come again.
func (i *identities) expire(clock int64) {
	i.ring.Expire(clock)
	if i.former == nil {
		return
	}
	if i.former.Expire(clock); i.former.Len() == 0 {
		i.former = nil
	}
}

// tooOld says whether an event is so old that its copies, if there were any,
// had to be forgotten. It counts as late.
func (i *identities) tooOld(ev *event.Event) bool {
	return !i.byID && ev.Time < i.ring.Floor()
}

// identify is a 128-bit hash of what makes an event itself: customer and id,
// and the time unless it is by id alone. The chance that two of a billion
// differing events within the lateness share one is below 10^-20.
func (i *identities) identify(ev *event.Event, byID bool) [2]uint64 {
	key := binary.LittleEndian.AppendUint16(i.scratch[:0], uint16(len(ev.Customer)))
	key = append(key, ev.Customer...)
	key = append(key, ev.ID...)
	if !byID {
		key = binary.LittleEndian.AppendUint64(key, uint64(ev.Time))
	}
	i.scratch = key
	sum := xxh3.Hash128(key)

	return [2]uint64{sum.Hi, sum.Lo}
}

// reconfigure goes on with what is remembered of events. Where duplicates are told in
// another way from here on, what was remembered in the former way is asked as well,
// until it is forgotten. There is one such memory: with a third way before that, all
// events of before are late, which it reports.
func (i *identities) reconfigure(to *meaning.Config) (allLate bool, err error) {
	config := to.Duplicates.Ring(to.Lateness)
	if to.Duplicates.ByID == i.byID {
		return false, i.ring.Reconfigure(config)
	}
	next, err := windows.NewRing(config)
	if err != nil {
		return false, err
	}
	allLate = i.former != nil && i.former.Len() > 0
	i.former, i.ring, i.byID = i.ring, next, to.Duplicates.ByID

	return allLate, nil
}

// capture shares what is remembered of events.
func (i *identities) capture() appender {
	ring := i.ring.Clone()

	return func(dst []byte) []byte { return codec.Must(ring.AppendBinary(dst)) }
}

func (i *identities) read(config *meaning.Config, body []byte) (err error) {
	i.ring, err = windows.RestoreRing(config.Duplicates.Ring(config.Lateness), body)

	return err
}

// appendFormer appends what is remembered of events in the way of before, if
// anything is.
func (i *identities) appendFormer(dst []byte) []byte {
	if i.former == nil {
		return dst
	}

	c := i.former.Config()
	w := codec.To(dst)
	w.Int(c.Lateness)
	w.Uint(uint64(c.Most))

	return codec.Must(i.former.AppendBinary(w.Bytes()))
}

func (i *identities) readFormer(body []byte) (err error) {
	if len(body) == 0 {
		return nil
	}
	r := reading(body)
	config := windows.RingConfig{
		Lateness: r.Int(), Most: int(r.UintTo(math.MaxInt64, "identities at most")), Anywhere: !i.byID,
	}
	ring := r.Take(uint64(r.Len()))
	if err := r.End(); err != nil {
		return err
	}
	i.former, err = windows.RestoreRing(config, ring)

	return err
}
