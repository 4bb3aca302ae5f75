package churn

import (
	"math/rand/v2"
	"testing"
)

// benchCustomers are customers with weekly and rarer habits.
func benchCustomers(b *testing.B, n int) (*Model, []State, int64) {
	b.Helper()
	m := newModel(b, testConfig())
	random := rand.New(rand.NewPCG(5, 6))
	states := make([]State, n)
	end := int64(1_700_000_000_000)
	for i := range states {
		at := end - random.Int64N(300*day)
		gap := (1 + 20*random.Float64()) * float64(day)
		for at < end {
			m.Observe(&states[i], Event{Time: at, Qualifying: true})
			at += int64(random.ExpFloat64() * gap)
		}
		evaluateAll(m, &states[i], end)
		states[i].SetTimer(m.NextLook(&states[i], end))
	}

	return m, states, end
}

// What runs for every event or timer leaves nothing to collect.
func TestHotPathDoesNotAllocate(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	at := epoch
	for name, run := range map[string]func(){
		"Observe": func() {
			at += 5 * hour
			s.level = Healthy
			m.Observe(&s, Event{Time: at, Qualifying: true})
		},
		"Score":        func() { m.Score(&s, at+day) },
		"Steady":       func() { m.Steady(&s, at+day) },
		"NextCrossing": func() { m.NextCrossing(&s, at) },
		"NextLook":     func() { m.NextLook(&s, at) },
		"Evaluate":     func() { m.Evaluate(&s, at+100*day) },
	} {
		m.Observe(&s, Event{Time: at, Qualifying: true})
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// Events within a visit come a minute apart, visits a day.
func BenchmarkObserve(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	for i := 0; b.Loop(); i++ {
		s := &states[i%len(states)]
		s.level = Healthy
		step := minute
		if i/len(states)%10 == 0 {
			step = day
		}
		m.Observe(s, Event{Time: max(s.last, now-100*day) + step, Qualifying: true})
		if s.last > MaxTime-10*day {
			s.first, s.last = moment(now-10*day), now
		}
	}
}

func BenchmarkObserveNewSlot(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	for i := 0; b.Loop(); i++ {
		s := &states[i%len(states)]
		s.level = Healthy
		m.Observe(s, Event{Time: s.last + 4*day, Qualifying: true})
		if s.last > MaxTime-10*day {
			s.first, s.last = moment(now-10*day), now
		}
	}
}

func BenchmarkScore(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	for i := 0; b.Loop(); i++ {
		m.Score(&states[i%len(states)], now+int64(i)%day)
	}
}

func BenchmarkNextCrossing(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	for i := 0; b.Loop(); i++ {
		m.NextCrossing(&states[i%len(states)], now)
	}
}

// A learning step of one business: eight steps of rows wait, one is complete.
// As after new parameters, for which every customer is looked at anew.
func BenchmarkNextLook(b *testing.B) {
	m, states, now := benchCustomers(b, 4096)
	for i := 0; b.Loop(); i++ {
		m.NextLook(&states[i%len(states)], now)
	}
}

func BenchmarkLearn(b *testing.B) {
	random := rand.New(rand.NewPCG(11, 12))
	prior := testPrior()
	weights := prior.weights()
	rows := randomRows(random, drawActive+drawLapsed, &weights)
	for range (SlotsPerHorizon - 1) * (drawActive + drawLapsed) {
		rows = append(rows, Row{Terms: randomTerms(random), Elapsed: uint8(random.IntN(256)), Outcome: Outcome(random.IntN(2))})
	}
	before := prior.Parameters()
	for b.Loop() {
		if _, ok := prior.Learn(before, 1, enoughStatistics(), rows); !ok {
			b.Fatal("nothing learned")
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	s := NewSampler(m, 1)
	for i := int64(0); b.Loop(); i++ {
		s.Draw(m, now+i*m.Slot(), 1024, func(c uint32) *State { return &states[c] })
	}
}

func BenchmarkReasons(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	for i := 0; b.Loop(); i++ {
		m.Reasons(&states[i%len(states)], now)
	}
}

func BenchmarkStatisticsAdd(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	var sum Statistics
	for i := 0; b.Loop(); i++ {
		sum.Add(m, &states[i%len(states)], now)
	}
}

// A million customers; each timer that rings is set again.
func BenchmarkTimers(b *testing.B) {
	const customers = 1 << 20
	random := rand.New(rand.NewPCG(7, 8))
	var timers Timers
	timers.Fill(customers, func(uint32) int64 { return random.Int64N(30 * day) })
	for b.Loop() {
		customer, at, _ := timers.Due(Never - 1)
		timers.Schedule(customer, at+random.Int64N(30*day))
	}
	b.ReportMetric(float64(timers.Bytes())/customers, "bytes/customer")
}

func BenchmarkTimersFill(b *testing.B) {
	const customers = 1 << 20
	random := rand.New(rand.NewPCG(9, 10))
	var timers Timers
	for b.Loop() {
		timers.Fill(customers, func(uint32) int64 { return random.Int64N(30 * day) })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/customers, "ns/customer")
}
