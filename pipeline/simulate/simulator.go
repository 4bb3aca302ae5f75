package simulate

import (
	"fmt"
	"math"
	"time"

	"ebb/pipeline/event"
)

// Simulator makes items up as they are asked for. Two queues drive it: people,
// by when each will next visit or be mailed, and the events under way, by when
// they arrive. An event is handed out once nobody can do anything that would
// arrive before it. It is one goroutine's.
type Simulator struct {
	config Config
	random random // who comes when, does what, and is lost
	more   random // all that surrounds it
	end    int64

	people   []person
	ids      []string
	waiting  queue[turn]
	nextJoin int64
	joinGap  float64 // mean, ms

	made     []happening // by the turn in progress
	underWay queue[happening]
	serial   uint64
	order    uint64
	encoder  encoder
	facts    tally
}

// turn is when a person is next to be looked at.
type turn struct {
	at     int64
	person uint32
}

func (t turn) before(u turn) bool { return t.at < u.at || t.at == u.at && t.person < u.person }

// Item is one message as a producer would publish it.
type Item struct {
	Arrival   int64  // Unix ms; never less than that of the item before
	Body      []byte // the caller's
	Customer  string // whose subject it goes to, also where the body is garbage
	Duplicate bool   // an exact copy of an earlier item
	Garbage   bool   // not acceptable as an event
	Reason    string // why it is garbage: the reason of the dead letter
}

// New checks the configuration and draws the first customers.
func New(config Config) (*Simulator, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	s := &Simulator{
		config:  config,
		random:  newRandom(config.Seed),
		more:    moreRandom(config.Seed),
		end:     config.End.UnixMilli(),
		encoder: newEncoder(config.Seed),
	}
	start := config.Start.UnixMilli()
	for range config.Customers {
		s.join(start, true)
	}
	perDay := config.JoinsPerDay
	if perDay == 0 {
		perDay = float64(config.Customers) * float64(day) / milliseconds(config.MeanStay) / max(1-config.OneTimers, 0.1)
	}
	s.joinGap = float64(day) / perDay
	s.nextJoin = start
	s.scheduleJoin()

	return s, nil
}

// Until moves the end, so that Next goes on up to it. What comes does not
// depend on where the end was before.
func (s *Simulator) Until(t time.Time) { s.end = t.UnixMilli() }

// Next is the next item that arrives before the end, false if there is none.
func (s *Simulator) Next() (Item, bool) {
	for {
		next := s.nextTurn()
		if s.underWay.len() > 0 && s.underWay.first().arrival <= next {
			if s.underWay.first().arrival >= s.end {
				return Item{}, false
			}
			f := s.underWay.pop()
			if f.time >= s.people[f.person].lost && !f.topic.sentByCompany() && f.spoiled != farAhead {
				continue // lost since it was to happen
			}
			s.facts.add(&f)

			return s.item(&f), true
		}
		if next >= s.end {
			return Item{}, false
		}
		s.play(next)
	}
}

func (s *Simulator) nextTurn() int64 {
	if s.waiting.len() == 0 {
		return s.nextJoin
	}

	return min(s.nextJoin, s.waiting.first().at)
}

// play lets the one act whose turn it is.
func (s *Simulator) play(at int64) {
	if s.nextJoin == at {
		s.join(at, false)
		s.scheduleJoin()

		return
	}
	index := s.waiting.first().person
	if p := &s.people[index]; p.nextVisit == at {
		s.visit(index)
	} else {
		s.mail(index)
	}
	s.deliver()
	if next := s.people[index].next(); next == never {
		s.waiting.pop()
	} else {
		s.waiting.replace(turn{next, index})
	}
}

func (s *Simulator) join(at int64, settled bool) {
	if len(s.people) == math.MaxUint32 {
		return
	}
	p := s.newPerson(at, settled)
	index := uint32(len(s.people))
	id := fmt.Sprintf("c%06d", index)
	if p.anonymous {
		id = fmt.Sprintf("%sa%06d", event.AnonymousPrefix, index)
	}
	s.people = append(s.people, p)
	s.ids = append(s.ids, id)
	s.waiting.push(turn{p.next(), index})
}

func (s *Simulator) scheduleJoin() {
	s.nextJoin += 1 + int64(s.random.ExpFloat64()*s.joinGap)
}

func (s *Simulator) item(f *happening) Item {
	p := &s.people[f.person]

	return Item{
		Arrival:   f.arrival,
		Body:      s.encoder.body(f, s.ids[f.person], p),
		Customer:  s.ids[f.person],
		Duplicate: f.duplicate,
		Garbage:   f.spoiled != sound,
		Reason:    f.spoiled.reason(),
	}
}
