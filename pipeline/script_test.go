package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// TestScripts runs testdata/shard: what one shard makes of its records, in
// words. Every line of input is a record:
//
//	12:00:03 event c1 page.viewed id=a time=11:59:58   a live event, stored at 12:00:03
//	12:00:03 raw c1 {"id":                             a live record with these bytes
//	12:00:03 forged c1 page.viewed id=a                an event with a reserved header
//	12:01:00 tick                                      the owner's clock
//	+40d12:01:00 tick                                  the same with a wrong store time
//	12:00:00 start i1, 12:00:00 end i1                 an import's marks
//	12:00:00 history c1 page.viewed id=a               an event of the import
//	18:00:00 unclocked c1 page.viewed id=a             the same without a readable clock
//	12:00:00 mark, 12:00:00 ask 1, 12:00:00 last       the import's ticks
//	12:00:00 model 2 shape=1 rate=4                    the coordinator's answer to a report of now
//	12:00:00 alerts 2,1 from=1                         so many of each list of this period's candidates may be alerted of
//	12:00:00 alerts 2 from=1 i1 3                      the same for question 3 of import i1
//	12:00:00 config 2 lateness=1h skew=1m              another configuration; VERSION, and what differs
//
//	12:00:00 forget c1, 12:00:00 forgotten c1          c1 is forgotten; was, and the record that said so is erased
//
//	12:00:00 join a1 c1                                anonymous:a1 is c1, as an event said that holds both ids
//	12:00:00 move c1                                   the record of the last cut that told where c1 was active before
//
// The command forgotten shows how many customers were. The command population shows how many customers there are, and how many left.
//
// The command traffic stands for many events of one type, or of two, every
// so often, of c1, c2 and so on in turn, or of one customer. It shows what
// became of the feed and the customers' levels alone.
//
// Times are of 4 May 2026; +1d12:00:00 is the day after. What follows the line
// ---- is what the shard did: a verdict for every event, then the cuts.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata/shard", func(t *testing.T, path string) {
		var s *script
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "shard":
				s = newScript(t, d)

				return ""
			case "records":
				s.show(d)

				return s.records(d.Input)
			case "traffic":
				return s.traffic(d)
			case "restart":
				return s.restart()
			case "forgotten":
				told, erase := s.shard.Status().Forgotten, s.shard.Erase()

				return fmt.Sprintf("%d forgotten, %d events withheld, records %d to %d are to be erased\n", told.Customers, told.Events, erase.From, erase.To)
			case "population":
				return fmt.Sprintf("levels %v, %d customers, %d left\n", s.shard.Status().Levels, s.shard.Customers(), s.shard.Counts().Left)
			}
			t.Fatalf("unknown command %s", d.Cmd)

			return ""
		})
	})
}

type script struct {
	t        *testing.T
	config   meaning.Config
	shard    *shard.Shard
	sequence uint64
	tables   []string
	windows  []string
	out      strings.Builder
	snapshot []byte // at the last cut
	since    []event.Record
	leap     clock.Leap
	moves    []fact.MoveMark // that cuts held
}

var scriptDay = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

// anyLeap lets single records move the clock as far as they like.
const anyLeap = 100 * 365 * 24 * time.Hour

func newScript(t *testing.T, d *datadriven.TestData) *script {
	s := &script{t: t, config: meaning.DefaultConfig()}
	s.config.Partitions = 1
	s.config.Churn = s.config.Churn.Fixed(0.6, 0.85)
	s.config.Churn.Prior = scriptPrior()
	s.config.StoreStep = anyLeap
	for _, arg := range d.CmdArgs {
		if arg.Key == "doubts" {
			s.config.StoreStep = 0

			continue
		}
		s.set(&s.config, arg.Key, arg.Vals...)
	}
	var err error
	if s.shard, err = shard.NewShard(s.config, 0); err != nil {
		t.Fatal(err)
	}

	return s
}

// set changes a setting.
func (s *script) set(config *meaning.Config, key string, values ...string) {
	value := values[0]
	switch key {
	case "lateness":
		config.Lateness = duration(s.t, value)
	case "skew":
		config.Skew = duration(s.t, value)
	case "horizon":
		config.Churn.Horizon = duration(s.t, value).Milliseconds()
	case "dwell":
		config.Churn.Dwell = duration(s.t, value).Milliseconds()
	case "language":
		config.Churn.Language = value
	case "in_time": // thresholds follow the stream
		config.Churn.CoolingAt, config.Churn.AtRiskAt = 0, 0
		scan(s.t, value, "%g", &config.Churn.InTime)
	case "holdout":
		scan(s.t, value, "%g", &config.Holdout)
	case "alert_budget":
		scan(s.t, value, "%d", &config.AlertBudget)
	case "alert_every":
		config.AlertEvery = duration(s.t, value)
	case "metrics": // as the setting takes them
		var err error
		if config.Metrics, err = metric.Switched(values); err != nil {
			s.t.Fatal(err)
		}
	case "rollups": // as the setting takes them; "none" for none
		config.Rollups = nil
		for _, entry := range values {
			if entry == "none" {
				continue
			}
			r, err := metric.ParseRollup(entry)
			if err != nil {
				s.t.Fatal(err)
			}
			config.Rollups = append(config.Rollups, r)
		}
	case "currency":
		config.Currency = value
	case "margin":
		scan(s.t, value, "%g", &config.Margin)
	case "zone":
		config.Zone = value
	case "cut_records":
		scan(s.t, value, "%d", &config.CutRecords)
	case "silent_below":
		scan(s.t, value, "%g", &config.Feed.SilentBelow)
	case "hold_at_most":
		config.Feed.HoldAtMost = duration(s.t, value)
	case "keep":
		config.Keep = duration(s.t, value)
	case "keep_anonymous":
		config.KeepAnonymous = duration(s.t, value)
	case "max_customers":
		scan(s.t, value, "%d", &config.MaxCustomers)
	case "duplicates_keep":
		config.Duplicates.ByID, config.Duplicates.Keep = true, duration(s.t, value)
	case "identities":
		scan(s.t, value, "%d", &config.Duplicates.AtMost)
	case "lengths": // fewer windows make long histories quick
		config.Lengths = slices.DeleteFunc(config.Lengths, func(l windows.Length) bool { return !slices.Contains(values, l.Name) })
	case "join":
		config.Join = value == "true"
	case "forget_by_command":
		config.ForgetByCommand = value == "true"
	case "unknown_types":
		config.Vocabulary.UnknownTypes = value
	case "coordinate":
		config.CoordinateInterval = duration(s.t, value)
	case "channels":
		config.Vocabulary.Channels = values
	case "type": // in place of all
		config.Vocabulary.Types = nil
		for _, entry := range values {
			name, meaning, _ := strings.Cut(entry, ":")
			kind, channel, _ := strings.Cut(meaning, "/")
			if name != "" {
				config.Vocabulary.Types = append(config.Vocabulary.Types, vocabulary.TypeConfig{Type: name, Kind: kind, Channel: channel})
			}
		}
	case "at_risk_at":
		scan(s.t, value, "%g", &config.Churn.AtRiskAt)
	case "cooling_at":
		scan(s.t, value, "%g", &config.Churn.CoolingAt)
	case "cut_interval":
		config.CutInterval = duration(s.t, value)
	case "duplicates_by":
		config.Duplicates.ByID, config.Duplicates.Keep = value == "id", 0
		if config.Duplicates.ByID {
			config.Duplicates.Keep = time.Hour
		}
	default:
		s.t.Fatalf("shard has no argument %s", key)
	}
}

func duration(t *testing.T, text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}

	return d
}

// show says which rows a script wants to see: all tables, and of the windows
// none but those named.
func (s *script) show(d *datadriven.TestData) {
	s.tables = []string{"rollups_total", "rollups_kind", "rollups_channel", "rollups_type"}
	s.windows = nil
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "tables":
			s.tables = arg.Vals
		case "windows":
			s.windows = arg.Vals
		}
	}
}

func (s *script) records(input string) string {
	s.out.Reset()
	for line := range strings.Lines(input) {
		record, name := s.parse(strings.TrimSpace(line))
		before, forgotten := s.shard.Counts(), s.shard.Status().Forgotten
		var cuts strings.Builder
		s.process(&record, func(cut *shard.Cut) {
			s.print(&cuts, cut)
			s.snapshot = s.shard.Capture().AppendBinary(nil)
			s.since = s.since[:0]
		})
		if verdict := verdictOf(before, s.shard.Counts()); name != "" {
			if s.shard.Status().Forgotten.Events > forgotten.Events {
				verdict = "withheld"
			}
			fmt.Fprintf(&s.out, "%s: %s\n", name, verdict)
		}
		s.printLeap()
		s.out.WriteString(cuts.String())
	}

	return s.out.String()
}

// traffic plays events at even distances.
func (s *script) traffic(d *datadriven.TestData) string {
	var from, until, every, customers, customer, kind, also string
	d.ScanArgs(s.t, "from", &from)
	d.ScanArgs(s.t, "until", &until)
	d.ScanArgs(s.t, "every", &every)
	d.ScanArgs(s.t, "type", &kind)
	d.MaybeScanArgs(s.t, "customers", &customers)
	d.MaybeScanArgs(s.t, "customer", &customer)
	d.MaybeScanArgs(s.t, "also", &also)
	people := 1
	if customers != "" {
		scan(s.t, customers, "%d", &people)
	}
	distance, end := duration(s.t, every).Milliseconds(), s.time(until)

	s.out.Reset()
	n, events := 0, 0
	for at := s.time(from); at < end; at += distance {
		who := customer
		if who == "" {
			who = fmt.Sprintf("c%d", n%people+1)
		}
		n++
		show := func(cut *shard.Cut) {
			if at+distance >= end { // a snapshot of every cut would take long
				s.snapshot = s.shard.Capture().AppendBinary(nil)
				s.since = s.since[:0]
			}
			for _, stream := range []shard.Stream{shard.Rollups, shard.Signals} {
				for i := range cut.Outputs[stream] {
					message := &cut.Outputs[stream][i]
					if stream == shard.Signals || strings.HasPrefix(message.Subject, "rollups.feed.") {
						s.printMessage(&s.out, message)
					}
				}
			}
		}
		for _, eventType := range strings.Fields(kind + " " + also) {
			record, _ := s.parse(fmt.Sprintf("%s event %s %s", clockText(at), who, eventType))
			s.process(&record, show)
			events++
		}
	}

	return s.out.String() + fmt.Sprintf("%d events\n", events)
}

// process takes a record and keeps it for a restart.
func (s *script) process(record *event.Record, show func(*shard.Cut)) {
	if err := s.shard.Process(record, show); err != nil {
		s.t.Fatal(err)
	}
	s.since = append(s.since, *record)
}

func verdictOf(before, after shard.Counts) string {
	switch {
	case after.Processed > before.Processed:
		return "processed"
	case after.Duplicates > before.Duplicates:
		return "duplicate"
	case after.LateDropped > before.LateDropped:
		return "late"
	case after.DeadLetters > before.DeadLetters:
		return "dead letter"
	}

	return "control"
}

// restart goes on from the snapshot of the last cut and the records since, as
// another process would.
func (s *script) restart() string {
	sh, err := shard.RestoreShard(s.config, 0, s.snapshot)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range s.since {
		if err := sh.Process(&s.since[i], func(cut *shard.Cut) { s.t.Fatalf("cut %d again", cut.Number) }); err != nil {
			s.t.Fatal(err)
		}
	}
	s.shard = sh

	return fmt.Sprintf("at record %d, %d customers\n", sh.Sequence(), sh.Customers())
}
