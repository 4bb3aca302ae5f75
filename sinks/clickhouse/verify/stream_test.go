package verify_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// stream makes the records of an input stream.
type stream struct {
	*rand.Rand
	config  meaning.Config
	records []event.Record
	clock   int64
	ids     int
	expired string // what the start marks of imports say beside the rest
}

// begin is the first store time: 2026-05-04 12:00 UTC.
const begin = 1777896000000

func newStream(seed uint64, c meaning.Config) *stream {
	return &stream{Rand: rand.New(rand.NewPCG(seed, 0)), config: c, clock: begin}
}

func (s *stream) add(r event.Record) {
	r.Sequence = uint64(len(s.records) + 1)
	s.records = append(s.records, r)
}

// live adds events, good and bad, and ticks.
func (s *stream) live(n int) {
	for range n {
		s.clock += s.Int64N(4_000)
		if s.IntN(200) == 0 {
			s.clock += s.Int64N(20 * 3_600_000) // a quiet time
		}
		if s.IntN(20) == 0 {
			s.add(event.Record{Clock: s.clock, Partition: s.IntN(s.config.Partitions), Lane: event.LaneControl, Control: event.ControlTick})

			continue
		}
		s.event(event.LaneEvent)
	}
	s.ticks(event.LaneControl, s.clock+5_000)
}

// history adds an import with marks, and without an end where it is frozen.
func (s *stream) history(n int, end bool) {
	stored := s.clock
	s.clock += 60_000
	mark := func(control event.Control, body string) {
		for partition := range s.config.Partitions {
			s.add(event.Record{Clock: s.clock, Partition: partition, Lane: event.LaneHistory, Control: control, Data: []byte(body)})
		}
	}
	skew := s.config.Skew.Milliseconds()
	mark(event.ControlStart, `{"import":"i-1","source":"test","shift_ms":0`+s.expired+`}`)
	for i := range n {
		s.clock += s.Int64N(60_000)
		s.event(event.LaneHistory)
		switch {
		case i%50 == 0: // an owner ticks, far ahead of the history
			stored += 1_000_000_000
			s.add(event.Record{Clock: stored, Partition: s.IntN(s.config.Partitions), Lane: event.LaneControl, Control: event.ControlTick})
		case i%97 == 0: // a producer sends
			s.event(event.LaneEvent)
		case i%211 == 0: // a row, and an end, of a far future
			s.event(event.LaneHistory)
			last := &s.records[len(s.records)-1]
			last.Stored, last.Clock = s.clock, s.clock+skew+1
			end := *last
			end.Control, end.Data = event.ControlEnd, []byte(`{"import":"i-1"}`)
			s.add(end)
		case i%500 == 0:
			mark(event.ControlTick, `{}`)
		}
	}
	mark(event.ControlTick, `{}`)
	if end {
		mark(event.ControlEnd, `{"import":"i-1"}`)
		s.event(event.LaneHistory) // after the end: refused
	}
}

func (s *stream) ticks(lane event.Lane, clock int64) {
	for partition := range s.config.Partitions {
		s.add(event.Record{Clock: clock, Partition: partition, Lane: lane, Control: event.ControlTick, Data: []byte(`{}`)})
	}
	s.clock = clock
}

var (
	types = []string{
		"page.viewed", "page.viewed", "email.clicked", "order.completed", "cart.added", "message.sent", "nobody.knows", "case.opened", "Order Completed",
	}
	extras = []string{
		"", "", `,"channel":"web"`, `,"channel":"telepathy"`, `,"channel":""`, `,"channel":null`, `,"session":"s","progress":0.5,"machine":true`,
		`,"value":12.3456789,"currency":"EUR"`, `,"value":-0.0000019,"currency":"USD"`, `,"value":1.5e3`, `,"value":7, "currency":"JPY"`,
		`,"properties":{"value":99.5,"a":[1,2]},"value":0.1,"currency":"EUR"`, `,"currency":"EUR"`, `,"value":999999999.9999999`,
		`,"value":123456789.123456789,"currency":"EUR"`, `,"value":1000000000`,
		`,"value":12345678901234.5678919,"currency":"IRR"`, `,"value":1000000000000000000,"currency":"VND"`, `,"value":-1E18,"currency":"VND"`,
		`,"value":9007199254740993.000001,"currency":"EUR"`, `,"value":0.00000000000123456789e20,"properties":{"n":1e400}`,
		`,"x":[340282366920938463463374607431768211455,1e-400],"value":-98765432109876.5,"currency":"IDR"`, `,"sentiment":-1,"score":9,"duration":0`, `,"x":{"id":"other"}`, `,"sentiment":0.333333333`, `,"sentiment":-0.2500009,"channel":"email"`, `,"machine":true,"value":3,"currency":"EUR","score":1`,
		`,"received_at":"2026-01-01T00:00:00+01:00"`,
	}
	bad = []string{
		``, `{`, `[]`, `null`, `{"id":"a"}x`, "{\"id\":\"\xff\"}", `{"id":"a","id":"b"}`, "\xef\xbb\xbf{}",
		`{"id":"a","time":"2026-05-04T12:00:00Z","type":"page.viewed"}`, `{"time":"2026-05-04T12:00:00Z","customer":"c","type":"page.viewed"}`,
		`{"id":"a","customer":"c","type":"page.viewed"}`, `{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c"}`,
		`{"id":"","time":"2026-05-04T12:00:00Z","customer":"c","type":"t"}`, `{"id":5,"time":"2026-05-04T12:00:00Z","customer":"c","type":"t"}`,
		`{"id":"a","time":"2026-02-30T12:00:00Z","customer":"c","type":"t"}`, `{"id":"a","time":"2026-05-04 12:00:00Z","customer":"c","type":"t"}`,
		`{"id":"a","time":"2026-05-04T12:00:60Z","customer":"c","type":"t"}`, `{"id":"a","time":"1969-12-31T23:59:59.998Z","customer":"c","type":"t"}`,
		`{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","value":"5"}`, `{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","value":1000000000000000000.1}`,
		`{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","currency":"eur"}`, `{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","sentiment":1.5}`,
		`{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c\u0085","type":"t"}`, `{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","machine":"yes"}`,
		`{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","properties":[]}`, `{"id":"a","time":"2026-05-04T12:00:00Z","customer":"c","type":"t","received_at":"then"}`,
		`{"id":"a","time":"2026-05-04T12:00:00+24:00","customer":"c","type":"t"}`, `{"id":"a","time":null,"customer":"c","type":"t"}`,
		`{"id":"a","time":"2026-05-04T12:00:00Z","customer":null,"anonymous_id":"","type":"t"}`,
	}
)

// event adds an event of about now, now and then one with something about it.
func (s *stream) event(lane event.Lane) {
	at := s.clock - s.Int64N(120_000)
	switch s.IntN(25) {
	case 0:
		at -= s.Int64N(1_200_000) // perhaps late
	case 1:
		at += s.Int64N(600_000) // perhaps too far ahead
	}
	at = max(at, 0)
	customer := fmt.Sprint("c-", s.IntN(40))
	field := "customer"
	switch s.IntN(8) {
	case 0:
		field, customer = "anonymous_id", fmt.Sprint("a-", s.IntN(5))
	case 1:
		customer = fmt.Sprint("Zoë ", s.IntN(5), ` \"`)
	}
	if s.IntN(10) > 0 {
		s.ids++ // else the identity may be that of the event before
	}
	body := fmt.Sprintf(`{"id":"e-%d","time":"%s","%s":"%s","type":"%s"%s}`, s.ids, s.stamp(at), field, customer,
		types[s.IntN(len(types))], extras[s.IntN(len(extras))])
	id := strings.ReplaceAll(customer, `\`, "")
	if field == "anonymous_id" {
		id = event.AnonymousPrefix + id
	}
	r := event.Record{Clock: s.clock, Partition: event.PartitionOf(id, s.config.Partitions), Lane: lane, Data: []byte(body)}
	switch s.IntN(40) {
	case 0:
		r.Partition = (r.Partition + 1) % s.config.Partitions
	case 1:
		r.Forged = lane == event.LaneEvent
	case 2, 3:
		r.Data = []byte(bad[s.IntN(len(bad))])
	case 4:
		r.Data = fmt.Appendf(nil, `{"id":"%s"}`, strings.Repeat("x", s.config.MaxEventBytes))
	}
	s.add(r)
	if s.IntN(15) == 0 {
		s.add(r) // sent twice
	}
}

// stamp writes a time in one of the ways of RFC 3339.
func (s *stream) stamp(ms int64) string {
	at := time.UnixMilli(ms)
	switch s.IntN(4) {
	case 0:
		return at.In(time.FixedZone("", 5*3600+1800)).Format("2006-01-02T15:04:05.000-07:00")
	case 1:
		return at.UTC().Format("2006-01-02T15:04:05.000") + "9999Z"
	}

	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}
