package shard

import "ebb/windows/codec"

// part is a section of a snapshot.
//
// To add a field to a section: append a reader of the new layout to its read, which
// raises its version, and let write write that layout. The reader of before stays,
// for ever, and gives the field the value that it had when nobody had it.
//
// To add a section: declare it as optional, behind those that it needs. In older
// snapshots it is missing; then it starts empty, and Lineage.Since says from which
// record on it tells of the input. Whoever publishes from it says so.
//
// Then write a corpus of the new layout, see pipeline/corpus_write_test.go: it is restored
// by every later program. A worked example of both, which runs, is
// snapshot_example_test.go.
//
// What was written once is kept by these rules, too:
//
//   - Numbers stand for names only where a dictionary in the snapshot says which;
//     those of constants never change, see numbers_test.go.
//   - A section is read into an empty shard, after those that stand before it here.
//   - The same state gives the same bytes.
type part struct {
	name     string
	optional bool // a shard can go on without; else a snapshot that lacks it is none

	// write takes the state as it is, and returns what appends it. That is called
	// once, by any goroutine, while the shard goes on: what is small is encoded
	// before, and what is large is shared, see capture.go.
	write func(s *Shard) appender

	// read are the readers of the versions, from 1 on. The last one reads what
	// write writes.
	read []reader
}

// appender appends the body of a section.
type appender func(dst []byte) []byte

// reader reads a body into a shard. It must be all of it, and is not its to keep.
type reader func(r *restorer, body []byte) error

func (p *part) version() int { return len(p.read) }

// parts are the sections of a snapshot, in the order in which they are written and
// read.
func parts() []part {
	first := []part{
		{
			name:  "dictionary",
			write: now(writeDictionary),
			read:  []reader{(*restorer).readDictionary},
		},
		{
			name:  "configuration",
			write: now(writeConfig),
			read:  []reader{(*restorer).readConfig},
		},
		{
			name:  "figures",
			write: now(writeFigures),
			read:  []reader{whole(readFigures)},
		},
		{
			name:  "clock",
			write: now(func(s *Shard, w *codec.Writer) { s.timing.Write(w) }),
			read:  []reader{into(readClockOne), into(readClock)},
		},
		{
			name: "model", optional: true,
			write: now(writeModel),
			read:  []reader{(*restorer).readModelFive, (*restorer).readModel},
		},
		{
			name:  "keys",
			write: now(func(s *Shard, w *codec.Writer) { *w = codec.To(appendKeys(s, w.Bytes())) }),
			read:  []reader{whole(readKeysOne), whole(readKeys)},
		},
		{
			name:  "customers",
			write: func(s *Shard) appender { return s.customers.Freeze().AppendBinary },
			read:  []reader{whole(func(s *Shard, body []byte) error { return s.customers.read(body, len(s.vocabulary.ChannelNames)) })},
		},
		{
			name: "columns", optional: true,
			write: writeColumns,
			read:  []reader{whole(readColumns)},
		},
		{
			name:  "timers",
			write: func(s *Shard) appender { return s.detector.driver.Timers.Clone().AppendBinary },
			read:  []reader{whole(func(s *Shard, body []byte) error { return s.detector.driver.Timers.Restore(body, s.customers.Count) })},
		},
		{
			name: "sampler", optional: true,
			write: now(writeSampler),
			read:  []reader{(*restorer).readSamplerFive, (*restorer).readSampler},
		},
		{
			name: "feed", optional: true,
			write: now(func(s *Shard, w *codec.Writer) { *w = codec.To(s.feed.watch.AppendBinary(w.Bytes())) }),
			read:  []reader{whole(func(s *Shard, body []byte) error { return s.feed.readWatch(s.config.Feed, body) })},
		},
		{
			name:  "held",
			write: now(func(s *Shard, w *codec.Writer) { s.feed.writeHeld(w) }),
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.feed.readHeld(r, s.customers.Count) })},
		},
		{
			name:  "alerts",
			write: now(func(s *Shard, w *codec.Writer) { s.alerts.write(w) }),
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.alerts.read(r, s.customers.Count) })},
		},
		{
			name:  "expired",
			write: now(func(s *Shard, w *codec.Writer) { s.expired.write(w) }),
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.expired.read(r, len(s.config.Lengths)) })},
		},
	}

	return append(first, lastParts()...)
}

// lastParts are those from losses on.
func lastParts() []part {
	return []part{
		{
			name: "losses", optional: true,
			write: now(func(s *Shard, w *codec.Writer) { s.losses.write(w) }),
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.losses.read(r) })},
		},
		{
			name: "departed", optional: true,
			write: func(s *Shard) appender { return s.customers.departed.Capture() },
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.customers.departed.Read(r) })},
		},
		{
			name: "census", optional: true,
			write: now(func(s *Shard, w *codec.Writer) { s.census.write(w) }),
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.census.read(r) })},
		},
		{
			name:  "windows",
			write: now(func(s *Shard, w *codec.Writer) { *w = codec.To(s.appendWindows(w.Bytes())) }),
			read:  []reader{whole(func(s *Shard, body []byte) error { return s.readWindows(s.config.Windows(), body) })},
		},
		{
			name:  "identities",
			write: func(s *Shard) appender { return s.identities.capture() },
			read:  []reader{whole(func(s *Shard, body []byte) error { return s.identities.read(&s.config, body) })},
		},
		{
			name:  "former-identities",
			write: now(func(s *Shard, w *codec.Writer) { *w = codec.To(s.identities.appendFormer(w.Bytes())) }),
			read:  []reader{whole(func(s *Shard, body []byte) error { return s.identities.readFormer(body) })},
		},
		{
			name: "cohorts", optional: true,
			write: func(s *Shard) appender { return s.cohorts.capture() },
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.cohorts.read(r) })},
		},
		{
			name: "forgotten", optional: true,
			write: now(func(s *Shard, w *codec.Writer) { s.forgets.write(w) }),
			read:  []reader{into(func(s *Shard, r *codec.Reader) { s.forgets.read(r) })},
		},
		{
			name: "joins", optional: true,
			write: func(s *Shard) appender { return s.joins.capture(&s.counts) },
			read: []reader{
				into(func(s *Shard, r *codec.Reader) { s.joins.readOne(r) }),
				into(func(s *Shard, r *codec.Reader) { s.joins.read(r, &s.counts) }),
			},
		},
		{
			name:  "pending",
			write: now(func(s *Shard, w *codec.Writer) { *w = codec.To(s.out.appendPending(w.Bytes())) }),
			read:  []reader{(*restorer).readPending},
		},
	}
}

// SnapshotVersions says which sections this program writes, and up to which version
// of each it reads.
func SnapshotVersions() map[string]int {
	known := make(map[string]int)
	for _, p := range parts() {
		known[p.name] = p.version()
	}

	return known
}

// now encodes a part of the state at once.
func now(write func(*Shard, *codec.Writer)) func(*Shard) appender {
	return func(s *Shard) appender {
		var w codec.Writer
		write(s, &w)

		return func(dst []byte) []byte { return append(dst, w.Bytes()...) }
	}
}

// into reads a body into the shard that the configuration made.
func into(read func(*Shard, *codec.Reader)) reader {
	return whole(func(s *Shard, body []byte) error {
		r := reading(body)
		read(s, &r)

		return r.End()
	})
}

// whole is into for who looks for the end of the body.
func whole(read func(*Shard, []byte) error) reader {
	return func(r *restorer, body []byte) error { return read(r.shard, body) }
}
