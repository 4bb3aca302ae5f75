package simulate

import (
	"fmt"
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
	series     [seriesKinds]string
	questions  [questions]string
	issues     []string

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
		series:     seriesNames(),
		questions:  questionNames(),
		issues:     issueNames(),
	}
}

// body is the happening as bytes that nobody else writes to. The same happening gives
// the same bytes.
func (e *encoder) body(f *happening, id string, p *person) []byte {
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
	if p.anonymous {
		ev.AnonymousID = ev.Customer[len(event.AnonymousPrefix):]
	}
	if f.session > 0 {
		ev.Session = text("s", uint64(f.person), uint64(f.session))
	}
	if f.device > 0 {
		ev.Device = text("d", uint64(f.person), uint64(f.device))
	}
	if f.campaign > 0 {
		ev.Campaign = text(e.series[f.series], uint64(f.campaign))
		if f.series == newsletter || f.series == offers {
			ev.Message = text("m", uint64(f.series), uint64(f.campaign), uint64(f.person))
		}
	}
	if f.product > 0 {
		ev.Product = text("p", uint64(f.product))
	}
	ev.Properties = e.properties(f)
	e.details(&ev, f, p, text)

	start := len(e.block)
	e.block = native.AppendEvent(e.block, &ev)
	body := f.spoiled.apply(e.block[start:])

	return body[:len(body):len(body)]
}

// details are the fields that belong to a type.
func (e *encoder) details(ev *event.Event, f *happening, p *person, text func(string, ...uint64) []byte) {
	switch f.topic {
	case orderCompleted, orderReturned, subscriptionRenewed:
		currency := p.currency
		if f.foreign {
			currency = p.foreign
		}
		ev.Value, ev.Fields = amount.Of(f.value), event.HasValue
		ev.Currency = text(e.currencies[currency])
	case spendRecorded: // of the company, which counts in one
		ev.Value, ev.Fields = amount.Of(f.value), event.HasValue
		ev.Currency = text(e.currencies[0])
	case pointsEarned, pointsRedeemed: // no money
		ev.Value, ev.Fields = amount.Of(f.value), event.HasValue
	case scrollReached, videoProgressed:
		ev.Progress, ev.Fields = f.number, event.HasProgress
	case pagePinged, screenPinged:
		ev.Duration, ev.Fields = f.number, event.HasDuration
	case surveyAnswered:
		if f.question != goalReached {
			ev.Score, ev.Fields = f.number, event.HasScore
		}
	case feedbackGiven, mentionPosted, postCommented:
		ev.Sentiment, ev.Fields = f.number, event.HasSentiment
	default:
	}
}

// properties are what has no field of its own.
func (e *encoder) properties(f *happening) []byte {
	switch {
	case f.variant > 0:
		return []byte([...]string{armA: `{"variant":"A"}`, armB: `{"variant":"B"}`}[f.variant])
	case f.question == goalReached && f.topic == surveyAnswered:
		return fmt.Appendf(nil, `{"survey":"goal","goal_reached":%v}`, f.reached)
	case f.question > 0:
		return fmt.Appendf(nil, `{"survey":"%s"}`, e.questions[f.question])
	case f.issue > 0:
		return fmt.Appendf(nil, `{"issue":"%s"}`, e.issues[f.issue])
	}

	return nil
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

// campaign is the name of one, as in events.
func (e *encoder) campaign(kind series, number uint32) string {
	return e.series[kind] + strconv.FormatUint(uint64(number), 36)
}
