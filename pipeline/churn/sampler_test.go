package churn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// business are some customers and the sampler that a shard has for them.
type business struct {
	model   *Model
	states  []State
	sampler *Sampler
}

func newBusiness(m *Model, customers, partitions int) *business {
	return &business{m, make([]State, customers), NewSampler(m, partitions)}
}

func (b *business) state(c uint32) *State { return &b.states[c] }

func (b *business) draw(now int64) {
	b.sampler.Draw(b.model, now, uint32(len(b.states)), b.state)
}

func (b *business) report(now int64) []Row { return b.sampler.Report(b.model, now, b.state) }

// event takes an event as a shard does: what is due comes before.
func (b *business) event(c uint32, t, clock int64) {
	if b.sampler.Due(clock) {
		b.draw(clock)
	}
	b.model.Observe(&b.states[c], Event{Time: t, Qualifying: true})
	b.sampler.Observe(t)
}

// About so many are drawn as are wanted, over all partitions, however many
// customers there are.
func TestSamplerDrawsAsManyAsWanted(t *testing.T) {
	m := newModel(t, testConfig())
	now := (epoch/m.Slot() + 1) * m.Slot()
	const steps = 20
	tests := []struct{ active, lapsed, gone, partitions, wantActive, wantLapsed int }{
		{20_000, 5_000, 3000, 1, drawActive, drawLapsed},
		{20_000, 5_000, 3000, 4, drawActive / 4, drawLapsed / 4},
		{drawActive / 2, drawLapsed / 2, 10, 1, drawActive / 2, drawLapsed / 2}, // all of them
		{0, 3_000, 10, 2, 0, drawLapsed / 2},
	}
	for _, test := range tests {
		all := test.active + test.lapsed + test.gone + 100 // the last ones never engaged
		b := newBusiness(m, all, test.partitions)
		group := func(c int) int {
			switch {
			case c < test.active:
				return stillActive
			case c < test.active+test.lapsed:
				return longSilent
			}

			return notDrawn
		}
		var drawn [3]int
		seen := map[uint32]int{}
		for step := range int64(steps) {
			at := now + step*m.Slot()
			for c := range test.active + test.lapsed + test.gone {
				silence := int64(c) * 7919 % m.Horizon() // up to a horizon
				switch group(c) {
				case longSilent:
					silence = m.Horizon() + 1 + int64(c)*7919%(15*m.Horizon()-1)
				case notDrawn:
					silence = 16*m.Horizon() + 1 + int64(c)
				}
				b.states[c] = State{}
				m.Observe(&b.states[c], Event{Time: at - silence, Qualifying: true})
			}
			b.draw(at + step%3) // not at the very beginning of a step
			last := uint32(0)
			for _, p := range b.sampler.pending {
				if p.at != at {
					continue
				}
				drawn[group(int(p.customer))]++
				seen[p.customer]++
				if p.customer < last {
					t.Fatalf("customer %d was drawn after customer %d", p.customer, last)
				}
				last = p.customer
			}
		}
		for g, want := range []int{test.wantActive, test.wantLapsed, 0} {
			want *= steps
			if off := math.Abs(float64(drawn[g] - want)); off > 5*math.Sqrt(float64(want)) {
				t.Errorf("%+v: drew %d of group %d, want about %d", test, drawn[g], g, want)
			}
		}
		// Nobody is drawn over and over while others never are.
		for c, times := range seen {
			if share := float64(drawn[0]) / float64(max(test.active, 1)); share < 1 && times > 8 {
				t.Errorf("%+v: customer %d was drawn in %d of %d steps", test, c, times, steps)
			}
		}
	}
}

// watchedRow is a row that was drawn, as the test has seen it.
type watchedRow struct {
	customer uint32
	at       int64
	terms    [features]int8
}

// What became of each customer is what the events say: lost, if there is none
// in [at, at + 8 slots), which is the horizon.
func TestSamplerOutcomesAgainstAllEvents(t *testing.T) {
	var counts [outcomes]int
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		random := drawRandom(t)
		const customers = 25
		b := newBusiness(m, customers, 1)
		events := make([][]int64, customers)
		came := func(row watchedRow, until int64) bool {
			return slices.ContainsFunc(events[row.customer], func(at int64) bool { return at >= row.at && at < until })
		}
		var open []watchedRow
		histories := make([]*rawHistory, customers)
		for c := range histories {
			histories[c] = newRawHistory(m)
		}

		now := epoch
		pause := float64(m.Horizon()) * 2 / customers * random.Float64()
		report := func() {
			var waiting []watchedRow
			rows := b.report(now)
			over := slices.IndexFunc(rows, func(r Row) bool { return !r.Outcome.Complete() })
			if over < 0 {
				over = len(rows)
			}
			begun := m.Step(now) * m.Slot()
			for i, drawn := range open {
				if i < over {
					want := Lost
					if came(drawn, drawn.at+SlotsPerHorizon*m.Slot()) {
						want = Returned
					}
					if rows[i] != (Row{drawn.terms, wholeElapsed, want}) {
						t.Fatalf("row %+v of %+v, want outcome %d", rows[i], drawn, want)
					}
					counts[want]++

					continue
				}
				if drawn.at+SlotsPerHorizon*m.Slot() <= begun {
					t.Fatalf("%+v still waits at %d", drawn, now)
				}
				waiting = append(waiting, drawn)
			}
			open = waiting
			rows = rows[over:]
			for _, drawn := range open {
				if drawn.at == now {
					continue
				}
				want := Waiting
				if came(drawn, now+1) {
					want = Back
				}
				if len(rows) == 0 || rows[0].Terms != drawn.terms || rows[0].Outcome != want {
					t.Fatalf("rows %+v, the first should be %+v with outcome %d", rows, drawn, want)
				}
				counts[want]++
				rows = rows[1:]
			}
			if len(rows) > 0 {
				t.Fatalf("rows that nobody drew: %+v", rows)
			}
			b.sampler.Learned(m.Step(now))
		}
		for range 200 {
			now += int64(random.ExpFloat64() * pause)
			if random.IntN(5) == 0 { // at the very beginning of a step
				now = (now/m.Slot() + 1) * m.Slot()
			}
			if b.sampler.Due(now) {
				b.draw(now)
				begun := m.Step(now) * m.Slot()
				for _, p := range b.sampler.pending {
					if p.at == begun {
						if random.IntN(20) == 0 { // it is slow
							checkPending(t, m, histories[p.customer], &p)
						}
						open = append(open, watchedRow{p.customer, p.at, p.terms})
					}
				}
			}
			if random.IntN(20) == 0 {
				report()
			}
			c := uint32(random.IntN(1 + random.IntN(customers))) // some come more often
			b.event(c, now, now)
			histories[c].observe(Event{Time: now, Qualifying: true})
			events[c] = append(events[c], now)
		}
		report()
	})
	for o, n := range counts {
		if n < 100 {
			t.Errorf("outcome %d was seen %d times: the test has become weak", o, n)
		}
	}
}

// checkPending compares a row with the raw events.
func checkPending(t *rapid.T, m *Model, h *rawHistory, p *pending) {
	for i, x := range h.terms(p.at) {
		slack := 1e-4 * (1 + 1/m.prior.Terms[i].Deviation) * stepsPerDeviation
		if i == termPause || i == termSpread {
			slack *= pauseSlack
		}
		slack += 0.51
		if math.Abs(float64(p.terms[i])-x*stepsPerDeviation) > slack {
			t.Fatalf("term %s is %v steps, want %v", m.prior.Terms[i].Name, p.terms[i], x*stepsPerDeviation)
		}
	}
	repeats, exposure := h.repeats(p.at), h.exposure(p.at, 1.0/8)
	if math.Abs(float64(p.pace.repeats)-repeats) > 1e-4*(1+repeats) || math.Abs(float64(p.pace.exposure)-exposure) > 1e-4 {
		t.Fatalf("%v repeats in %v, want %v in %v", p.pace.repeats, p.pace.exposure, repeats, exposure)
	}
}

// Elapsed is the share of those who come back that would have by now.
func TestSamplerTellsHowMuchHasElapsed(t *testing.T) {
	m := newModel(t, testConfig())
	b := newBusiness(m, 1, 1)
	at := (epoch/m.Slot() + 1) * m.Slot()
	for i := range int64(10) {
		b.event(0, at-(20-2*i)*day, at-(20-2*i)*day)
	}
	b.sampler.pending = nil
	b.draw(at)
	if rows := b.report(at); len(rows) != 0 {
		t.Fatalf("rows %+v of which no time has passed", rows)
	}
	look := m.look(&b.states[0])
	pace := look.comeback(at)
	last := uint8(0)
	for days := int64(1); days < 30; days += 4 {
		rows := b.report(at + days*day)
		if len(rows) != 1 || rows[0].Outcome != Waiting {
			t.Fatalf("rows %+v after %d days", rows, days)
		}
		want := math.Round(255 * pace.share(m.Parameters().Rates, float64(days)/30))
		if got := rows[0].Elapsed; math.Abs(float64(got)-want) > 1 || got <= last {
			t.Errorf("elapsed %d after %d days, want %v, and above %d", got, days, want, last)
		}
		last = rows[0].Elapsed
	}
}

// An event ahead of the clock is in the terms of a row, so it must not be what
// became of it: such customers are not drawn.
func TestSamplerDrawsNobodyAhead(t *testing.T) {
	m := newModel(t, testConfig())
	at := (epoch/m.Slot() + 1) * m.Slot()
	for ahead, want := range map[int64]int{-1: 1, 0: 0, 1: 0, hour: 0} {
		b := newBusiness(m, 1, 1)
		b.event(0, at+ahead, at-1)
		b.draw(at)
		if got := len(b.sampler.pending); got != want {
			t.Errorf("%d rows of a customer whose latest event is %d ms ahead, want %d", got, ahead, want)
		}
	}
}

// A draw hangs on nothing but customer and step.
func TestUniform(t *testing.T) {
	const n = 100_000
	var sum, squares, together float64
	for i := range uint32(n) {
		u, next := uniform(i, 7), uniform(i, 8)
		if u < 0 || u >= 1 || u != uniform(i, 7) {
			t.Fatalf("customer %d has %v", i, u)
		}
		sum += u
		squares += u * u
		together += u * next
	}
	for name, pair := range map[string][2]float64{"mean": {sum / n, 1.0 / 2}, "square": {squares / n, 1.0 / 3}, "product with the next step's": {together / n, 1.0 / 4}} {
		if math.Abs(pair[0]-pair[1]) > 0.005 {
			t.Errorf("%s is %v, want %v", name, pair[0], pair[1])
		}
	}
}

func TestSamplerIsBounded(t *testing.T) {
	m := newModel(t, testConfig())
	b := newBusiness(m, 3000, 1)
	begin := m.Step(epoch)
	most := 0
	for step := range int64(60) {
		at := (begin + step) * m.Slot()
		for c := range b.states {
			if step == 0 || c%2 == 0 {
				m.Observe(&b.states[c], Event{Time: at - 1 - int64(c), Qualifying: true})
			}
		}
		b.draw(at)
		most = max(most, len(b.sampler.pending))
	}
	if most > SlotsPerHorizon*(drawActive+drawLapsed)*11/10 {
		t.Errorf("%d rows wait, want 8 steps of about %d", most, drawActive+drawLapsed)
	}
	if len(b.sampler.complete) != mostComplete {
		t.Fatalf("%d rows are kept, want %d", len(b.sampler.complete), mostComplete)
	}
	newest := b.sampler.complete[mostComplete-1]
	rows := b.report((begin + 60) * m.Slot())
	if len(rows) != mostComplete+len(b.sampler.pending) || rows[mostComplete-1] != newest.row {
		t.Errorf("%d rows reported, want the newest %d and all that wait", len(rows), mostComplete)
	}
}

// However many are drawn, a report has no more rows than fit into a message, and
// they hold all of a step.
func TestReportsAreBounded(t *testing.T) {
	if mostComplete < drawActive+drawLapsed {
		t.Errorf("%d complete rows are fewer than a step draws", mostComplete)
	}
	m := newModel(t, testConfig())
	b := newBusiness(m, 100, 1)
	step := m.Step(epoch)
	at := step * m.Slot()
	for c := range b.states {
		m.Observe(&b.states[c], Event{Time: at - 1, Qualifying: true})
	}
	b.sampler.pending = make([]pending, mostPending-50)
	for i := range b.sampler.pending {
		b.sampler.pending[i] = pending{at: at - m.Slot()}
	}
	b.draw(at)
	for range mostComplete + 1 {
		b.sampler.complete = append(b.sampler.complete, ended{Row{Outcome: Lost}, step})
	}
	b.draw(at + m.Slot())
	if len(b.sampler.pending) != mostPending || len(b.sampler.complete) != mostComplete {
		t.Fatalf("%d rows wait and %d are complete, want %d and %d", len(b.sampler.pending), len(b.sampler.complete), mostPending, mostComplete)
	}
	rows := AppendRows(nil, b.report(at+2*m.Slot()))
	if len(rows) != (mostPending+mostComplete)*RowSize || len(rows) > MaxReportBytes {
		t.Errorf("%d bytes of %d rows, want at most %d", len(rows), len(rows)/RowSize, MaxReportBytes)
	}
	data := b.sampler.AppendBinary(nil)
	if err := NewSampler(m, 1).Restore(data, 100); err != nil {
		t.Errorf("the fullest sampler is refused: %v", err)
	}
	b.sampler.pending = append(b.sampler.pending, pending{at: at})
	if err := NewSampler(m, 1).Restore(b.sampler.AppendBinary(nil), 100); !errors.Is(err, ErrSampler) {
		t.Errorf("a row more that waits is restored: %v", err)
	}
}

// Rows are reported until they are learned from, each with the same outcome.
func TestSamplerReportsUntilLearned(t *testing.T) {
	m := newModel(t, testConfig())
	b, now := someBusiness(rand.New(rand.NewPCG(3, 4)), m, 600)
	step := m.Step(now)
	rows := b.report(now)
	data := b.sampler.AppendBinary(nil)
	complete := len(b.sampler.complete)
	byStep := map[int64]int{}
	for _, e := range b.sampler.complete {
		byStep[e.step]++
	}
	if complete == 0 || byStep[step] == 0 || len(byStep) < 2 {
		t.Fatalf("rows of steps %v up to %d tell nothing", byStep, step)
	}
	if again := b.report(now); !slices.Equal(again, rows) || !bytes.Equal(b.sampler.AppendBinary(nil), data) {
		t.Fatal("a second report differs from the first")
	}
	b.sampler.Learned(step - 1)
	if got, want := b.report(now), rows[complete-byStep[step]:]; !slices.Equal(got, want) {
		t.Errorf("%d rows after all but the last step were learned from, want %d", len(got), len(want))
	}
	b.sampler.Learned(step)
	if got, want := b.report(now), rows[complete:]; !slices.Equal(got, want) {
		t.Errorf("%d rows after all were learned from, want %d", len(got), len(want))
	}
}

// The week is counted where it has a say.
func TestSamplerCountsTheWeek(t *testing.T) {
	config := testConfig()
	if s := NewSampler(newModel(t, config), 1); s.Week() != nil {
		t.Error("a week is counted for a horizon of 30 days")
	}
	config.Horizon, config.Dwell = 3*day, 0
	s := NewSampler(newModel(t, config), 1)
	want := make([]int64, hoursPerWeek)
	for i := range int64(1000) {
		at := epoch + i*37*minute
		s.Observe(at)
		want[hourOfWeek(at)]++
	}
	if !slices.Equal(s.Week(), want) {
		t.Errorf("counted %v, want %v", s.Week(), want)
	}
}

func someBusiness(random *rand.Rand, m *Model, events int) (b *business, now int64) {
	b, now = newBusiness(m, 30, 2), epoch
	for range events {
		now += int64(random.ExpFloat64() * float64(m.Horizon()) / 40)
		b.event(uint32(random.IntN(30)), now, now)
		if random.IntN(200) == 0 {
			b.sampler.Learned(m.Step(now) - 1)
		}
	}

	return b, now
}

// A sampler that was stored goes on as the one that was not.
func TestSamplerRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		random := drawRandom(t)
		b, now := someBusiness(random, m, rapid.IntRange(0, 120).Draw(t, "events"))
		data := b.sampler.AppendBinary([]byte("x"))[1:]
		restored := &business{m, slices.Clone(b.states), NewSampler(m, 2)}
		if err := restored.sampler.Restore(data, 30); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			now += int64(random.ExpFloat64() * float64(m.Horizon()) / 40)
			c := uint32(random.IntN(30))
			b.event(c, now, now)
			restored.event(c, now, now)
			if random.IntN(20) == 0 && !slices.Equal(b.report(now), restored.report(now)) {
				t.Fatal("their rows differ")
			}
		}
		if again := restored.sampler.AppendBinary(nil); !bytes.Equal(again, b.sampler.AppendBinary(nil)) {
			t.Fatal("they differ")
		}
	})
}

func fuzzedSampler(tb testing.TB) (*Sampler, []byte) {
	tb.Helper()
	config := testConfig()
	config.Horizon = 3 * day
	m := newModel(tb, config)
	b, _ := someBusiness(rand.New(rand.NewPCG(1, 2)), m, 600)
	if len(b.sampler.pending) == 0 || len(b.sampler.complete) == 0 {
		tb.Fatal("a sampler without rows tells nothing")
	}

	return NewSampler(m, 2), b.sampler.AppendBinary(nil)
}

func TestRestoreSamplerRefuses(t *testing.T) {
	s, data := fuzzedSampler(t)
	const week = 8 + 4 + 8*hoursPerWeek
	spoil := func(f func([]byte)) []byte {
		bad := bytes.Clone(data)
		f(bad)

		return bad
	}
	half := func(at int, value uint32) []byte {
		return spoil(func(b []byte) { binary.LittleEndian.PutUint32(b[at:], value) })
	}
	tests := map[string][]byte{
		"nothing":                 nil,
		"too long":                append(bytes.Clone(data), 0),
		"no week":                 half(8, 0),
		"more rows than bytes":    half(week, 1<<31),
		"a customer out of range": half(week+4+8, 30),
		"a time before 1970":      spoil(func(b []byte) { b[week+4+7] = 0xff }),
		"repeats not a number":    half(week+4+12, math.Float32bits(float32(math.NaN()))),
		"negative exposure":       half(week+4+16, math.Float32bits(-1)),
		"an unknown segment":      spoil(func(b []byte) { b[week+4+pendingSize-4] = byte(Segments) }),
		"a risk above 1":          spoil(func(b []byte) { b[week+4+pendingSize-1] = 0x28 }),
		"an unknown outcome":      spoil(func(b []byte) { b[len(b)-1] = byte(outcomes) }),
		"no outcome":              spoil(func(b []byte) { b[len(b)-1] = byte(Waiting) }),
		"ended in the future":     spoil(func(b []byte) { b[len(b)-endedSize+6] = 1 }),
	}
	for cut := 1; cut < len(data); cut += 97 {
		tests["cut off"] = data[:len(data)-cut]
		for name, bad := range tests {
			before := s.AppendBinary(nil)
			if err := s.Restore(bad, 30); !errors.Is(err, ErrSampler) {
				t.Fatalf("%s, %d: got error %v, want ErrSampler", name, cut, err)
			}
			if !bytes.Equal(s.AppendBinary(nil), before) {
				t.Fatalf("%s: refused, but the sampler has changed", name)
			}
		}
	}
	if err := s.Restore(data, 30); err != nil {
		t.Errorf("what was spoiled is itself refused: %v", err)
	}
}

func FuzzRestoreSampler(f *testing.F) {
	fresh, data := fuzzedSampler(f)
	f.Add(data)
	f.Add(fresh.AppendBinary(nil))
	config := testConfig()
	config.Horizon = 3 * day
	m := newModel(f, config)
	f.Fuzz(func(t *testing.T, data []byte) {
		b := newBusiness(m, 30, 2)
		if b.sampler.Restore(data, 30) != nil {
			return
		}
		if got := b.sampler.AppendBinary(nil); !bytes.Equal(got, data) {
			t.Fatalf("%x became %x", data, got)
		}
		// Whatever was accepted can be used.
		for _, now := range []int64{epoch, epoch + 10*day} {
			b.event(3, now, now)
			for _, row := range b.report(now) {
				if row.Outcome >= outcomes {
					t.Fatalf("row %+v", row)
				}
			}
		}
	})
}

func TestForgetDropsRowsThatWait(t *testing.T) {
	m := newModel(t, Defaults())
	s := NewSampler(m, 1)
	states := make([]State, 4)
	state := func(c uint32) *State { return &states[c] }
	start := (epoch/m.Slot() + 1) * m.Slot()
	for c := range states {
		m.Observe(&states[c], Event{Time: start - day, Qualifying: true})
	}
	s.Draw(m, start, 4, state)
	s.Forget(func(c uint32) bool { return c%2 == 1 })
	over := start + m.Horizon() + m.Slot()
	for c := range states { // so that nothing is drawn anew
		m.Observe(&states[c], Event{Time: over - 1, Ends: true})
	}
	s.Draw(m, over, 4, state)
	if rows := s.Report(m, over, state); len(rows) != 2 || rows[0].Outcome != Lost || rows[1].Outcome != Lost {
		t.Errorf("rows %+v, want the two that were not forgotten", rows)
	}
}

// The rows of who has left end as lost, also where another customer gets the
// number and comes, and nobody's row is forgotten for that one's sake.
func TestRowsOfWhoLeftAreLost(t *testing.T) {
	m := newModel(t, Defaults())
	s := NewSampler(m, 1)
	states := make([]State, 4)
	state := func(c uint32) *State { return &states[c] }
	start := (epoch/m.Slot() + 1) * m.Slot()
	for c := range states {
		m.Observe(&states[c], Event{Time: start - day, Qualifying: true})
	}
	s.Draw(m, start, 4, state)
	s.Leave(func(c uint32) bool { return c == 1 })
	states[1] = State{}
	over := start + m.Horizon() + m.Slot()
	for c := range states {
		m.Observe(&states[c], Event{Time: start + day, Qualifying: true})
	}
	restored := NewSampler(m, 1)
	if err := restored.Restore(s.AppendBinary(nil), 4); err != nil {
		t.Fatal(err)
	}
	restored.Forget(func(c uint32) bool { return c == 2 })
	restored.Draw(m, over, 4, state)
	var lost, returned int
	for _, row := range restored.Report(m, over, state) {
		switch row.Outcome {
		case Lost:
			lost++
		case Returned:
			returned++
		}
	}
	if lost != 1 || returned != 2 {
		t.Errorf("%d lost and %d returned, want 1 and 2", lost, returned)
	}
}
