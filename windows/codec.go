package windows

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"ebb/windows/codec"
)

// ErrCorrupt is wrapped by every error about bytes that cannot be restored.
var ErrCorrupt = errors.New("windows: corrupt state")

func corrupt(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCorrupt, fmt.Sprintf(format, args...))
}

// checksum is the CRC-32C.
func checksum(p []byte) uint32 { return crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli)) }

// seal ends the bytes from start on with their checksum.
func seal(w *codec.Writer, start int) []byte {
	w.Fixed32(checksum(w.Bytes()[start:]))

	return w.Bytes()
}

// unseal checks and removes the checksum.
func unseal(src []byte) (*codec.Reader, error) {
	if len(src) < 4 {
		return nil, corrupt("%d bytes are too few", len(src))
	}

	body, end := src[:len(src)-4], src[len(src)-4:]
	if got, want := checksum(body), binary.LittleEndian.Uint32(end); got != want {
		return nil, corrupt("checksum is %08x, want %08x", got, want)
	}

	r := codec.From(body, ErrCorrupt)

	return &r, nil
}
