package churn

import (
	"math/rand/v2"
	"testing"
)

// benchCustomers are customers with weekly and rarer habits.
func benchCustomers(b *testing.B, n int) (*Model, []State, int64) {
	b.Helper()
	m := newModel(b, Defaults())
	random := rand.New(rand.NewPCG(5, 6))
	states := make([]State, n)
	end := int64(1_700_000_000_000)
	for i := range states {
		at := end - random.Int64N(300*day)
		gap := (1 + 20*random.Float64()) * float64(day)
		for at < end {
			m.Observe(&states[i], at, true)
			at += int64(random.ExpFloat64() * gap)
		}
		evaluateAll(m, &states[i], end)
		states[i].SetTimer(m.NextCrossing(&states[i], end))
	}

	return m, states, end
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
		m.Observe(s, max(s.last, now-100*day)+step, true)
		if s.last > MaxTime-10*day {
			s.first, s.last = now-10*day, now
		}
	}
}

func BenchmarkObserveNewSlot(b *testing.B) {
	m, states, now := benchCustomers(b, 1024)
	for i := 0; b.Loop(); i++ {
		s := &states[i%len(states)]
		s.level = Healthy
		m.Observe(s, s.last+4*day, true)
		if s.last > MaxTime-10*day {
			s.first, s.last = now-10*day, now
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
