package simulate

import (
	"strconv"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// encoder turns facts into native JSON events.
type encoder struct {
	seed       uint64
	types      [topics]string
	channels   [channels]string
	currencies [currencies]string

	scratch []byte // texts of one event
	block   []byte // bodies are cut from it, so that few allocations serve many
}

const (
	blockSize  = 64 << 10
	currencies = 4 // how many there are
)

func newEncoder(seed uint64) encoder {
	return encoder{
		seed:       mix(seed + 1),
		types:      topicNames(),
		channels:   channelNames(),
		currencies: [...]string{"EUR", "USD", "GBP", "CHF"},
	}
}

// body is the happening as bytes that nobody else writes to. The same happening gives
// the same bytes.
func (e *encoder) body(f *happening, id string, anonymous bool, p *person) []byte {
	if cap(e.block)-len(e.block) < 1024 {
		e.block = make([]byte, 0, blockSize)
	}
	e.scratch = e.scratch[:0]
	text := func(prefix string, more ...uint64) []byte {
		start := len(e.scratch)
		e.scratch = append(e.scratch, prefix...)
		for i, n := range more {
			if i > 0 {
				e.scratch = append(e.scratch, '-')
			}
			e.scratch = strconv.AppendUint(e.scratch, n, 36)
		}

		return e.scratch[start:len(e.scratch):len(e.scratch)]
	}
	ev := event.Event{Time: f.time, Machine: f.machine, Type: text(e.types[f.topic]), Channel: text(e.channels[f.channel])}
	ev.ID = text("e", mix(f.serial^e.seed))
	ev.Customer = text(id)
	if anonymous {
		ev.AnonymousID = ev.Customer[len(event.AnonymousPrefix):]
	}
	if f.session > 0 {
		ev.Session = text("s", uint64(f.person), uint64(f.session))
		if f.channel == web || f.channel == app {
			ev.Device = text("d", uint64(f.person), uint64(f.channel))
		}
	}
	if f.campaign > 0 {
		ev.Campaign = text("weekly-", uint64(f.campaign))
		ev.Message = text("m", uint64(f.campaign), uint64(f.person))
	}
	e.details(&ev, f, p, text)

	start := len(e.block)
	e.block = native.AppendEvent(e.block, &ev)
	body := f.spoiled.apply(e.block[start:])

	return body[:len(body):len(body)]
}

// details are the fields that belong to a type.
func (e *encoder) details(ev *event.Event, f *happening, p *person, text func(string, ...uint64) []byte) {
	switch f.topic {
	case orderCompleted, orderReturned:
		ev.Value = amount.Of(f.value)
		ev.Fields |= event.HasValue
		ev.Currency = text(e.currencies[p.currency])
	case cartAdded, itemTried, reviewPosted, productSearched:
		ev.Product = text("p", mix(f.serial)%500)
	case scrollReached:
		ev.Progress = f.number
		ev.Fields |= event.HasProgress
	case pagePinged, screenPinged:
		ev.Duration = f.number
		ev.Fields |= event.HasDuration
	case surveyAnswered:
		ev.Score = f.number
		ev.Fields |= event.HasScore
	case feedbackGiven:
		ev.Sentiment = f.number
		ev.Fields |= event.HasSentiment
	default:
	}
}

// mix is a bijection that makes neighbors look unlike each other: the
// finalizer of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb

	return x ^ x>>31
}
