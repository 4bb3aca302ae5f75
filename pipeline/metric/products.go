package metric

import (
	"encoding/binary"

	"ebb/pipeline/vocabulary"

	"github.com/zeebo/xxh3"
)

// productsBytes is the width of the column: 4 each for a hash of the four products that
// were bought last and the two that were declined last, the newest first; 0 for none.
const (
	productsBytes = ownedBytes + declinedBytes
	ownedBytes    = 4 * 4
	declinedBytes = 4 * 2
)

// productsColumn is what a customer owns, and what they don't want.
func productsColumn() *StateColumn {
	return &StateColumn{
		Name: "products",
		Definition: "Hashes of the four products that the customer bought last and has not returned, and of the two that they declined last: " +
			"returned, or opted out of messages about.",
		Bytes: productsBytes,
		at:    atProducts,
		Takes: func(class *vocabulary.Class, name string) bool {
			return People(class, name) && (class.Money != vocabulary.MoneyNone || optsOut(name))
		},
		Observe: func(e *Event, state []byte) {
			if len(e.Product) == 0 {
				return
			}
			owned, declined, product := state[:ownedBytes], state[ownedBytes:], hashOf(xxh3.Hash(e.Product))
			switch e.Class.Money {
			case vocabulary.MoneyIn:
				putHash(owned, product)
				dropHash(declined, product)
			case vocabulary.MoneyOut:
				dropHash(owned, product)
				putHash(declined, product)
			default:
				putHash(declined, product)
			}
		},
	}
}

// placeOf is where a hash stands, -1 where it does not.
func placeOf(hashes []byte, hash uint32) int {
	for at := 0; at < len(hashes); at += 4 {
		if binary.LittleEndian.Uint32(hashes[at:]) == hash {
			return at
		}
	}

	return -1
}

// putHash puts a hash in front of others, unless it is among them.
func putHash(hashes []byte, hash uint32) {
	if placeOf(hashes, hash) < 0 {
		copy(hashes[4:], hashes)
		binary.LittleEndian.PutUint32(hashes, hash)
	}
}

// dropHash takes a hash out.
func dropHash(hashes []byte, hash uint32) {
	if at := placeOf(hashes, hash); at >= 0 {
		copy(hashes[at:], hashes[at+4:])
		clear(hashes[len(hashes)-4:])
	}
}

// offered says whether the customer owns a product already, or has declined it.
func (w Who) offered(product []byte) (owned, declined bool) {
	if w == nil {
		return false, false
	}
	hash, state := hashOf(xxh3.Hash(product)), w[atProducts:atProducts+productsBytes]

	return placeOf(state[:ownedBytes], hash) >= 0, placeOf(state[ownedBytes:], hash) >= 0
}
