package verify_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/shard"
	"ebb/sinks/clickhouse/verify"
	"ebb/windows"
)

// joiner is a stream into which take puts records. What shards tell of who somebody is
// stands behind them, as owners store it.
func joiner(t *testing.T, seed uint64, c meaning.Config) (s *stream, take func(event.Record)) {
	t.Helper()
	s = newStream(seed, c)
	shards := make([]*shard.Shard, c.Partitions)
	for i := range shards {
		var err error
		if shards[i], err = shard.NewShard(c, i); err != nil {
			t.Fatal(err)
		}
	}
	take = func(r event.Record) {
		s.add(r)
		var told []event.Record
		err := shards[r.Partition].Process(&s.records[len(s.records)-1], func(cut *shard.Cut) {
			tell := func(partition int, control event.Control, mark any) {
				body, err := json.Marshal(mark)
				if err != nil {
					t.Fatal(err)
				}
				record := event.Record{
					Clock: s.clock, Partition: partition, Lane: event.LaneControl, Control: control, Data: body,
				}
				told = append(told, record)
				if s.IntN(10) == 0 {
					told = append(told, record) // a crash stores it again
				}
			}
			for _, mark := range cut.Joins {
				tell(event.PartitionOf(event.AnonymousPrefix+mark.Anonymous, c.Partitions), event.ControlJoin, mark)
			}
			for _, mark := range cut.Moves {
				home := mark.Home
				if mark.Customer != "" {
					home = event.PartitionOf(mark.Customer, c.Partitions)
				}
				ahead := mark // of a partition that is ahead, or of what did not happen yet
				switch s.IntN(6) {
				case 0:
					ahead.Final += 24 * 3_600_000
					tell(home, event.ControlMove, ahead)
				case 1:
					if len(mark.Traces) > 0 {
						ahead.Traces = slices.Clone(mark.Traces)
						ahead.Traces[0].Newest += 24 * 3_600_000
						tell(home, event.ControlMove, ahead)
					}
				case 2:
					history := *mark.History
					history.Newest = s.clock + 24*3_600_000
					ahead.History = &history
					tell(home, event.ControlMove, ahead)
				}
				tell(home, event.ControlMove, mark)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range told {
			if s.IntN(4) == 0 {
				s.clock += s.Int64N(90_000) // on its way windows may become final
			}
			r.Clock = s.clock
			take(r)
		}
	}

	return s, take
}

// joining makes a stream of people who come under an anonymous id, sign in, and come
// under either. Where they are strict, nobody comes under the anonymous id alone who has
// signed in. In the middle another configuration comes, if there is one, later in some
// partitions.
func joining(t *testing.T, c meaning.Config, seed uint64, change *meaning.Fact, strict bool) []event.Record {
	t.Helper()
	s, take := joiner(t, seed, c)
	recent, signed := 0, make(map[string]bool)
	for i := range 1_500 {
		if at := i - 700; change != nil && at%20 == 0 && at >= 0 && at/20 < c.Partitions {
			body, err := json.Marshal(change)
			if err != nil {
				t.Fatal(err)
			}
			take(event.Record{Clock: s.clock, Partition: at / 20, Lane: event.LaneControl, Control: event.ControlConfig, Data: body})
		}
		s.clock += s.Int64N(8 * 60_000)
		if s.IntN(120) == 0 {
			s.clock += s.Int64N(12 * 3_600_000)
		}
		who := s.IntN(200)
		if s.IntN(3) == 0 {
			who = recent // who has just been there signs in
		}
		recent = who
		ids, partition := fmt.Sprintf(`"customer":"c-%d"`, who), event.PartitionOf(fmt.Sprint("c-", who), c.Partitions)
		device := fmt.Sprintf("a-%d", who)
		if s.IntN(20) == 0 {
			device = "till" // of everybody
		}
		switch s.IntN(8) {
		case 0, 1, 2, 3:
			if strict && signed[device] {
				break
			}
			ids, partition = fmt.Sprintf(`"anonymous_id":%q`, device), event.PartitionOf(event.AnonymousPrefix+device, c.Partitions)
		case 4:
			ids, signed[device] = ids+fmt.Sprintf(`,"anonymous_id":%q`, device), true
		}
		ago := s.Int64N(60_000)
		if s.IntN(20) == 0 {
			ago = s.Int64N(10 * 3_600_000)
		}
		if signed[device] && i%3 == 0 {
			ago += 3 * 3_600_000 // what follows late, and again
		}
		s.ids++
		record := event.Record{Clock: s.clock, Partition: partition, Lane: event.LaneEvent, Data: fmt.Appendf(nil,
			`{"id":"%d","time":"%s",%s,"type":"%s","value":%d,"currency":"EUR"%s}`, s.ids, s.stamp(s.clock-ago), ids, types[s.IntN(len(types))], 1+s.IntN(90), s.details())}
		take(record)
		if signed[device] && i%3 == 0 {
			take(record)
		}
	}
	for _, later := range []int64{5_000, 20 * 3_600_000, 5_000} { // the first tells what is told still
		s.clock += later
		for partition := range c.Partitions {
			take(event.Record{Clock: s.clock, Partition: partition, Lane: event.LaneControl, Control: event.ControlTick, Data: []byte("{}")})
		}
	}

	return s.records
}

// Who has signed in is nobody's concern any more as an anonymous customer: the proof
// knows what is cleared for that, whose it says it was, that nothing follows, and that no
// census counts them.
func TestJoiningIsProved(t *testing.T) {
	c := engaged()
	c.Join, c.Keep, c.KeepAnonymous = true, 20*time.Hour, 19*time.Hour
	var err error
	if c.Metrics, err = metric.Switched([]string{"lifecycle", "journey"}); err != nil {
		t.Fatal(err)
	}
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Size > 3_600_000 })
	p := prove(t, c, joining(t, c, 5, nil, false))
	p.expectOK(t, p.run(t))
	var joined, silent, moved, final, refused, bring, told, once, late, seen uint64
	err = p.conn.QueryRow(t.Context(), "SELECT (SELECT countIf(joined != '') FROM signals FINAL), (SELECT count() FROM verify_joined), (SELECT count() FROM verify_moved), "+
		"(SELECT count() FROM verify_moved AS m INNER JOIN verify_left AS l ON m.origin = l.partition AND m.joined = l.sequence WHERE m.final > l.until), "+
		"(SELECT count() FROM deadletters FINAL WHERE reason = 'unreadable_control'), "+
		"(SELECT uniq(customer) FROM verify_brought WHERE marks), "+
		"(SELECT count() FROM signals FINAL WHERE customer IN (SELECT customer_id FROM verify_customers WHERE customer IN (SELECT customer FROM verify_brought WHERE marks))), "+
		"(SELECT countIf(weight < 0) FROM verify_histories), "+
		"(SELECT countIf(late AND counted) FROM verify_brought), "+
		"(SELECT count() FROM verify_histories AS h INNER JOIN (SELECT partition, sequence FROM verify_brought WHERE late AND counted) AS b ON h.partition = b.partition AND h.sequence = b.sequence WHERE NOT h.counted)",
	).Scan(&joined, &silent, &moved, &final, &refused, &bring, &told, &once, &late, &seen)
	if err != nil {
		t.Fatal(err)
	}
	if joined < 8 || silent < joined+20 || moved < 20 || final < 5 || refused < 5 || bring < 20 || told < 50 || once < 3 || late < 10 || seen < 3 {
		t.Errorf("the stream is no test: %d alarms are cleared of %d who joined, %d moved, %d while time passed, %d records are refused; "+
			"%d bring a history, of whom are %d signals, and %d went on with a visit; %d follow late, %d where they were active", joined, silent, moved, final, refused, bring, told, once, late, seen)
	}

	// One that names somebody else, and one that is gone.
	for _, spoil := range []string{
		`INSERT INTO signals SELECT * REPLACE ('c-9999' AS joined, version + 1 AS version) FROM signals FINAL WHERE joined != '' ORDER BY customer LIMIT 1`,
		`ALTER TABLE signals DELETE WHERE customer IN (SELECT customer FROM signals WHERE joined != '' ORDER BY customer DESC LIMIT 1) AND joined != '' SETTINGS mutations_sync = 2`,
	} {
		if err := p.conn.Exec(t.Context(), spoil); err != nil {
			t.Fatal(err)
		}
	}
	if got := find(t, p.only(t, "signals"), "signals", ""); got.Different != 1 || got.Missing != 1 {
		t.Errorf("%d signals are different and %d missing, want the one that names another, and the one that is gone", got.Different, got.Missing)
	}

	// Who did not come counts in no window any more, and brings no history.
	if err := p.conn.Exec(t.Context(), "ALTER TABLE verify_raw DELETE WHERE control = 'move' SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	lost := p.only(t, "rollups_total", "rollups_kind", "signals", "reasons", "values")
	for _, table := range []string{"rollups_total", "rollups_kind"} {
		if find(t, lost, table, "1h").Different == 0 {
			t.Errorf("without records of moves nothing is different in %s", table)
		}
	}
	for _, table := range []string{"signals", "reasons", "values"} {
		if find(t, lost, table, "").Different < 5 {
			t.Errorf("without records of moves %d rows are different in %s", find(t, lost, table, "").Different, table)
		}
	}

	// Without the records nobody has joined.
	if err := p.conn.Exec(t.Context(), "ALTER TABLE verify_raw DELETE WHERE control = 'join' SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	report := p.only(t, "signals", "reasons", "census_lifecycle")
	if find(t, report, "signals", "").Different < joined-2 || find(t, report, "reasons", "").Different == 0 || find(t, report, "census_lifecycle", "").Different == 0 {
		t.Error("without records of joins nothing is different")
	}

	// Where somebody is erased, those who came from there can't be told either.
	for _, record := range []string{`(0, 'c', 'forget', '{}')`, `(1, 'c', 'move', '{"partition":0}')`, `(2, 'c', 'move', '{"partition":1}')`} {
		if err := p.conn.Exec(t.Context(), "INSERT INTO verify_raw (partition, lane, control, body) VALUES "+record); err != nil {
			t.Fatal(err)
		}
	}
	if left := p.only(t, "late").Erased; !slices.Equal(left, []uint16{0, 1}) {
		t.Errorf("partitions %d are left out, want 0, where somebody is erased, and 1, where they moved", left)
	}
}

// Where the horizon changes, who brings a history of before is left out, and everybody
// else is proved.
func TestJoinsAcrossAChange(t *testing.T) {
	c := engaged()
	c.Join = true
	c.Lengths = c.Lengths[:1]
	change := &meaning.Fact{Version: 1, Config: c}
	change.Config.Churn.Horizon /= 2
	p := prove(t, c, joining(t, c, 6, change, false))
	p.settings.Changes = []verify.Change{{Version: 1, Settings: settingsOf(t, change.Config)}}
	report := p.only(t, "signals", "reasons", "values")
	var brought uint64
	if err := p.conn.QueryRow(t.Context(), "SELECT count() FROM verify_crossing WHERE customer IN (SELECT customer FROM verify_heard_before) AND span = 1").Scan(&brought); err != nil {
		t.Fatal(err)
	}
	if !report.OK() || report.Unproved == 0 || brought < 5 || find(t, report, "signals", "").Compared < 100 {
		t.Errorf("%d signals are not proved, %d customers brought what began before: %+v", report.Unproved, brought, report.Tables)
	}
}

// Whoever makes room for others was in no window that is not final, so there is nothing of
// them to move: who counts in windows is proved where partitions are crowded, too.
func TestJoinsBesideCrowds(t *testing.T) {
	c := engaged()
	c.Join, c.MaxCustomers = true, 45
	c.Lengths = slices.DeleteFunc(c.Lengths, func(l windows.Length) bool { return l.Size > 3_600_000 })
	p := prove(t, c, joining(t, c, 5, nil, true))
	if p.counts.RoomMade == 0 {
		t.Error("nobody made room, which is no test")
	}
	p.settings.MaxCustomers = c.MaxCustomers
	report := p.only(t, "rollups_total", "rollups_kind")
	if len(report.Crowded) == 0 || !report.OK() || find(t, report, "rollups_total", "1h").Compared == 0 || find(t, report, "rollups_kind", "1h").Compared == 0 {
		t.Errorf("partitions %v are crowded; %+v", report.Crowded, report.Tables)
	}
}
