package shard

import (
	"fmt"
	"slices"

	"ebb/pipeline/wire"
	"ebb/windows"
	"ebb/windows/codec"
)

// appendKeys appends the names of keys in their order, without those that depend
// on nothing.
func (s *Shard) appendKeys(dst []byte) []byte {
	w := codec.To(dst)
	rows := s.keys.rows[keyFree:]
	w.Uint(uint64(len(rows)))
	for _, row := range rows {
		w.Bool(row.table == wire.Channel)
		w.Text(row.name)
		w.Text(row.currency)
	}

	return w.Bytes()
}

func (s *Shard) readKeys(body []byte) error {
	ids := make(map[string]uint16, len(s.keys.types))
	for id, t := range s.keys.types {
		ids[t.Name] = uint16(id)
	}
	channels := slices.Clone(s.vocabulary.ChannelNames)
	k := fixedKeys()
	k.types, k.plain = s.keys.types, make([]windows.Key, len(s.keys.types))
	r := reading(body)
	n := r.Count(3, "keys")
	if most := windows.MaxKeys - len(k.rows); n > most {
		r.Fail("%d keys, at most %d can be", n, most)
	}
	for i := 0; i < n && r.Err() == nil; i++ {
		channel, name, currency := r.Bool("a channel"), r.Text(), r.Blob()
		if r.Err() != nil {
			break
		}
		if channel {
			if at := len(k.channels); at == len(channels) || channels[at] != name || len(currency) > 0 {
				return fmt.Errorf("channel %q is not the next one of the dictionary", name)
			}
			k.channels = append(k.channels, windows.Key(len(k.rows)))
			k.rows = append(k.rows, keyName{table: wire.Channel, name: name})

			continue
		}
		id, known := ids[name]
		if !known {
			return fmt.Errorf("type %q is not in the dictionary", name)
		}
		if len(currency) != 0 && len(currency) != 3 {
			return fmt.Errorf("type %q has the currency %.20q", name, currency)
		}
		before := len(k.rows)
		if k.ofType(id, currency); len(k.rows) == before {
			return fmt.Errorf("type %q in %q stands twice", name, currency)
		}
	}
	if err := r.End(); err != nil {
		return err
	}
	if len(k.channels) != len(channels) {
		return fmt.Errorf("%d of %d channels have a key", len(k.channels), len(channels))
	}
	s.keys = k

	return nil
}
