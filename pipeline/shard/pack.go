package shard

import (
	"bytes"
	"fmt"
	"io"

	"ebb/pipeline/section"

	"github.com/klauspost/compress/zstd"
)

// Snapshots are stored compressed, with zstd at its quickest: half the bytes to
// write and to read back for a few milliseconds a megabyte, off the path of the
// events.

// zstdMagic begins every frame.
const zstdMagic = "\x28\xb5\x2f\xfd"

// Packer compresses snapshots, one after another.
type Packer struct{ encoder *zstd.Encoder }

// NewPacker makes a packer, which one goroutine uses.
func NewPacker() (*Packer, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("compress snapshots: %w", err)
	}

	return &Packer{encoder}, nil
}

// Pack compresses a snapshot.
func (p *Packer) Pack(snapshot []byte) []byte {
	return p.encoder.EncodeAll(snapshot, make([]byte, 0, len(snapshot)/2))
}

// Compressed bytes stand for a few times as many, never for many times: most of a
// snapshot is ids and figures that are all different. So damaged ones can't ask for
// more memory than this.
const (
	mostRatio    = 64
	alwaysUnpack = 16 << 20
)

// unpackSnapshot gives bytes back that are not compressed.
func unpackSnapshot(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte(zstdMagic)) {
		return data, nil
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxMemory(alwaysUnpack+mostRatio*uint64(len(data))))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	defer decoder.Close()
	snapshot, err := decoder.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: its compressed bytes were cut or changed, %s: %w", ErrSnapshot, brokenIn(decoder, data), err)
	}

	return snapshot, nil
}

// brokenIn says which section is the first that can't be read of what does not
// come out of the compression as a whole.
func brokenIn(decoder *zstd.Decoder, data []byte) string {
	const first = "in or before the first section that they stand for"
	if err := decoder.Reset(bytes.NewReader(data)); err != nil {
		return first
	}
	front, _ := io.ReadAll(decoder)
	if len(front) == 0 {
		return first
	}
	if _, err := section.Parse(front); err != nil {
		return err.Error()
	}

	return "behind the last section"
}
