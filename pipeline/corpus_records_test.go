package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
)

// corpusScene makes the records of a corpus of snapshots: a partition to which
// everything happens that a snapshot has to hold. It notes the places at which
// one is taken. It is used once a format: afterwards the records are a file.
type corpusScene struct {
	config   meaning.Config
	shard    *shard.Shard // tells what it is asked, so that it can be answered
	random   *rand.Rand
	records  []event.Record
	clock    int64
	taken    map[string]uint64 // by what stands in the snapshot: after which record
	snapshot map[string][]byte
	ids      int
	asked    []fact.StatisticsReport
	t        *testing.T
}

const (
	sceneMinute = int64(60_000)
	sceneHour   = 60 * sceneMinute
	sceneDay    = 24 * sceneHour
)

func corpusConfig() meaning.Config {
	config := meaning.DefaultConfig()
	config.Partitions = 1
	config.CutRecords = 400
	config.Churn = config.Churn.Fixed(0.6, 0.85)
	config.Churn.Horizon = (36 * time.Hour).Milliseconds()
	config.StoreStep = 25 * time.Minute
	config.Churn.Dwell = time.Hour.Milliseconds()
	config.CoordinateInterval = 6 * time.Hour
	config.MaxCustomers = 300
	config.KeepAnonymous = 29 * 24 * time.Hour
	config.AlertBudget, config.AlertEvery = 5, 12*time.Hour
	config.Holdout = 0.2

	return config
}

// playCorpusScene plays all of it.
func playCorpusScene(t *testing.T) *corpusScene {
	s := &corpusScene{
		config: corpusConfig(), random: rand.New(rand.NewPCG(20260301, 6)), t: t,
		clock: time.Date(2026, 1, 28, 0, 0, 0, 0, time.UTC).UnixMilli(),
		taken: map[string]uint64{}, snapshot: map[string][]byte{},
	}
	var err error
	if s.shard, err = shard.NewShard(s.config, 0); err != nil {
		t.Fatal(err)
	}
	s.shard.BelongTo(memoryEra)
	s.imported()
	s.live(15*sceneDay, 6*sceneMinute)
	s.take("live")
	s.live(sceneDay, 6*sceneMinute)
	s.reconfigure()
	s.live(5*sceneMinute, sceneMinute)
	s.take("configured")
	s.live(sceneDay, 6*sceneMinute)
	s.silence()
	s.live(2*sceneHour, 6*sceneMinute)
	s.take("grace")
	s.live(20*sceneHour, 6*sceneMinute)
	s.leap()
	s.live(sceneDay, 6*sceneMinute)

	return s
}

// add hands over a record at the clock.
func (s *corpusScene) add(record event.Record) {
	record.Sequence = uint64(len(s.records) + 1)
	if record.Stored == 0 {
		record.Stored = s.clock
	}
	if record.Clock == 0 {
		record.Clock = s.clock
	}
	s.records = append(s.records, record)
	err := s.shard.Process(&record, func(cut *shard.Cut) {
		for _, message := range cut.Outputs[shard.Statistics] {
			var report fact.StatisticsReport
			if err := json.Unmarshal(message.Data, &report); err != nil {
				s.t.Fatal(err)
			}
			s.asked = append(s.asked, report)
		}
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *corpusScene) mark(lane event.Lane, control event.Control, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.add(event.Record{Lane: lane, Control: control, Data: data})
}

// take notes the state as it is.
func (s *corpusScene) take(what string) {
	s.taken[what] = s.records[len(s.records)-1].Sequence
	s.snapshot[what] = s.shard.Capture().AppendBinary(nil)
}

// answer is what the coordinator would say to the last reports.
func (s *corpusScene) answer() {
	for _, report := range s.asked {
		lane := event.LaneControl
		if report.Import != "" {
			lane = event.LaneHistory
		}
		parameters := churn.ShippedPrior().Parameters()
		parameters.Version = report.Parameters.Version + 1
		parameters.Rates = churn.Rates{Shape: max(0.3, 1-float64(parameters.Version)/50), Rate: 4}
		parameters.Step = report.Step
		s.mark(lane, event.ControlModel, fact.ModelFact{Import: report.Import, Coordinate: report.Coordinate,
			Horizon: report.Horizon, Parameters: parameters})
		if report.Alerts == nil {
			continue
		}
		said := fact.AlertsFact{RoundKey: report.Alerts.RoundKey, From: max(report.Alerts.From, 1)}
		for range report.Alerts.Lists {
			said.Takes = append(said.Takes, 1)
		}
		s.mark(lane, event.ControlAlerts, said)
	}
	s.asked = nil
}

// body is an event of now, more or less.
func (s *corpusScene) body() []byte {
	s.ids++
	types := [...]string{"page.viewed", "page.pinged", "email.clicked", "email.opened", "message.sent", "app.opened",
		"cart.added", "order.completed", "order.returned", "payment.failed", "survey.answered", "case.opened", "strange.thing", "spam_reported", "subscription.canceled"}
	ev := map[string]any{
		"id": fmt.Sprint("e", s.ids), "type": types[s.random.IntN(1+s.random.IntN(len(types)))],
		"time": timeText(s.clock - s.random.Int64N(4*sceneMinute)), "customer": fmt.Sprintf("c%d", s.random.IntN(50)),
	}
	switch s.random.IntN(12) {
	case 0, 1:
		ev["customer"] = fmt.Sprint("once-", s.ids)
	case 2:
		ev["customer"] = fmt.Sprint("someone with an id that is rather long ", s.random.IntN(20))
	case 3:
		delete(ev, "customer")
		ev["anonymous_id"] = fmt.Sprint("a", s.ids)
	}
	switch ev["type"] {
	case "order.completed", "order.returned":
		ev["value"] = json.Number(fmt.Sprintf("%d.%02d", s.random.IntN(200), s.random.IntN(100)))
		ev["currency"] = [...]string{"EUR", "EUR", "USD"}[s.random.IntN(3)]
	case "survey.answered":
		ev["score"] = s.random.IntN(11)
	}
	switch s.random.IntN(60) {
	case 0:
		return []byte(`{"id":`)
	case 1:
		ev["time"] = timeText(s.clock - 8*sceneMinute)
	case 2:
		ev["time"] = timeText(s.clock - 3*sceneHour) // late
	case 3:
		ev["machine"] = true
	case 4:
		if n := len(s.records); s.records[n-1].Rows == 0 && s.records[n-1].Control == event.ControlNone {
			return s.records[n-1].Data // again
		}
	case 5:
		ev["value"], ev["currency"] = json.Number("9000000000000.25"), "JPY"
	}
	body, err := json.Marshal(ev)
	if err != nil {
		s.t.Fatal(err)
	}

	return body
}

// imported is an import, and a snapshot within it.
func (s *corpusScene) imported() {
	s.mark(event.LaneHistory, event.ControlStart, fact.StartMark{Import: "digest-1", Source: "history.csv",
		Expired: map[string]int64{"1m": s.clock + sceneDay, "5m": s.clock + sceneDay/2}})
	question := uint64(0)
	for n := range 420 {
		s.clock += 10*sceneMinute + s.random.Int64N(10*sceneMinute)
		if n == 150 {
			s.clock += 24 * sceneDay // those of before leave, later on
		}
		if n%9 == 8 {
			var rows []byte
			for range 3 {
				rows = event.AppendRow(rows, s.clock, s.body())
			}
			s.add(event.Record{Lane: event.LaneHistory, Rows: 3, Data: rows})
		} else {
			s.add(event.Record{Lane: event.LaneHistory, Data: s.body()})
		}
		if n%100 == 99 {
			question++
			s.mark(event.LaneHistory, event.ControlTick, fact.TickMark{Coordinate: question})
			if n == 299 {
				s.add(event.Record{Lane: event.LaneHistory, Data: s.body()})
				s.take("import")
			}
			s.answer()
		}
	}
	s.mark(event.LaneHistory, event.ControlTick, fact.TickMark{})
	s.mark(event.LaneHistory, event.ControlEnd, fact.EndMark{Import: "digest-1"})
}

// live is events for so long, at about such distances.
func (s *corpusScene) live(span, distance int64) {
	for end := s.clock + span; s.clock < end; {
		s.clock += distance/2 + s.random.Int64N(distance)
		s.add(event.Record{Data: s.body()})
		if s.random.IntN(30) == 0 {
			s.tick()
		}
		if len(s.asked) > 0 && s.random.IntN(3) == 0 {
			s.answer()
		}
	}
}

func (s *corpusScene) tick() { s.mark(event.LaneControl, event.ControlTick, struct{}{}) }

// reconfigure puts another configuration into force: identities are told by id,
// there is another channel with a type, and lateness is longer.
func (s *corpusScene) reconfigure() {
	config := s.config
	config.Duplicates.ByID, config.Duplicates.Keep = true, 6*time.Hour
	config.Lateness = 20 * time.Minute
	config.Vocabulary.Channels = append(config.Vocabulary.Channels, "kiosk")
	config.Vocabulary.Types = append(config.Vocabulary.Types,
		vocabulary.TypeConfig{Type: "kiosk.used", Kind: "active", Channel: "kiosk"},
		vocabulary.TypeConfig{Type: "strange.thing", Kind: "micro", Channel: "kiosk"})
	s.mark(event.LaneControl, event.ControlConfig, meaning.Fact{Version: 1, Config: config})
	s.config = config
}

// silence is an outage: signals are held.
func (s *corpusScene) silence() {
	for end := s.clock + 34*sceneHour; s.clock < end; {
		s.clock += 20 * sceneMinute
		s.tick()
	}
	s.take("silence")
	s.clock += sceneHour
	s.tick()
}

// leap is a server whose clock is ahead for a moment.
func (s *corpusScene) leap() {
	for range 9 { // events so close that one alone can't bear it out
		s.clock += 2_000
		s.add(event.Record{Data: fmt.Appendf(nil, `{"id":"near%d","time":%q,"customer":"c%d","type":"page.viewed"}`,
			s.clock, timeText(s.clock), s.clock/2000%9)})
	}
	for i := range int64(2) {
		s.clock += 1_000
		stored := s.clock + 40*sceneDay
		s.add(event.Record{Stored: stored, Clock: stored, Data: fmt.Appendf(nil, `{"id":"leap%d","time":%q,"customer":"c1","type":"page.viewed"}`,
			i, timeText(s.clock+8*sceneMinute))})
	}
	s.take("leap")
	s.clock += 1_000
	s.tick()
}
