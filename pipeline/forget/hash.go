package forget

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
)

// HashBytes is how long a hash is: two of a billion customers share one with a
// probability below 10^-20.
const HashBytes = 16

// Hash stands for a customer who was forgotten.
type Hash [HashBytes]byte

// String is the hash in hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is String.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(text []byte) error {
	if n, err := hex.Decode(h[:], text[:min(len(text), 2*HashBytes)]); err != nil || n != HashBytes || len(text) != 2*HashBytes {
		return fmt.Errorf("%.40q is not the hash of a customer: %d hexadecimal digits", text, 2*HashBytes)
	}

	return nil
}

// Hasher hashes customer ids with a key: HMAC-SHA256 (RFC 2104), cut short. One
// goroutine uses it.
type Hasher struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

// NewHasher is a hasher with a key, of 16 bytes or more where ids are to be kept secret.
func NewHasher(key []byte) *Hasher { return &Hasher{mac: hmac.New(sha256.New, key)} }

// Of is the hash of a customer.
func (h *Hasher) Of(customer []byte) (sum Hash) {
	h.mac.Reset()
	h.mac.Write(customer)
	copy(sum[:], h.mac.Sum(h.sum[:0]))

	return sum
}
