package segment

import (
	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"

	"github.com/zeebo/xxh3"
)

// readTime finds when it happened by a right clock.
//
// Where originalTimestamp stands beside timestamp, Segment has corrected the latter
// already, and it is taken as it is. Else, where sentAt and the time of the receipt
// are known, their difference tells how wrong the device's clock is, and is added:
// timestamp + (receivedAt - sentAt). Without timestamp the receipt is when it
// happened.
func (d *Decoder) readTime(from event.Origin, ev *event.Event) {
	received := d.time(receivedAt)
	if received == absent && from.Received > 0 {
		received = from.Received
	}
	if received != absent {
		ev.ReceivedAt, ev.Fields = received, ev.Fields|event.HasReceivedAt
	}
	ev.Time = d.time(timestamp)
	original := d.time(originalTimestamp)
	if ev.Time != absent && original != absent {
		return
	}
	if ev.Time == absent {
		ev.Time = original
	}
	if ev.Time == absent {
		ev.Time = received

		return
	}
	sent := d.time(sentAt)
	if sent == absent && from.Sent > 0 {
		sent = from.Sent
	}
	if sent == absent || received == absent {
		return
	}
	if t := ev.Time + d.clocks.offset(d.device(ev), received-sent); t >= event.MinTime && t <= event.MaxTime {
		ev.Time = t
	}
}

// device is whose clock it is: that of the device, else of the anonymous id, which
// SDKs keep on the device, else of the user.
func (d *Decoder) device(ev *event.Event) []byte {
	if id, ok := d.picker.String(deviceID); ok && len(id) > 0 {
		return id
	}
	if len(ev.AnonymousID) > 0 {
		return ev.AnonymousID
	}

	return ev.Customer
}

// time is a time in Unix ms, or absent.
func (d *Decoder) time(slot int) int64 {
	raw := d.picker.Got[slot].Raw
	if raw == nil {
		return absent
	}
	text, ok := d.picker.String(slot)
	if !ok {
		d.refuse(slot, "send a time as a string, such as 2026-05-04T12:34:56.789Z")

		return absent
	}
	if len(text) == 0 {
		return absent
	}
	ms, fault := scan.ParseISO(text)
	if fault != "" {
		d.refuse(slot, fault)

		return absent
	}

	return ms
}

// Bounds of what is taken for a wrong clock, in milliseconds.
const (
	// onTheWay is what a message may take from its device. Less than that apart, two
	// measures are of one clock, and a clock counts as right.
	onTheWay = 60_000

	// wrongest is how wrong a clock can be. Beyond that sentAt is nothing that a clock
	// has shown: the timestamp stays as it is, and the limits of the stream judge it.
	wrongest = 24 * 60 * 60 * 1000

	// mostClocks bounds the memory, to some 5 MB: about twice as many devices are
	// known. One that comes back after that many others is measured anew.
	mostClocks = 64 << 10
)

// clocks says by how much the clocks of devices are wrong.
//
// Each device has one offset until a measure differs from the one that it was made
// of by more than onTheWay, so that the clock must have been set. All events between
// are moved alike, so that no correction ever changes their order; and as long as a
// clock is right within onTheWay, its times are not touched at all.
type clocks struct {
	young, old map[uint64]clock
}

// clock is what is known of a device's clock, in ms.
type clock struct{ measured, offset int64 }

func newClocks() *clocks { return &clocks{young: make(map[uint64]clock)} }

// offset is what has to be added to the times of a device, measured just now.
func (c *clocks) offset(device []byte, measured int64) int64 {
	if measured > wrongest || measured < -wrongest {
		return 0
	}
	key := xxh3.Hash(device)
	known, ok := c.young[key]
	if !ok {
		if known, ok = c.old[key]; ok {
			c.remember(key, known)
		}
	}
	if ok && within(measured-known.measured) {
		return known.offset
	}
	fresh := clock{measured: measured, offset: measured}
	if within(measured) {
		fresh.offset = 0
	}
	c.remember(key, fresh)

	return fresh.offset
}

func within(ms int64) bool { return ms >= -onTheWay && ms <= onTheWay }

// remember forgets the devices that were not seen for longest.
func (c *clocks) remember(key uint64, known clock) {
	if len(c.young) >= mostClocks {
		c.old, c.young = c.young, make(map[uint64]clock)
	}
	c.young[key] = known
}
