package churn

// heard is when a customer was last heard of: the newest event of their own, the
// newest of what the company did, such as a message to them, and the newest end
// of the relation. Only the first is a sign of life: a company that goes on
// writing hears nothing.
//
// A time takes 43 bits up to MaxTime, so two words hold two of them and, in the 42
// bits left, the third in steps of 2 ms. Each is a maximum, so events may come in
// any order. The zero heard is nothing.
type heard [2]uint64

const (
	timeBits = 43
	timeMask = 1<<timeBits - 1
	restBits = 64 - timeBits
)

// MostScannerWithin bounds Config.ScannerWithin, ms.
const MostScannerWithin = 60_000

// own is when the newest event of the customer's own was, Unix ms; 0 before the
// first.
func (h *heard) own() int64 { return int64(h[0] & timeMask) }

// ours is when the company last did something, Unix ms, rounded down to 2 ms; 0
// before the first.
func (h *heard) ours() int64 { return int64(h[0]>>timeBits|h[1]>>timeBits<<restBits) * 2 }

// ended is 1 ms after the newest end of the relation; 0 for none.
func (h *heard) ended() int64 { return int64(h[1] & timeMask) }

// latest is when the newest event of any kind was.
func (h *heard) latest() int64 { return max(h.own(), h.ours()) }

// hear takes an event, and reports whether it is the newest of the customer's own.
func (h *heard) hear(e *Event) (newest bool) {
	if e.Scanned {
		return false
	}
	if (e.Ours || e.Contact) && !e.Qualifying {
		half := uint64(max(h.ours(), e.Time) / 2)
		h[0] = h[0]&timeMask | half<<timeBits
		h[1] = h[1]&timeMask | half>>restBits<<timeBits

		return false
	}
	newest = e.Time >= h.own()
	h[0] = h[0]&^timeMask | uint64(max(h.own(), e.Time))

	return newest
}

// end takes an end of the relation at a time.
func (h *heard) end(at int64) { h[1] = h[1]&^timeMask | uint64(max(h.ended(), at+1)) }

// Believe looks at an event that is about to be observed, and takes from it what
// no person did. Scanners of mail and previews of messages open and follow
// links as soon as a message arrives, and most producers can't tell. So reading
// or following a message within Config.ScannerWithin of it is no sign of life: it
// neither counts against silence nor is the customer heard of by it. It reports
// whether the event stays as it was. At the very time of a message a file
// of minutes or days can't tell, so there it does.
func (m *Model) Believe(s *State, e *Event) bool { return s.heard.believe(e, m.config.ScannerWithin) }

func (h *heard) believe(e *Event, within int64) bool {
	message := h.ours()
	after := e.Time - message
	if !e.Reaction || within == 0 || message == 0 || after < 0 || after > within || after == 0 && e.Time%minute == 0 {
		return true
	}
	e.Qualifying, e.Scanned, e.Notice = false, true, NoNotice

	return false
}

// Messages tells what scanners did as Model.Believe does, where there are no
// states. The zero Messages has heard of nothing.
type Messages struct{ heard heard }

// Believe is that of Model, and the event is then heard of.
func (m *Messages) Believe(e *Event, within int64) bool {
	believed := m.heard.believe(e, within)
	m.heard.hear(e)

	return believed
}
