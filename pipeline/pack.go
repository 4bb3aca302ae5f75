package pipeline

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// Snapshots are stored compressed, with zstd at its quickest: half the bytes to
// write and to read back for a few milliseconds a megabyte, off the path of the
// events.

// zstdMagic begins every frame.
const zstdMagic = "\x28\xb5\x2f\xfd"

// packer compresses snapshots, one after another.
type snapshotPacker struct{ encoder *zstd.Encoder }

func newSnapshotPacker() (*snapshotPacker, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("compress snapshots: %w", err)
	}

	return &snapshotPacker{encoder}, nil
}

func (p *snapshotPacker) pack(snapshot []byte) []byte {
	return p.encoder.EncodeAll(snapshot, make([]byte, 0, len(snapshot)/2))
}

// unpackSnapshot gives bytes back that are not compressed.
func unpackSnapshot(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte(zstdMagic)) {
		return data, nil
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	defer decoder.Close()
	snapshot, err := decoder.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: its bytes were cut or changed: %w", ErrSnapshot, err)
	}

	return snapshot, nil
}
