package pipeline

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// SealSnapshot puts the right checksum behind bytes, so that tests reach the
// codec behind it.
func SealSnapshot(body []byte) []byte {
	return binary.LittleEndian.AppendUint64(append([]byte(nil), body...), xxh3.Hash(body))
}

// Fingerprint is what manifests say of a record's bytes.
func Fingerprint(data []byte) string { return fingerprint(data) }

// Shares shares the alert budget out by currency.
func Shares(customers map[string]int, budget int) map[string]int { return shares(customers, budget) }

// SelectBest is how the Allotter chooses.
func SelectBest(lists [][]Worth, n int) []int { return selectBest(lists, n) }

// HandedOver is the sequence up to which all records were handed to the owners.
func (i *Instance) HandedOver() uint64 { return i.readTo.Load() }

// Begin gives a new shard the version of the configuration that it begins with.
func (s *Shard) Begin(version uint64) { s.force.Version = version }
