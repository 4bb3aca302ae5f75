package shard

// This file declares the sections of a snapshot.
//
// To add a field to a section: append a reader of the new layout to its read, which
// raises its version, and let write write that layout. The reader of before stays,
// for ever, and gives the field the value that it had when nobody had it.
//
// To add a section: declare it as optional, behind those that it needs. In older
// snapshots it is missing; then it starts empty, and Shard.Since says from which
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
	return []part{
		{name: "dictionary", write: now((*Shard).appendDictionary), read: []reader{(*restorer).readDictionary}},
		{name: "configuration", write: now((*Shard).appendConfig), read: []reader{(*restorer).readConfig}},
		{name: "figures", write: now((*Shard).appendFigures), read: []reader{into((*Shard).readFigures)}},
		{name: "clock", write: now((*Shard).appendStored), read: []reader{into((*Shard).readStored)}},
		{name: "model", optional: true, write: now((*Shard).appendModel), read: []reader{(*restorer).readModelFive, (*restorer).readModel}},
		{name: "keys", write: now((*Shard).appendKeys), read: []reader{into((*Shard).readKeys)}},
		{name: "customers", write: (*Shard).captureCustomers, read: []reader{into((*Shard).readCustomers)}},
		{name: "timers", write: (*Shard).captureTimers, read: []reader{into((*Shard).readTimers)}},
		{name: "sampler", optional: true, write: now((*Shard).appendSampler), read: []reader{(*restorer).readSamplerFive, (*restorer).readSampler}},
		{name: "feed", optional: true, write: now((*Shard).appendFeed), read: []reader{into((*Shard).readFeed)}},
		{name: "held", write: now((*Shard).appendHeld), read: []reader{into((*Shard).readHeld)}},
		{name: "alerts", write: now((*Shard).appendAlerts), read: []reader{into((*Shard).readAlerts)}},
		{name: "expired", write: now((*Shard).appendExpired), read: []reader{into((*Shard).readExpired)}},
		{name: "losses", optional: true, write: now((*Shard).appendLosses), read: []reader{into((*Shard).readLosses)}},
		{name: "departed", optional: true, write: (*Shard).captureDeparted, read: []reader{into((*Shard).readDeparted)}},
		{name: "windows", write: now((*Shard).appendWindows), read: []reader{into((*Shard).readWindows)}},
		{name: "identities", write: (*Shard).captureRing, read: []reader{into((*Shard).readRing)}},
		{name: "former-identities", write: now((*Shard).appendFormer), read: []reader{into((*Shard).readFormer)}},
		{name: "pending", write: now((*Shard).appendPending), read: []reader{(*restorer).readPending}},
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
func now(write func(*Shard, []byte) []byte) func(*Shard) appender {
	return func(s *Shard) appender {
		body := write(s, nil)

		return func(dst []byte) []byte { return append(dst, body...) }
	}
}

// into reads into the shard that the configuration made.
func into(read func(*Shard, []byte) error) reader {
	return func(r *restorer, body []byte) error { return read(r.shard, body) }
}
