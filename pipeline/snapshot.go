package pipeline

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/feed"
	"ebb/pipeline/wire"
	"ebb/windows"

	"github.com/zeebo/xxh3"
)

// snapshotMagic begins every snapshot; its last byte is the format.
const snapshotMagic = "ebbshrd\x05"

// ErrSnapshot says that bytes are not a snapshot of this shard.
var ErrSnapshot = errors.New("not a usable snapshot")

// AppendSnapshot appends the shard's whole state: after the same input the same
// bytes. It may be called between any two records, and right at a cut.
func (s *Shard) AppendSnapshot(dst []byte) []byte { return s.capture().appendBinary(dst) }

// section appends what write appends, after its length.
func section(dst []byte, write func([]byte) []byte) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
	dst = write(dst)
	binary.LittleEndian.PutUint64(dst[at:], uint64(len(dst)-at-8))

	return dst
}

func (s *Shard) appendFigures(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.clock)
	dst = binary.AppendVarint(dst, s.minute)
	dst = binary.AppendVarint(dst, s.interval)
	dst = binary.AppendVarint(dst, s.day)
	c := s.counts
	for _, n := range []uint64{
		uint64(s.partition), s.sequence, uint64(s.row), s.cuts, uint64(s.sinceCut),
		c.Processed, c.Duplicates, c.DeadLetters, c.LateDropped, c.Control, c.Raised, c.Cleared,
		c.Held, c.Released, c.Dropped, c.Alerts, c.Forgotten, c.Left, c.RoomMade, c.Scanned,
	} {
		dst = binary.AppendUvarint(dst, n)
	}
	open := byte(0)
	if s.imported.open {
		open = 1
	}
	dst = append(dst, open)
	dst = appendText(dst, s.imported.id)
	parameters := must(json.Marshal(s.model.Parameters()))

	return appendText(dst, string(parameters))
}

// appendKeys appends the names of keys in their order, without those that depend
// on nothing.
func (s *Shard) appendKeys(dst []byte) []byte {
	rows := s.keys.rows[keyFree:]
	dst = binary.AppendUvarint(dst, uint64(len(rows)))
	for _, row := range rows {
		channel := byte(0)
		if row.table == wire.Channel {
			channel = 1
		}
		dst = append(dst, channel)
		dst = appendText(appendText(dst, row.name), row.currency)
	}

	return dst
}

// appendFormer appends what is remembered of events in the way of before, if
// anything is.
func (s *Shard) appendFormer(dst []byte) []byte {
	if s.former == nil {
		return dst
	}

	c := s.former.Config()
	dst = binary.AppendUvarint(binary.AppendVarint(dst, c.Lateness), uint64(c.Most))

	return must(s.former.AppendBinary(dst))
}

// must is for encoders whose error is there for an interface and always nil.
func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}

	return data
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// RestoreShard brings a shard back from its snapshot, under the configuration that
// was in force in it. Of config it takes what is fixed for the life of a stream.
// Bytes that are cut, changed, or of another partition give an error that wraps
// ErrSnapshot.
func RestoreShard(config Config, partition int, data []byte) (*Shard, error) {
	body, err := unsealSnapshot(data)
	if err != nil {
		return nil, err
	}
	part, body, err := nextSection(body)
	if err != nil {
		return nil, err
	}
	s, err := restoreConfig(config, partition, part)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	for _, read := range []func([]byte) error{
		s.readFigures, s.readStored, s.readKeys, s.readCustomers, s.readTimers, s.readSampler, s.readFeed, s.readHeld, s.readAlerts, s.readExpired, s.readLosses, s.departed.restore, s.readWindows, s.readRing, s.readFormer,
		s.out.restore,
	} {
		if part, body, err = nextSection(body); err != nil {
			return nil, err
		}
		if err := read(part); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
	}
	if len(body) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after its end", ErrSnapshot, len(body))
	}
	s.countLevels()

	return s, nil
}

func unsealSnapshot(data []byte) ([]byte, error) {
	data, err := unpackSnapshot(data)
	if err != nil {
		return nil, err
	}
	if len(data) < len(snapshotMagic)+8 || string(data[:len(snapshotMagic)]) != snapshotMagic {
		return nil, fmt.Errorf("%w: it does not begin like one of this version", ErrSnapshot)
	}
	body, sum := data[:len(data)-8], binary.LittleEndian.Uint64(data[len(data)-8:])
	if xxh3.Hash(body) != sum {
		return nil, fmt.Errorf("%w: its checksum is wrong, the bytes were cut or changed", ErrSnapshot)
	}

	return body[len(snapshotMagic):], nil
}

func nextSection(body []byte) (part, rest []byte, err error) {
	if len(body) < 8 {
		return nil, nil, fmt.Errorf("%w: a section is missing", ErrSnapshot)
	}
	size := binary.LittleEndian.Uint64(body)
	if size > uint64(len(body)-8) {
		return nil, nil, fmt.Errorf("%w: a section of %d bytes is cut", ErrSnapshot, size)
	}

	return body[8 : 8+size], body[8+size:], nil
}

func (s *Shard) readFigures(part []byte) error {
	r := reader{rest: part}
	s.clock, s.minute, s.interval, s.day = r.int(), r.int(), r.int(), r.int()
	held := r.uint()
	s.sequence, s.row, s.cuts = r.uint(), int(r.uint()&(1<<12-1)), r.uint()
	s.sinceCut = int(min(r.uint(), uint64(s.config.CutRecords)))
	c := &s.counts
	for _, n := range []*uint64{
		&c.Processed, &c.Duplicates, &c.DeadLetters, &c.LateDropped, &c.Control, &c.Raised, &c.Cleared,
		&c.Held, &c.Released, &c.Dropped, &c.Alerts, &c.Forgotten, &c.Left, &c.RoomMade, &c.Scanned,
	} {
		*n = r.uint()
	}
	s.imported.open = r.byte() == 1
	s.imported.id = string(r.text())
	learned := r.text()
	if r.failed || len(r.rest) > 0 {
		return errors.New("the figures are cut")
	}
	if held != uint64(s.partition) {
		return fmt.Errorf("it is of partition %d, not %d", held, s.partition)
	}
	var p churn.Parameters
	if err := json.Unmarshal(learned, &p); err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	s.model.SetParameters(p)

	return nil
}

func (s *Shard) readKeys(part []byte) error {
	ids := make(map[string]uint16, len(s.keys.types))
	for id, t := range s.keys.types {
		ids[t.Name] = uint16(id)
	}
	channels := slices.Clone(s.vocabulary.channels)
	k := fixedKeys()
	k.types, k.plain = s.keys.types, make([]windows.Key, len(s.keys.types))
	r := reader{rest: part}
	for range r.uint() {
		channel, name, currency := r.byte() == 1, string(r.text()), r.text()
		if r.failed || len(k.rows) == windows.MaxKeys {
			break
		}
		if channel {
			if at := len(k.channels); at == len(channels) || channels[at] != name {
				return fmt.Errorf("channel %q is not the next one of the vocabulary", name)
			}
			k.channels = append(k.channels, windows.Key(len(k.rows)))
			k.rows = append(k.rows, keyName{table: wire.Channel, name: name})

			continue
		}
		id, known := ids[name]
		if !known {
			return fmt.Errorf("type %q is not in the vocabulary", name)
		}
		before := len(k.rows)
		if k.ofType(id, currency); len(k.rows) == before {
			return fmt.Errorf("type %q in %q stands twice", name, currency)
		}
	}
	if r.failed || len(r.rest) > 0 || len(k.channels) != len(channels) {
		return errors.New("the keys are cut")
	}
	s.keys = k

	return nil
}

func (s *Shard) readCustomers(part []byte) error {
	r := reader{rest: part}
	for range r.uint() {
		id := r.text()
		if !r.failed && len(id) == 0 {
			s.customers.leaveFree()

			continue
		}
		if r.failed || CheckCustomer(id) != nil {
			return errors.New("a customer id is cut or not legal")
		}
		if _, known := s.customers.find(id); known {
			return fmt.Errorf("customer %q stands twice", id)
		}
		who := s.customers.at(s.customers.settle(s.customers.extend(), id))
		var err error
		if who.churn, r.rest, err = churn.ReadState(r.rest); err != nil {
			return fmt.Errorf("customer %q: %w", id, err)
		}
		for i := range who.activity {
			if err := who.activity[i].UnmarshalBinary(r.take(windows.ActivitySize)); err != nil {
				return fmt.Errorf("customer %q: %w", id, err)
			}
		}
	}
	if r.failed || len(r.rest) > 0 {
		return errors.New("the customers are cut")
	}

	return nil
}

func (s *Shard) readTimers(part []byte) error {
	rest, err := s.timers.Restore(part, s.customers.count)
	if err == nil && len(rest) > 0 {
		err = errors.New("bytes after the timers")
	}

	return err
}

func (s *Shard) readSampler(part []byte) error {
	return s.sampler.Restore(part, s.customers.count)
}

func (s *Shard) readFeed(part []byte) (err error) {
	s.feed, err = feed.Restore(s.config.Feed, len(s.vocabulary.channels), part)

	return err
}

func (s *Shard) readHeld(part []byte) error {
	return s.held.restore(part, s.customers.count, len(s.vocabulary.channels))
}

func (s *Shard) readWindows(part []byte) (err error) {
	s.windows, err = windows.Restore(s.config.windows(), part)

	return err
}

func (s *Shard) readRing(part []byte) (err error) {
	s.ring, err = windows.RestoreRing(s.config.Duplicates.Ring(s.config.Lateness), part)

	return err
}

func (s *Shard) readFormer(part []byte) (err error) {
	if len(part) == 0 {
		return nil
	}
	r := reader{rest: part}
	config := windows.RingConfig{Lateness: r.int(), Most: int(r.uint() & math.MaxInt64), Anywhere: !s.config.Duplicates.ByID}
	s.former, err = windows.RestoreRing(config, r.rest)

	return err
}

// countLevels derives what the snapshot need not say twice.
func (s *Shard) countLevels() {
	for index := range s.customers.count {
		if state := &s.customers.at(index).churn; state.Known() {
			s.levels[state.Level()]++
		}
	}
}
