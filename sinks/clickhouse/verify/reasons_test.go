package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/sinks/clickhouse/verify"
)

// engaged is a configuration under which the customers of a live stream fall
// silent and come back.
func engaged() meaning.Config {
	c := config()
	c.Churn.Horizon = (6 * time.Hour).Milliseconds()
	c.Churn.Dwell = 0

	return c
}

// ofSignals are the tables that say what signals say. Tests of what customers are told of
// compare them alone: the windows of such streams are those of TestTablesOfALiveStream.
func ofSignals() []string {
	return []string{"signals", "reasons", "values", "level_changes", "newest_signals"}
}

// Whatever comes late, twice or ahead of its time, the reasons say what the
// events tell.
func TestReasonsAreProved(t *testing.T) {
	s := newStream(7, engaged())
	s.live(4_000)
	s.history(1_500, true)
	s.live(500)
	p := prove(t, engaged(), s.records)
	p.settings.Windows = p.settings.Windows[:1]
	p.settings.ChunkEvents = 500
	report := p.run(t)
	p.expectOK(t, report)
	signals, reasons := find(t, report, "signals", ""), find(t, report, "reasons", "")
	if want := p.counts.Raised + p.counts.Cleared; signals.Compared != want || want < 500 {
		t.Errorf("%d signals compared, want %d, and that not below 500", signals.Compared, want)
	}
	if reasons.Compared < 3*signals.Compared {
		t.Errorf("%d reasons compared of %d signals", reasons.Compared, signals.Compared)
	}
}

// Who ends the relation has said so; who engages again has not, also where the
// one becomes known before the other.
func TestLeavingIsProved(t *testing.T) {
	c := engaged()
	s := newStream(10, c)
	add := func(name, customer string, ago int64, machine bool) {
		s.clock += s.Int64N(60_000)
		s.add(event.Record{
			Clock: s.clock, Partition: event.PartitionOf(customer, c.Partitions), Lane: event.LaneEvent,
			Data: fmt.Appendf(nil, `{"id":"%d","time":"%s","customer":"%s","type":"%s","machine":%t}`,
				s.clock, s.stamp(s.clock-ago), customer, name, machine),
		})
	}
	for range 2_000 {
		name := []string{"order.completed", "page.viewed", "subscription.canceled", "case.opened"}[s.IntN(4)]
		add(name, fmt.Sprint("c-", s.IntN(40)), s.Int64N(c.Lateness.Milliseconds()), s.IntN(4) == 0)
	}
	const turned = 20
	for i := range turned { // the end of what is heard of afterwards
		customer := fmt.Sprint("turned-", i)
		add("subscription.canceled", customer, 0, false)
		add("order.completed", customer, 3*60_000, false)
	}
	s.ticks(event.LaneControl, s.clock+5_000)
	p := prove(t, c, s.records)
	p.settings.Windows = p.settings.Windows[:1]
	p.expectOK(t, p.run(t))

	for i := range p.settings.Types {
		p.settings.Types[i].Ends = false
	}
	if found := find(t, p.only(t, "reasons"), "reasons", ""); found.Different < 50+turned {
		t.Errorf("without types that end the relation, %d reasons are different: %+v", found.Different, found)
	}
}

// Every number and word is proved in every language.
func TestReasonsAreProvedInEveryLanguage(t *testing.T) {
	for i, language := range churn.Languages()[1:] {
		t.Run(language, func(t *testing.T) {
			c := engaged()
			c.Churn.Language = language
			s := newStream(uint64(9+i), c)
			s.live(700)
			p := prove(t, c, s.records)
			report := p.only(t, ofSignals()...)
			p.expectOK(t, report)
			reasons := find(t, report, "reasons", "")
			if reasons.Compared < 100 {
				t.Errorf("%d reasons compared", reasons.Compared)
			}
			words, err := churn.Dictionary("", c.Churn.Horizon)
			if err != nil {
				t.Fatal(err)
			}
			p.settings.Words = words
			if found := find(t, p.only(t, "reasons"), "reasons", ""); found.Different < reasons.Compared*3/5 { // cleared ones have no last sentence
				t.Errorf("%d of %d texts are not English", found.Different, reasons.Compared)
			}
		})
	}
}

// tampering is a change to the tables and what is found of it.
type tampering struct {
	table, name, statement    string
	missing, extra, different uint64
}

// One thing is changed of one signal each, and exactly that is different.
func TestTamperedReasonsAreReported(t *testing.T) {
	s := newStream(8, engaged())
	s.live(2_500)
	p := prove(t, engaged(), s.records)
	p.expectOK(t, p.only(t, ofSignals()...))

	// change puts something else into the signal of a place among those that say
	// they are silent; all of these are raised, and have an episode of their own.
	change := func(place int, replace string) string {
		return fmt.Sprintf(`INSERT INTO signals SELECT * REPLACE (version + 1 AS version, %s) FROM
			(SELECT * FROM signals FINAL WHERE has(reason_code, 'recency') AND signal = 'raised' ORDER BY customer, episode LIMIT 1 OFFSET %d)`, replace, place)
	}
	tampered := []tampering{
		{"reasons", "recency", change(0, "arrayMap((n, c) -> if(c = 'recency', CAST(map('every_ms', n['every_ms'], 'silent_ms', n['silent_ms'] + 1), 'Map(LowCardinality(String), Int64)'), n), reason_numbers, reason_code) AS reason_numbers"), 0, 0, 1},
		{"reasons", "quiet", change(1, "arrayMap((t, c) -> if(c = 'recency', 'quiet', t), reason_text, reason_code) AS reason_text"), 0, 0, 1},
		{"reasons", "[]", change(2, "arrayMap((n, c) -> if(c = 'recency', CAST(map(), 'Map(LowCardinality(String), Int64)'), n), reason_numbers, reason_code) AS reason_numbers"), 0, 0, 1},
		{"reasons", "weather", change(3, "arrayMap(c -> if(c = 'recency', 'weather', c), reason_code) AS reason_code"), 0, 1, 0},
		{"reasons", `, : "" []`, change(4, "[] AS reason_code"), 1, 0, 1}, // and the last sentence is another one
		{"reasons", "first", change(5, "replaceOne(headline, '100', '90') AS headline"), 0, 0, 1},
		{"reasons", "last", change(6, "concat(if_back, '.') AS if_back"), 0, 0, 1},
		{"reasons", "recency", change(7, "arrayConcat(reason_code, ['recency']) AS reason_code, arrayConcat(reason_text, [reason_text[indexOf(reason_code, 'recency')]]) AS reason_text, arrayConcat(reason_numbers, [reason_numbers[indexOf(reason_code, 'recency')]]) AS reason_numbers"), 0, 1, 0},
		{"signals", "", change(8, "last_event - 1 AS last_event"), 0, 0, 1},
		{"signals", "", change(9, "silent_ms + 1 AS silent_ms"), 0, 0, 1},
		{"signals", "", change(10, "arrayMap(part -> -part, reason_log_odds) AS reason_log_odds"), 0, 0, 1},
		{"reasons", "first", "SELECT 1", 0, 0, 1}, // of the level that is weird
		{"signals", "", "INSERT INTO signals SELECT * REPLACE ('weird' AS level) FROM signals FINAL ORDER BY customer DESC, episode DESC LIMIT 1", 0, 1, 0},
		{"signals", "1 episodes missing", `ALTER TABLE signals DELETE WHERE (customer, episode) =
			(SELECT customer, max(episode) - 1 AS e FROM signals GROUP BY customer HAVING e > 1 ORDER BY customer DESC LIMIT 1 OFFSET 1) SETTINGS mutations_sync = 2`, 1, 0, 0},
	}
	want := map[string]*verify.TableReport{"signals": {}, "reasons": {}}
	for _, test := range tampered {
		if err := p.conn.Exec(t.Context(), test.statement); err != nil {
			t.Fatalf("%s: %v", test.statement, err)
		}
		sum := want[test.table]
		sum.Missing += test.missing
		sum.Extra += test.extra
		sum.Different += test.different
	}
	report := p.only(t, "signals", "reasons")
	for table, want := range want {
		found := find(t, report, table, "")
		if found.Missing != want.Missing || found.Extra != want.Extra || found.Different != want.Different {
			t.Errorf("%s: %d missing, %d extra, %d different, want %d, %d, %d:\n%s", table, found.Missing, found.Extra, found.Different,
				want.Missing, want.Extra, want.Different, strings.Join(found.Examples, "\n"))
		}
		for _, example := range found.Examples { // a few of them
			named := func(test tampering) bool { return test.table == table && strings.Contains(example, test.name) }
			if !slices.ContainsFunc(tampered, named) {
				t.Errorf("%s: an example names nothing that was tampered with: %s", table, example)
			}
		}
	}
}

// Copies of signals that are not what signals say are found.
func TestTamperedCopiesOfSignalsAreReported(t *testing.T) {
	s := newStream(8, engaged())
	s.live(800)
	p := prove(t, engaged(), s.records)
	tables := []string{"level_changes", "newest_signals"}
	for _, table := range p.only(t, tables...).Tables {
		if !table.OK() || table.Compared < 4 {
			t.Fatalf("%+v", table)
		}
	}
	for _, statement := range []string{
		"INSERT INTO level_changes SELECT * REPLACE (risk + 0.1 AS risk, version + 1 AS version) FROM level_changes FINAL ORDER BY customer, episode LIMIT 1",
		"INSERT INTO level_changes SELECT * REPLACE ('nobody' AS customer) FROM level_changes FINAL ORDER BY customer, episode LIMIT 1",
		"ALTER TABLE newest_signals DELETE WHERE customer = (SELECT max(customer) FROM newest_signals) SETTINGS mutations_sync = 2",
		"INSERT INTO newest_signals SELECT * REPLACE (episode + 1 AS episode) FROM newest_signals FINAL ORDER BY customer LIMIT 1",
	} {
		if err := p.conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	report := p.only(t, tables...)
	if got := find(t, report, "level_changes", ""); got.Different != 1 || got.Extra != 1 || got.Missing != 0 {
		t.Errorf("%+v", got)
	}
	if got := find(t, report, "newest_signals", ""); got.Different != 1 || got.Missing != 1 || got.Extra != 0 {
		t.Errorf("%+v", got)
	}
}

// What an answer says of the experience follows from the scale of its survey.
func TestAnswersAreProvedOnTheScaleOfTheirSurvey(t *testing.T) {
	c := engaged()
	c.Partitions = 1
	s := newStream(61, c)
	send := func(customer int, more string) {
		s.ids++
		s.clock += 60_000
		s.add(event.Record{Clock: s.clock, Lane: event.LaneEvent, Data: fmt.Appendf(nil,
			`{"id":"%d","time":"%s","customer":"c-%d",%s}`, s.ids, s.stamp(s.clock), customer, more)})
	}
	answers := []string{
		`"score":2,"properties":{"survey":"csat"}`, `"score":2,"properties":{"survey":"nps"}`, `"score":2,"properties":{"survey":"CES"}`,
		`"score":1,"properties":{"survey":"emotion"}`, `"score":5,"properties":{"\u0073urvey":"csat"}`, `"score":1,"properties":{"survey":"of ours"}`,
		`"score":1,"properties":{"survey":1}`, `"score":1,"properties":{"x":{"survey":"csat"}}`, `"score":1`, `"sentiment":-1,"properties":{"survey":"csat"}`,
	}
	for range 40 {
		for customer := range answers {
			send(customer, `"type":"order.completed"`)
		}
	}
	for customer, answer := range answers {
		send(customer, `"type":"survey.answered",`+answer)
		send(customer, `"type":"survey.answered",`+answer)
	}
	for range 300 {
		s.ticks(event.LaneControl, s.clock+600_000)
	}
	p := prove(t, c, s.records)
	p.settings.Windows = p.settings.Windows[:1]
	p.expectOK(t, p.run(t))
	var told uint64
	if err := p.conn.QueryRow(t.Context(), "SELECT uniqExact(customer) FROM signals WHERE has(reason_code, 'experience')").Scan(&told); err != nil {
		t.Fatal(err)
	}
	if told < 3 {
		t.Errorf("signals of %d customers tell of the experience, want 3 at least", told)
	}
}
