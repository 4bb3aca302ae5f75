package metric

import "encoding/binary"

// pathBytes is the width of the column: a bit each for what follows, the first channel
// since the newest order, and 2 a hash of the first device.
const pathBytes = 4

// The bits.
const (
	pathPlaced   = 1 << iota // there was a channel
	pathChannels             // there were two
	pathDevices              // there were two devices
)

// path is where a customer was since their newest order.
type path [pathBytes]byte

// pathColumn is the way to the customer's next order.
func pathColumn() *StateColumn {
	return &StateColumn{
		Name:       "path",
		Definition: "Since the customer's newest order: the first channel and the first device, and whether there were others.",
		Bytes:      pathBytes,
		at:         atPath,
		Takes:      People,
		Observe: func(e *Event, state []byte) {
			var next path
			if !e.orders() {
				next = e.path()
			}
			copy(state, next[:])
		},
	}
}

// path is the way to the event, itself included.
func (e *Event) path() (p path) {
	if e.Who != nil {
		copy(p[:], e.Who[atPath:])
	}
	switch {
	case !e.placed():
	case p[0]&pathPlaced == 0:
		p[0] |= pathPlaced
		p[1] = e.Class.Channel
	case p[1] != e.Class.Channel:
		p[0] |= pathChannels
	}
	if len(e.Device) == 0 {
		return p
	}
	switch first, device := binary.LittleEndian.Uint16(p[2:]), e.device(); first {
	case 0:
		binary.LittleEndian.PutUint16(p[2:], device)
	case device:
	default:
		p[0] |= pathDevices
	}

	return p
}
