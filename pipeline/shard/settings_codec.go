package shard

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"ebb/pipeline/meaning"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
	"ebb/windows/codec"
)

// writeConfig writes the configuration in force.
func writeConfig(s *Shard, w *codec.Writer) {
	w.Uint(s.force.Version)
	w.Uint(s.force.Since)
	w.Int(s.force.Clock)
	w.Int(s.floor)
	w.Blob(s.json())
}

// readConfig makes an empty shard of what writeConfig wrote, and of the names that
// have had an index so far.
func (r *restorer) readConfig(body []byte) error {
	from := reading(body)
	force := meaning.Force{Version: from.Uint(), Since: from.Uint(), Clock: from.Int()}
	floor := from.IntIn(windows.MinTime, math.MaxInt64/2, "watermark")
	encoded := slices.Clone(from.Blob())
	if err := from.End(); err != nil {
		return err
	}
	config, err := decodeConfig(encoded, &r.own)
	if err != nil {
		return err
	}
	s, err := newShard(config, r.partition, r.names)
	if err != nil {
		return err
	}
	s.force, s.floor, s.encoded, s.hash = force, floor, encoded, meaning.HashOf(encoded)
	r.shard = s

	return nil
}

// decodeConfig decodes the configuration that was in force. own says what is no
// part of it, and what can't differ.
func decodeConfig(encoded []byte, own *meaning.Config) (config meaning.Config, err error) {
	if err := json.Unmarshal(encoded, &config); err != nil {
		return config, fmt.Errorf("configuration: %w", err)
	}
	if config.Partitions != own.Partitions {
		return config, fmt.Errorf("it is one of %d partitions, not of %d", config.Partitions, own.Partitions)
	}
	if config.Holdout != own.Holdout {
		return config, fmt.Errorf("it is of a stream with churn.holdout %v, not %v", config.Holdout, own.Holdout)
	}
	config.Churn.Prior = own.Churn.Prior

	return config, nil
}

// writeDictionary writes the names that have had an index so far: types, and then
// channels.
func writeDictionary(s *Shard, w *codec.Writer) {
	names := s.vocabulary.Dictionary()
	for _, list := range [][]string{names.Types, names.Channels} {
		w.Uint(uint64(len(list)))
		for _, name := range list {
			w.Text(name)
		}
	}
}

func (r *restorer) readDictionary(body []byte) error {
	from := reading(body)
	var names vocabulary.Dictionary
	for _, list := range []struct {
		what  string
		most  int
		names *[]string
	}{{"types", vocabulary.MaxTypesEver, &names.Types}, {"channels", vocabulary.MaxChannelsEver, &names.Channels}} {
		n := from.Count(1, list.what)
		if n > list.most {
			from.Fail("%d %s, at most %d can be", n, list.what, list.most)
		}
		for i := 0; i < n && from.Err() == nil; i++ {
			*list.names = append(*list.names, from.Text())
		}
	}
	if err := from.End(); err != nil {
		return err
	}
	if len(names.Types) == 0 || len(names.Channels) == 0 {
		return errors.New("it has no names")
	}
	r.names = names

	return nil
}
