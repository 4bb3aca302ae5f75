package section

import (
	"encoding/binary"
	"errors"
	"fmt"

	"ebb/windows/codec"

	"github.com/zeebo/xxh3"
)

// Errors of Parse.
var (
	// ErrDamaged says that bytes are no sections, or were cut or changed. The
	// text names the section.
	ErrDamaged = errors.New("damaged")

	// ErrNewer says that a newer program wrote the bytes. They are good, and
	// whoever reads them must not take them for lost.
	ErrNewer = errors.New("written by a newer ebb")
)

// Magic begins every snapshot. The byte behind it is the format.
const Magic = "ebbshrd"

// Format is the one that Begin writes, and the newest that Parse reads. It changes
// only where what this package writes does; whatever changes in a section is said
// by the section's own version.
const Format = 6

// Section is one part of a snapshot.
type Section struct {
	Head

	Body []byte // shared with what was parsed
}

// Head says what a body is.
type Head struct {
	Name    string // see CheckName
	Version int    // of the body's layout, from 1
	Since   Since  // from when on the body tells of the input

	// At is the sequence of the last record of which the body tells. Where it is
	// not that of the snapshot, programs that don't know the section have gone on
	// since, and kept it as it was.
	At uint64
}

// Since is a place in the input: that of the record behind which something
// began. The zero Since is the partition's beginning.
type Since struct {
	Sequence uint64 `json:"sequence"`
	Clock    int64  `json:"clock"` // of the partition then, Unix ms
}

const (
	headerSize   = len(Magic) + 1 + 4 // with a checksum, so that a changed format is no newer one
	maxNameBytes = 64
	maxVersion   = 1 << 16

	endName = "end" // of the section behind the last one
)

// CheckName says whether a section may have a name: lower-case letters, digits, _
// and -.
func CheckName(name string) error {
	if len(name) == 0 || len(name) > maxNameBytes || name == endName {
		return fmt.Errorf("a section can't be called %.80q", name)
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return fmt.Errorf("a section can't be called %.80q", name)
		}
	}

	return nil
}

// Begin appends what stands in front of the first section.
func Begin(dst []byte) []byte {
	start := len(dst)
	dst = append(append(dst, Magic...), Format)

	return binary.LittleEndian.AppendUint32(dst, headerSum(dst[start:]))
}

// headerSum is the checksum of magic and format.
func headerSum(header []byte) uint32 { return uint32(xxh3.Hash(header)) }

// Append appends a section, whose body write appends. It panics where the name is none:
// names are declared, and nobody could read the section back.
func Append(dst []byte, head Head, write func([]byte) []byte) []byte {
	if err := CheckName(head.Name); err != nil {
		panic(err)
	}

	return appendSection(dst, head, write)
}

func appendSection(dst []byte, head Head, write func([]byte) []byte) []byte {
	start := len(dst)
	w := codec.To(dst)
	w.Text(head.Name)
	w.Uint(uint64(head.Version))
	w.Uint(head.Since.Sequence)
	w.Int(head.Since.Clock)
	w.Uint(head.At)
	length := len(w.Bytes())
	w.Fixed64(0) // of the body
	w.Fixed64(0) // checksum
	body := len(w.Bytes())
	dst = write(w.Bytes())
	binary.LittleEndian.PutUint64(dst[length:], uint64(len(dst)-body))
	binary.LittleEndian.PutUint64(dst[length+8:], checksum(dst[start:length+8], dst[body:]))

	return dst
}

// End appends what stands behind the last section: how many there are.
func End(dst []byte, sections int) []byte {
	return appendSection(dst, Head{Name: endName, Version: 1}, func(dst []byte) []byte {
		return binary.AppendUvarint(dst, uint64(sections))
	})
}

// checksum is of all that a section has, its length included.
func checksum(head, body []byte) uint64 {
	var h xxh3.Hasher
	_, _ = h.Write(head)
	_, _ = h.Write(body)

	return h.Sum64()
}
