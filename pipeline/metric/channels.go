package metric

import (
	"encoding/binary"
	"math/bits"

	"ebb/pipeline/vocabulary"

	"github.com/zeebo/xxh3"
)

// channelsBytes is the width of the column: a bit for each channel that there can ever be,
// 1 the channel of the newest event, 1 whether there was one, and 2 each for hashes of
// up to three devices.
const (
	channelsBytes = devicesFrom + 2*3
	lastFrom      = vocabulary.MaxChannelsEver / 8
	devicesFrom   = lastFrom + 2
	deviceHashes  = 1<<16 - 1 // 0 is none
)

// channelsColumn is where a customer was seen.
func channelsColumn() *StateColumn {
	return &StateColumn{
		Name: ChannelsColumn,
		Definition: "Channels on which the customer was active, the newest of them, and up to three of their devices. " +
			"Of who signs in: the channels and devices of both ids, and the newest channel of the known one, where there was one.",
		Bytes: channelsBytes,
		at:    atChannels,
		Takes: People,
		Observe: func(e *Event, state []byte) {
			if (state[lastFrom] != e.Class.Channel || state[lastFrom+1] == 0) && e.placed() {
				state[bitsAt(e.Class.Channel)] |= 1 << (e.Class.Channel % 8)
				state[lastFrom], state[lastFrom+1] = e.Class.Channel, 1
			}
			if len(e.Device) > 0 {
				noteDevice(state[devicesFrom:], e.device())
			}
		},
		Merge: mergeChannels,
	}
}

// mergeChannels adds the channels and devices of the other one. The newest channel is the
// known one's; see mergeStages.
func mergeChannels(into, from []byte) {
	for i, b := range from[:lastFrom] {
		into[i] |= b
	}
	if into[lastFrom+1] == 0 && from[lastFrom+1] != 0 {
		into[lastFrom], into[lastFrom+1] = from[lastFrom], 1
	}
	for at := devicesFrom; at < channelsBytes; at += 2 {
		if hash := binary.LittleEndian.Uint16(from[at:]); hash != 0 {
			noteDevice(into[devicesFrom:], hash)
		}
	}
}

// ChannelsColumn is the name of the column that holds numbers of channels. They are those
// of a partition; see RenumberChannels.
const ChannelsColumn = "channels"

// RenumberChannels gives the channels of such a column the numbers that they have in
// another partition.
func RenumberChannels(state []byte, number func(channel uint8) uint8) {
	var bits [lastFrom]byte
	for channel := range vocabulary.MaxChannelsEver {
		if n := uint8(channel); state[bitsAt(n)]>>(n%8)&1 == 1 {
			to := number(n)
			bits[bitsAt(to)] |= 1 << (to % 8)
		}
	}
	copy(state, bits[:])
	if state[lastFrom+1] != 0 {
		state[lastFrom] = number(state[lastFrom])
	}
}

// bitsAt is where the bit of a channel is: of the first channels, which most have, last,
// beside what every event asks for.
func bitsAt(channel uint8) int { return lastFrom - 1 - int(channel/8) }

// placed says whether the event was somewhere.
func (e *Event) placed() bool {
	return e.Vocabulary.ChannelNames[e.Class.Channel] != vocabulary.ChannelNone
}

// device is a hash of the event's device, 1 to 65535, which is found out once.
func (e *Event) device() uint16 {
	if e.deviceHash == 0 {
		e.deviceHash = deviceHash(e.Device)
	}

	return e.deviceHash
}

// deviceHash is 1 to 65535.
func deviceHash(device []byte) uint16 { return uint16(xxh3.Hash(device)%deviceHashes) + 1 }

func noteDevice(devices []byte, hash uint16) {
	for ; len(devices) > 0; devices = devices[2:] {
		switch binary.LittleEndian.Uint16(devices) {
		case hash:
			return
		case 0:
			binary.LittleEndian.PutUint16(devices, hash)

			return
		}
	}
}

// SeenOn says whether the customer was active on a channel.
func (w Who) SeenOn(channel uint8) bool {
	return w != nil && w[atChannels+bitsAt(channel)]>>(channel%8)&1 == 1
}

// Channels is on how many channels the customer was active.
func (w Who) Channels() (n int) {
	if w == nil {
		return 0
	}
	for _, b := range w[atChannels : atChannels+lastFrom] {
		n += bits.OnesCount8(b)
	}

	return n
}

// Devices is on how many devices the customer was active: 3 for that many or more.
// Two of them may have the same hash, once in 65,535.
func (w Who) Devices() (n int) {
	if w == nil {
		return 0
	}
	for at := atChannels + devicesFrom; at < atChannels+channelsBytes && binary.LittleEndian.Uint16(w[at:]) != 0; at += 2 {
		n++
	}

	return n
}

// LastChannel is the channel of the newest event of the customer's own that had one.
func (w Who) LastChannel() (channel uint8, there bool) {
	if w == nil {
		return 0, false
	}

	return w[atChannels+lastFrom], w[atChannels+lastFrom+1] != 0
}
