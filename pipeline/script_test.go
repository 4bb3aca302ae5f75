package pipeline_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"ebb/pipeline/churn"
	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/pipeline/vocabulary"
	"ebb/pipeline/wire"
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
//	12:00:00 mark, 12:00:00 ask 1                      the import's ticks
//	12:00:00 model 2 shape=1 rate=4                    the coordinator's answer to a report of now
//	12:00:00 alerts 2,1 from=1                         so many of each list of this period's candidates may be alerted of
//	12:00:00 alerts 2 from=1 i1 3                      the same for question 3 of import i1
//	12:00:00 config 2 lateness=1h skew=1m              another configuration; VERSION, and what differs
//
// The command population shows how many customers there are, and how many left.
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
		before := s.shard.Counts()
		var cuts strings.Builder
		s.process(&record, func(cut *shard.Cut) {
			s.print(&cuts, cut)
			s.snapshot = s.shard.Capture().AppendBinary(nil)
			s.since = s.since[:0]
		})
		if verdict := verdictOf(before, s.shard.Counts()); name != "" {
			fmt.Fprintf(&s.out, "%s: %s\n", name, verdict)
		}
		s.printLeap()
		s.out.WriteString(cuts.String())
	}

	return s.out.String()
}

// printLeap says when store times are held, and when no longer.
func (s *script) printLeap() {
	leap := s.shard.Status().Leap
	leap.Behind = 0
	if leap == s.leap {
		return
	}
	s.leap = leap
	if leap.Ahead == 0 {
		fmt.Fprintf(&s.out, "no leap is held; the clock is %s\n", clockText(s.shard.Clock()))

		return
	}
	fmt.Fprintf(&s.out, "store times are %v ahead since %s; the clock is %s, %d events wait\n", time.Duration(leap.Ahead)*time.Millisecond,
		clockText(leap.Since), clockText(s.shard.Clock()), leap.Waiting)
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

// parse reads a line of a script. The name is what the output calls it, ""
// for control records.
func (s *script) parse(line string) (record event.Record, name string) {
	at, rest, _ := strings.Cut(line, " ")
	verb, rest, _ := strings.Cut(rest, " ")
	s.sequence++
	clock := s.time(at)
	record = event.Record{Sequence: s.sequence, Stored: clock, Clock: clock}
	switch verb {
	case "event", "forged", "history":
		record.Forged = verb == "forged"
		if verb == "history" {
			record.Lane = event.LaneHistory
			record.Stored = s.storedAt(&rest, clock)
		}
		record.Data, name = s.event(clock, rest)
	case "unclocked":
		record.Lane, record.Unclocked = event.LaneHistory, true
		record.Data, name = s.event(clock, rest)
	case "raw":
		customer, body, _ := strings.Cut(rest, " ")
		record.Data, name = []byte(body), customer
	case "tick":
		record.Lane, record.Control = event.LaneControl, event.ControlTick
	case "mark":
		record.Lane, record.Control, record.Data = event.LaneHistory, event.ControlTick, []byte(`{}`)
	case "ask":
		record.Lane, record.Control = event.LaneHistory, event.ControlTick
		record.Data = fmt.Appendf(nil, `{"coordinate":%s}`, rest)
	case "start":
		record.Stored = s.storedAt(&rest, clock)
		record.Lane, record.Control = event.LaneHistory, event.ControlStart
		mark := fact.StartMark{}
		for i, field := range strings.Fields(rest) {
			if i == 0 {
				mark.Import, mark.Expired = field, map[string]int64{}

				continue
			}
			length, until, _ := strings.Cut(field, "=")
			mark.Expired[length] = s.time(until)
		}
		var err error
		if record.Data, err = json.Marshal(mark); err != nil {
			s.t.Fatal(err)
		}
	case "end":
		record.Lane, record.Control = event.LaneHistory, event.ControlEnd
		record.Data = fmt.Appendf(nil, `{"import":%q}`, rest)
	case "model":
		record.Lane, record.Control = event.LaneControl, event.ControlModel
		var version uint64
		var shape, rate float64
		scan(s.t, rest, "%d shape=%g rate=%g", &version, &shape, &rate)
		parameters := scriptPrior().Parameters()
		parameters.Version, parameters.Rates = version, churn.Rates{Shape: shape, Rate: rate}
		parameters.Step = clock / (s.config.Churn.Horizon / 8)
		var err error
		if record.Data, err = json.Marshal(fact.ModelFact{Parameters: parameters}); err != nil {
			s.t.Fatal(err)
		}
	case "alerts":
		record.Lane, record.Control = event.LaneControl, event.ControlAlerts
		var said fact.AlertsFact
		var takes string
		scan(s.t, rest, "%s from=%d", &takes, &said.From)
		for take := range strings.SplitSeq(takes, ",") {
			said.Takes = append(said.Takes, 0)
			scan(s.t, take, "%d", &said.Takes[len(said.Takes)-1])
		}
		if fields := strings.Fields(rest); len(fields) == 4 {
			said.Import = fields[2]
			scan(s.t, fields[3], "%d", &said.Question)
			clock = s.shard.Clock()
		}
		said.Every = s.config.AlertEvery.Milliseconds()
		said.Period = clock / said.Every
		said.From += s.firstPeriod()
		var err error
		if record.Data, err = json.Marshal(said); err != nil {
			s.t.Fatal(err)
		}
	case "config":
		record.Lane, record.Control, name = event.LaneControl, event.ControlConfig, "config record"
		record.Data = s.configRecord(rest)
	case "control":
		record.Lane, record.Control, record.Data = event.LaneControl, event.ControlUnknown, []byte(rest)
		name = "control record"
	default:
		s.t.Fatalf("%q: unknown verb %q", line, verb)
	}

	return record, name
}

// configRecord is the body of: VERSION KEY=VALUE,VALUE… The version of before, or
// one that does not validate, changes nothing.
func (s *script) configRecord(rest string) []byte {
	fields := strings.Fields(rest)
	var version uint64
	scan(s.t, fields[0], "%d", &version)
	config := s.config
	for _, field := range fields[1:] {
		key, values, _ := strings.Cut(field, "=")
		s.set(&config, key, strings.Split(values, ",")...)
	}
	if version > s.shard.Force().Version && config.Validate() == nil {
		s.config = config
	}
	body, err := json.Marshal(meaning.Fact{Version: version, Config: config})
	if err != nil {
		s.t.Fatal(err)
	}

	return body
}

// storedAt takes stored=TIME out of a line about an import; without it the
// record was stored at its clock.
func (s *script) storedAt(rest *string, clock int64) int64 {
	before, after, found := strings.Cut(*rest, " stored=")
	if !found {
		return clock
	}
	*rest = before

	return s.time(after)
}

// firstPeriod is that of the beginning of the script's first day.
func (s *script) firstPeriod() int64 {
	return scriptDay.UnixMilli() / s.config.AlertEvery.Milliseconds()
}

func (s *script) event(clock int64, rest string) (body []byte, name string) {
	fields := strings.Fields(rest)
	event := map[string]any{"customer": fields[0], "type": fields[1], "id": fmt.Sprint(s.sequence), "time": timeText(clock)}
	for _, field := range fields[2:] {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "time":
			event[key] = timeText(s.time(value))
		case "value", "sentiment":
			event[key] = json.Number(value)
		case "machine":
			event[key] = value == "true"
		case "properties":
			event[key] = json.RawMessage(value)
		default:
			event[key] = value
		}
	}
	body, err := json.Marshal(event)
	if err != nil {
		s.t.Fatal(err)
	}

	return body, fmt.Sprint(fields[0], " ", event["id"])
}

// scan reads values from the text of a script.
func scan(t *testing.T, text, format string, values ...any) {
	t.Helper()
	if _, err := fmt.Sscanf(text, format, values...); err != nil {
		t.Fatalf("%q is not like %q: %v", text, format, err)
	}
}

func (s *script) time(text string) int64 {
	day := scriptDay
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		var days int
		n, clock, _ := strings.Cut(rest, "d")
		scan(s.t, n, "%d", &days)
		day, text = day.AddDate(0, 0, days), clock
	}
	at, err := time.Parse("15:04:05.999", text)
	if err != nil {
		s.t.Fatal(err)
	}

	return day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute +
		time.Duration(at.Second())*time.Second + time.Duration(at.Nanosecond())).UnixMilli()
}

func timeText(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// clockText is a time as scripts write it.
func clockText(ms int64) string {
	at := time.UnixMilli(ms).UTC()
	if days := int(at.Sub(scriptDay).Hours() / 24); days > 0 {
		return fmt.Sprintf("+%dd%s", days, at.Format("15:04:05.999"))
	}

	return at.Format("15:04:05.999")
}

func (s *script) print(w *strings.Builder, cut *shard.Cut) {
	fmt.Fprintf(w, "cut %d at %s, version %d\n", cut.Number, clockText(cut.Clock), cut.Sequence)
	for _, stream := range cut.Outputs {
		for i := range stream {
			s.printMessage(w, &stream[i])
		}
	}
}

func (s *script) printMessage(w *strings.Builder, message *shard.Message) {
	table := strings.Split(message.Subject, ".")[1]
	switch {
	case strings.HasPrefix(message.Subject, "deadletters."):
		fmt.Fprintf(w, "  dead letter %s: %s\n", table, message.Header[event.HeaderError])
	case strings.HasPrefix(message.Subject, "signals."):
		var signal wire.Signal
		s.unmarshal(message.Data, &signal)
		fmt.Fprintf(w, "  %s %s to %s at %s, risk %.4f, silent %v: %s\n", signal.Customer, signal.Signal, signal.Level,
			clockText(signal.At), signal.Risk, time.Duration(signal.SilentMS)*time.Millisecond, signal.Reasons[0].Text)
		if signal.Value != 0 {
			fmt.Fprintf(w, "    value %.2f, at risk %.2f%s\n", signal.Value, signal.ValueAtRisk, strings.TrimRight(" "+signal.Currency, " "))
		}
		if signal.Returned {
			fmt.Fprintf(w, "    returned; episode %d\n", signal.Episode)
		}
		if signal.Holdout {
			fmt.Fprintln(w, "    in the hold-out")
		}
		if signal.IfBack != "" {
			fmt.Fprintf(w, "    %s\n", signal.IfBack)
		}
	case strings.HasPrefix(message.Subject, "s."):
		var report fact.StatisticsReport
		s.unmarshal(message.Data, &report)
		rows, err := churn.ReadRows(report.Rows)
		if err != nil {
			s.t.Fatal(err)
		}
		whole := 0
		for _, row := range rows {
			if row.Outcome.Complete() {
				whole++
			}
		}
		fmt.Fprintf(w, "  statistics for %s%d: %d customers, %d rows, %d complete\n",
			report.Import, report.Coordinate, report.Statistics.Customers, len(rows), whole)
		if round := report.Alerts; round != nil {
			fmt.Fprintf(w, "  alerts of period %d: member %v, asks %v, candidates worth", round.Period-s.firstPeriod(), round.Member, round.Asks)
			for _, list := range round.Lists {
				worths, err := fact.ReadWorths(list.Worths)
				if err != nil {
					s.t.Fatal(err)
				}
				fmt.Fprint(w, " ", strings.TrimSpace(list.Currency+" "+worthsText(worths)))
				if list.Customers > len(worths) {
					fmt.Fprintf(w, " of %d", list.Customers)
				}
			}
			fmt.Fprintln(w)
		}
	case table == "late":
		var late wire.LateEvent
		s.unmarshal(message.Data, &late)
		fmt.Fprintf(w, "  late %s %s of %s\n", late.Customer, late.ID, clockText(late.Time))
	case table == "feed":
		var row wire.FeedRow
		s.unmarshal(message.Data, &row)
		channel := row.Channel
		if channel == "" {
			channel = "the whole"
		}
		fmt.Fprintf(w, "  feed of %s %s at %s, since %s: %d events, %.0f expected; %d held, %d released, %d dropped\n",
			channel, row.State, clockText(row.Time), clockText(row.Since), row.Observed, row.Expected, row.Held, row.Released, row.Dropped)
	case table == "levels" || table == "pipeline":
	case table == "quality":
		var quality wire.QualityRow
		s.unmarshal(message.Data, &quality)
		for _, bin := range quality.Bins {
			fmt.Fprintf(w, "  quality of %s, bin %d, at %s: %d rows, %d lost, risks of %.4f, squared errors of %.4f\n",
				bin.Segment, bin.Bin, clockText(quality.Time), bin.Rows, bin.Lost, float64(bin.RiskSum)/1e4, float64(bin.BrierSum)/1e8)
		}
	default:
		s.printRollups(w, message.Data)
	}
}

// worthsText lists values at risk and risks.
func worthsText(worths []fact.Worth) string {
	texts := make([]string, len(worths))
	for i, worth := range worths {
		texts[i] = fmt.Sprintf("%.2f/%d", float64(worth>>14)/100, worth&(1<<14-1))
	}

	return fmt.Sprint(texts)
}

func (s *script) printRollups(w *strings.Builder, data []byte) {
	if metrics, err := wire.ParseMetrics(data); err == nil {
		s.printMetrics(w, &metrics)

		return
	}
	rollups, err := wire.ParseRollups(data)
	if err != nil {
		s.t.Fatal(err)
	}
	if !slices.Contains(s.tables, string(rollups.Table)) {
		return
	}
	for _, window := range rollups.Windows {
		if !slices.Contains(s.windows, window.Window) {
			continue
		}
		for _, row := range window.Rows {
			printRow(w, rollups.Table, window.Window, window.End, row)
		}
	}
	for _, series := range rollups.Series {
		if !slices.Contains(s.windows, series.Window) {
			continue
		}
		fmt.Fprintf(w, "  series of %d:\n", len(series.Steps))
		for end, row := range series.Rows() {
			printRow(w, rollups.Table, series.Window, end, row)
		}
	}
}

func (s *script) printMetrics(w *strings.Builder, m *wire.Metrics) {
	if !slices.Contains(s.tables, string(m.Table)) {
		return
	}
	show := func(window string, end int64, by []string, columns []wire.Column, row int) {
		fmt.Fprintf(w, "  %s %s to %s: %s:", m.Table, window, clockText(end), strings.Join(by, ", "))
		for i, name := range m.Measures {
			switch c := &columns[i]; {
			case c.Counts != nil:
				fmt.Fprintf(w, " %s %d", name, c.Counts[row])
			case c.Sums != nil:
				fmt.Fprintf(w, " %s %g", name, c.Sums[row].Units())
			default:
				fmt.Fprintf(w, " %s 0", name)
			}
		}
		fmt.Fprintln(w)
	}
	for _, window := range m.Windows {
		for row := range window.Rows() {
			by := make([]string, len(window.By))
			for i := range by {
				by[i] = window.By[i][row]
			}
			if slices.Contains(s.windows, window.Window) {
				show(window.Window, window.End, by, window.Measures, row)
			}
		}
	}
	for _, series := range m.Series {
		for row, end := range series.Ends() {
			if slices.Contains(s.windows, series.Window) {
				show(series.Window, end, series.By, series.Measures, row)
			}
		}
	}
}

func printRow(w *strings.Builder, table wire.Table, window string, end int64, row wire.Row) {
	fmt.Fprintf(w, "  %s %s to %s:", table, window, clockText(end))
	if row.Key != "" {
		fmt.Fprintf(w, " %s", strings.TrimSpace(row.Key+" "+row.Currency))
	}
	fmt.Fprintf(w, " %d events", row.Events)
	switch table {
	case wire.Total, wire.Kind:
		fmt.Fprintf(w, ", %d customers", row.Customers)
	case wire.Type:
		fmt.Fprintf(w, ", sum %g", row.Value.Units())
	}
	fmt.Fprintln(w)
}

func (s *script) unmarshal(data []byte, value any) {
	if err := json.Unmarshal(data, value); err != nil {
		s.t.Fatal(err)
	}
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
