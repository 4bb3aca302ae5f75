package shard

import (
	"fmt"
	"slices"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/windows"
	"ebb/windows/codec"
)

// What a key stands for, in a snapshot. The first two were a Bool before there were
// metrics.
const (
	keyOfType = iota
	keyOfChannel
	keyOfMetric
)

// appendKeys appends the names of keys in their order, without those that depend
// on nothing.
func appendKeys(s *Shard, dst []byte) []byte {
	rows := s.keys.rows[keyFree:]
	n := 0
	for i := range rows {
		if rows[i].measured == nil || rows[i].base == windows.Key(i)+keyFree {
			n++
		}
	}
	w := codec.To(dst)
	w.Uint(uint64(n))
	for i := range rows {
		switch row := &rows[i]; {
		case row.measured == nil && row.table == wire.Channel:
			w.Uint(keyOfChannel)
			w.Text(row.name)
			w.Text(row.currency)
		case row.measured == nil:
			w.Uint(keyOfType)
			w.Text(row.name)
			w.Text(row.currency)
		case row.base == windows.Key(i)+keyFree: // once for all slots
			w.Uint(keyOfMetric)
			w.Text(row.measured.Name)
			w.Uint(uint64(row.measured.width))
			w.Uint(uint64(len(row.by)))
			for _, text := range row.by {
				w.Text(text)
			}
		}
	}

	return w.Bytes()
}

// readKeysOne reads keys from before there were metrics.
func readKeysOne(s *Shard, body []byte) error { return restoreKeys(s, body, keyOfChannel) }

func readKeys(s *Shard, body []byte) error { return restoreKeys(s, body, keyOfMetric) }

// restoreKeys reads keys of what goes up to last.
func restoreKeys(s *Shard, body []byte, last uint64) error {
	restored := keysRestorer{keys: fixedKeys(), channels: s.vocabulary.ChannelNames, ids: make(map[string]uint16, len(s.keys.types))}
	k := restored.keys
	for id, t := range s.keys.types {
		restored.ids[t.Name] = uint16(id)
	}
	k.types, k.plain = s.keys.types, make([]windows.Key, len(s.keys.types))
	k.measure(metric.All())
	k.switchOn(s.config.Metrics, false)
	k.rollups(s.config.Rollups)
	r := reading(body)
	n := r.Count(3, "keys")
	if most := windows.MaxKeys - len(k.rows); n > most {
		r.Fail("%d keys, at most %d can be", n, most)
	}
	for i := 0; i < n && r.Err() == nil; i++ {
		var err error
		switch of := r.UintTo(last, "what a key stands for"); {
		case r.Err() != nil:
		case of == keyOfMetric:
			err = restored.metric(&r)
		case of == keyOfChannel:
			err = restored.channel(&r)
		default:
			err = restored.eventType(&r)
		}
		if err != nil {
			return err
		}
	}
	if err := r.End(); err != nil {
		return err
	}
	if len(k.channels) != len(restored.channels) {
		return fmt.Errorf("%d of %d channels have a key", len(k.channels), len(restored.channels))
	}
	s.keys = k

	return nil
}

type keysRestorer struct {
	keys     *keys
	channels []string
	ids      map[string]uint16 // of types
}

func (k *keysRestorer) channel(r *codec.Reader) error {
	name, currency := r.Text(), r.Blob()
	if err := r.Err(); err != nil {
		return err
	}
	if at := len(k.keys.channels); at == len(k.channels) || k.channels[at] != name || len(currency) > 0 {
		return fmt.Errorf("channel %q is not the next one of the dictionary", name)
	}
	k.keys.channels = append(k.keys.channels, windows.Key(len(k.keys.rows)))
	k.keys.rows = append(k.keys.rows, keyName{table: wire.Channel, name: name})

	return nil
}

func (k *keysRestorer) eventType(r *codec.Reader) error {
	name, currency := r.Text(), r.Blob()
	if err := r.Err(); err != nil {
		return err
	}
	id, known := k.ids[name]
	switch {
	case !known:
		return fmt.Errorf("type %q is not in the dictionary", name)
	case len(currency) != 0 && len(currency) != 3:
		return fmt.Errorf("type %q has the currency %.20q", name, currency)
	}
	// Not by ofType: how many keys there may be was judged when they were made.
	twice := k.keys.plain[id] != 0
	if len(currency) > 0 {
		_, twice = k.keys.money[moneyKey{id, [3]byte(currency)}]
	}
	if twice {
		return fmt.Errorf("type %q in %q stands twice", name, currency)
	}
	key := k.keys.addType(id, string(currency))
	if len(currency) > 0 {
		k.keys.money[moneyKey{id, [3]byte(currency)}] = key
	} else {
		k.keys.plain[id] = key
	}

	return nil
}

// metric reads a row of a metric. Where this program has none of the name and shape,
// its keys stay taken and nothing is published of them any more.
func (k *keysRestorer) metric(r *codec.Reader) error {
	name, width := r.Text(), int(r.UintTo(metric.MaxSlots, "slots"))
	by := make([]string, r.UintTo(metric.MaxBy, "dimensions"))
	for i := range by {
		by[i] = r.Text()
	}
	if err := r.Err(); err != nil {
		return err
	}
	if width == 0 || len(k.keys.rows)+width > windows.MaxKeys {
		return fmt.Errorf("metric %q has %d slots behind %d keys", name, width, len(k.keys.rows))
	}
	fits := func(m *measured) bool { return m.Name == name && m.width == width && len(m.By) == len(by) }
	for _, in := range []*measured{k.keys.custom, k.keys.cuts} {
		if !fits(in) {
			continue
		}
		if !metric.IsOther(by) {
			k.keys.rolled[rolledKey{in, by[0]}]++
		}

		return k.add(in, by)
	}
	for i := range k.keys.measured { // by index: they are large
		if m := &k.keys.measured[i]; fits(m) {
			return k.add(m, by)
		}
	}
	i := slices.IndexFunc(k.keys.retired, fits)
	if i < 0 {
		i = len(k.keys.retired)
		k.keys.retired = append(k.keys.retired, &measured{
			Metric: &metric.Metric{Name: name, By: make([]metric.Dimension, len(by))}, width: width, rows: make(map[string]windows.Key), retired: true,
		})
	}

	return k.add(k.keys.retired[i], by)
}

func (k *keysRestorer) add(m *measured, by []string) error {
	if _, twice := m.rows[rowKey(by)]; twice {
		return fmt.Errorf("metric %q has the row %q twice", m.Name, by)
	}
	k.keys.keepRow(m, by)

	return nil
}
