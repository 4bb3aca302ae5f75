package pipeline

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"ebb/windows"
)

// appendConfig appends the configuration in force, and the names that have had an
// index so far.
func (s *Shard) appendConfig(dst []byte) []byte {
	dst = binary.AppendUvarint(binary.AppendUvarint(dst, s.force.Version), s.force.Since)
	dst = binary.AppendVarint(binary.AppendVarint(dst, s.force.Clock), s.floor)
	dst = appendText(dst, string(s.configJSON()))
	names := s.vocabulary.dictionary()
	for _, list := range [][]string{names.types, names.channels} {
		dst = binary.AppendUvarint(dst, uint64(len(list)))
		for _, name := range list {
			dst = appendText(dst, name)
		}
	}

	return dst
}

// configJSON is the configuration in force, encoded once.
func (s *Shard) configJSON() []byte {
	if s.encoded == nil {
		s.encoded = must(json.Marshal(s.config))
		s.hash = hashOf(s.encoded)
	}

	return s.encoded
}

// restoreConfig makes an empty shard of what appendConfig wrote. own says what is
// no part of it.
func restoreConfig(own Config, partition int, part []byte) (*Shard, error) {
	r := reader{rest: part}
	force := Force{Version: r.uint(), Since: r.uint(), Clock: r.int()}
	floor := r.int()
	encoded := slices.Clone(r.text())
	var names dictionary
	for _, list := range []*[]string{&names.types, &names.channels} {
		for range min(r.uint(), maxTypesEver) {
			*list = append(*list, string(r.text()))
		}
	}
	if r.failed || len(r.rest) > 0 || len(names.types) == 0 || len(names.channels) == 0 {
		return nil, errors.New("the configuration is cut")
	}
	var config Config
	if err := json.Unmarshal(encoded, &config); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if config.Partitions != own.Partitions {
		return nil, fmt.Errorf("it is one of %d partitions, not of %d", config.Partitions, own.Partitions)
	}
	if config.Holdout != own.Holdout {
		return nil, fmt.Errorf("it is of a stream with churn.holdout %v, not %v", config.Holdout, own.Holdout)
	}
	config.Churn.Prior = own.Churn.Prior
	s, err := newShard(config, partition, names)
	if err != nil {
		return nil, err
	}
	if floor < windows.MinTime || floor > math.MaxInt64/2 {
		return nil, fmt.Errorf("the watermark is %d", floor)
	}
	s.force, s.floor, s.encoded, s.hash = force, floor, encoded, hashOf(encoded)

	return s, nil
}
