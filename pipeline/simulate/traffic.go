package simulate

import (
	"math/rand/v2"
	"strconv"
	"time"

	"ebb/pipeline/event"
)

// TrafficConfig says what load to make.
type TrafficConfig struct {
	Seed      uint64
	Customers int       // at least 1
	Rate      int       // events for each second of the clock, at least 1
	Start     time.Time // of the clock
}

// Traffic makes live events as fast as they are wanted, to measure with. The
// same TrafficConfig gives the same bytes. Unlike a Simulator's customers,
// these have no habits: they are drawn from a Zipf distribution, so that a few
// are busy and most are rare, and their events are a mix of types of about
// 220 bytes, none of which a shard refuses.
type Traffic struct {
	random *rand.Rand
	zipf   *rand.Zipf
	count  uint64
	rate   int64
	start  int64
}

// Exponent and offset of the Zipf distribution of customers: of a million, the
// busiest 1% send about two thirds of the events.
const (
	trafficExponent = 1.05
	trafficOffset   = 8
)

// trafficDelay bounds, in milliseconds, how old an event of Record is.
const trafficDelay = 3000

// idBase gives all ids the same length.
const idBase = 10_000_000_000_000

// NewTraffic returns the load of a configuration.
func NewTraffic(config TrafficConfig) *Traffic {
	random := rand.New(rand.NewPCG(config.Seed, 2))

	return &Traffic{
		random: random,
		zipf:   rand.NewZipf(random, trafficExponent, trafficOffset, uint64(config.Customers-1)),
		rate:   int64(config.Rate),
		start:  config.Start.UnixMilli(),
	}
}

// Clock is the time of the next record in Unix ms: a second for every Rate
// events that were made.
func (t *Traffic) Clock() int64 { return t.start + int64(t.count)*1000/t.rate }

// Customer draws the number of a customer, from 0.
func (t *Traffic) Customer() uint64 { return t.zipf.Uint64() }

// AppendCustomer appends the id of a customer, which is its own token.
func AppendCustomer(dst []byte, customer uint64) []byte {
	return strconv.AppendUint(append(dst, "c-"...), customer, 10)
}

// AppendEvent appends a native event of the customer at a time in Unix ms. No
// two events have the same id.
func (t *Traffic) AppendEvent(dst []byte, customer uint64, at int64) []byte {
	t.count++
	dst = append(dst, `{"id":"01J8ZC3V5R8Q`...)
	dst = strconv.AppendUint(dst, idBase+t.count, 10)
	dst = append(dst, `","time":"`...)
	dst = time.UnixMilli(at).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	dst = append(dst, `","customer":"`...)
	dst = AppendCustomer(dst, customer)
	dst = append(dst, `","type":`...)
	dst = append(dst, trafficType(t.random.IntN(trafficTypes))...)

	return append(dst, `,"session":"s-8812-4f01","device":"mobile","properties":{"path":"/pricing","ref":"newsletter","n":3}}`...)
}

const trafficTypes = 8

// trafficType is a type with what belongs to it.
func trafficType(n int) string {
	return [trafficTypes]string{
		`"page.viewed","channel":"web"`, `"page.pinged","channel":"web"`, `"email.opened"`, `"email.clicked"`,
		`"screen.viewed"`, `"order.completed","value":19.99,"currency":"EUR"`, `"product.searched"`, `"page.viewed","channel":"app"`,
	}[n]
}

// Record is the next live record of a stream with one partition. Its event is
// up to three seconds old.
func (t *Traffic) Record() event.Record {
	clock := t.Clock()
	body := t.AppendEvent(nil, t.Customer(), clock-t.random.Int64N(trafficDelay))

	return event.Record{Sequence: t.count, Stored: clock, Clock: clock, Data: body}
}
