package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/show"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// importHistory publishes an import of daily visits and then a silence, with
// its marks, as ebb replay would.
func (o *operated) importHistory(t *testing.T, customer string, visits int, silent time.Duration) {
	t.Helper()
	home := event.PartitionOf(customer, o.layout.Partitions)
	clock := time.Now().UTC().Truncate(time.Second).AddDate(0, 0, -20).Add(-silent)
	open, err := jetstream.OpenImport(t.Context(), o.js, o.layout, jetstream.ImportConfig{ID: "i", Source: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	var records []jetstream.HistoryRecord
	for i := range visits {
		clock = clock.Add(setting.Day)
		body := fmt.Sprintf(`{"id":"h%d","time":%q,"customer":%q,"type":"order.completed"}`, i, clock.Format(time.RFC3339), customer)
		records = append(records, jetstream.HistoryRecord{Partition: home, Clock: clock.UnixMilli(), Body: []byte(body)})
	}
	clock = clock.Add(silent)
	for partition := range o.layout.Partitions {
		records = append(records, jetstream.HistoryRecord{
			Partition: partition, Clock: clock.UnixMilli(), Control: event.ControlTick, Body: []byte("{}"),
		})
	}
	if err := open.Append(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	if err := open.End(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// The command says the same of what no ebb has ever run as of what one has
// processed, but for what is published; and it changes nothing.
func TestCustomerShowsLevelReasonsAndWhatComesNext(t *testing.T) {
	o := startOperated(t)
	o.importHistory(t, "ann", 15, 5*setting.Day)
	var before, after shard.CustomerReport
	commandJSON(t, &before, "customer", "ann", "--json")
	if before.Customer != "ann" || !before.Engaged || before.Rhythm.Visits < 2 || before.Next == nil || len(before.Reasons) == 0 || len(before.Scores) < 10 {
		t.Errorf("report %+v", before)
	}
	if before.Rhythm.Silent != (5 * setting.Day).Milliseconds() {
		t.Errorf("silent for %d ms", before.Rhythm.Silent)
	}

	o.process(t)
	held := func() (counts []uint64) {
		for _, stream := range []string{"ENGAGEMENT", "ENGAGEMENT_SIGNALS", "ENGAGEMENT_ROLLUPS", "KV_ebb_manifests", "OBJ_ebb_snapshots"} {
			counts = append(counts, o.messages(t, stream))
		}

		return counts
	}
	stored := held()
	commandJSON(t, &after, "customer", "ann", "--json")
	if after.Level != before.Level && len(after.History) == len(before.History) || len(after.History) < len(before.History) || after.Clock < before.Clock {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	for i, change := range after.History {
		if !change.Published {
			t.Errorf("change %d is not published: %+v", i, change)
		}
	}
	code, stdout, stderr := command(t, "customer", "ann")
	for _, want := range []string{"ann is " + show.FrameOf("en").Say(after.Level), "usual pause", "Next level", after.Reasons[0].Text, "subject token ann"} {
		if code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, without %q:\n%s%s", code, want, stdout, stderr)
		}
	}
	if stderr != "" {
		t.Errorf("standard error of a quick look: %q", stderr)
	}

	if now := held(); fmt.Sprint(now) != fmt.Sprint(stored) {
		t.Errorf("the streams held %v messages and now hold %v", stored, now)
	}
}

// A running ebb is not disturbed: it keeps its partitions.
func TestCustomerBesideARunningEbb(t *testing.T) {
	o := startOperated(t)
	o.importHistory(t, "ann", 15, 5*setting.Day)
	e, err := serve.StartEngine(t.Context(), serve.EngineConfig{
		Js: o.js, Layout: o.layout, Pipeline: o.config, Log: slog.New(slog.DiscardHandler),
		Options: own.Options{SnapshotInterval: 20 * time.Millisecond}, // one replaces the other under the reader's eyes
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		var report shard.CustomerReport
		commandJSON(t, &report, "customer", "ann", "--json")
		if report.Rhythm.Visits < 2 {
			t.Errorf("report %+v", report)
		}
	}
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
}

func TestCustomerSaysWhyNot(t *testing.T) {
	o := startOperated(t)
	o.importHistory(t, "ann", 3, setting.Day)
	o.process(t)
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"another case", []string{"Ann"}, []string{fmt.Sprintf("partition %d of 0 to 1", event.PartitionOf("Ann", 2)), "subject token Ann", "case-sensitive", "anonymous:ID"}},
		{"no id", []string{"a\x07b"}, []string{"control characters"}},
		{"other partitions", []string{"ann", "--stream.partitions", "4"}, []string{"made with 2"}},
		{"another prefix", []string{"ann", "--stream.prefix", "shop"}, []string{"there is no stream SHOP; `ebb run --stream.prefix shop` with the same settings creates it"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := command(t, append([]string{"customer"}, test.args...)...)
			for _, want := range test.want {
				if code != exitFailure || stdout != "" || !strings.Contains(stderr, want) {
					t.Errorf("exit code %d, %q, want %q in %q", code, stdout, want, stderr)
				}
			}
		})
	}
}

func TestPrintCustomer(t *testing.T) {
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	clock := now.Add(-3 * setting.Day).UnixMilli()
	engaged := shard.CustomerReport{
		Customer: "a\x1bnn", Partition: 1, Token: "~YRtubg", Sequence: 17, Clock: clock, Engaged: true,
		Level: "at_risk", Since: clock - (9 * setting.Day).Milliseconds(), Risk: 0.72, HorizonMS: (30 * setting.Day).Milliseconds(), Episode: 5,
		Reasons:  []wire.Reason{{Code: "rhythm", LogOdds: 1.5, Text: "came every four days or so, now silent for about three weeks"}},
		Headline: "Probably gone: so many", IfBack: "One visit now helps",
		Rhythm: shard.Rhythm{UsualGap: (4 * setting.Day).Milliseconds(), Visits: 8, First: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC).UnixMilli(), Last: clock - (20 * setting.Day).Milliseconds(), Silent: (21 * setting.Day).Milliseconds()},
		Next:   &shard.Crossing{Level: "lapsed", Signal: wire.Raised, At: clock + (10 * setting.Day).Milliseconds(), In: (10 * setting.Day).Milliseconds()},
		Scores: []shard.ScorePoint{
			{At: 1, Risk: 0.5, Source: shard.ScoreSignal}, {At: 2, Risk: 0, Source: shard.ScoreSilence},
			{At: 3, Risk: 0.72, Source: shard.ScoreSilence}, {At: 4, Risk: 1, Source: shard.ScoreAhead},
		},
		History: []shard.LevelChange{
			{Signal: wire.Signal{Signal: wire.Cleared, Previous: "cooling", Level: "healthy", Risk: 0.3, Reasons: []wire.Reason{{Text: "first"}, {Text: "last"}}}, Published: true},
			{Signal: wire.Signal{Signal: wire.Raised, Previous: "cooling", Level: "at_risk", Risk: 0.7, Reasons: []wire.Reason{{Text: "most"}}}},
		},
		Notes: []string{"a note"},
	}
	single := engaged
	single.Rhythm.Once, single.Rhythm.UsualGap, single.Next, single.History, single.Episode, single.Clock = true, 0, nil, nil, 0, now.UnixMilli()
	held, unheard, back := engaged, engaged, engaged
	held.Unheard, held.Next = &shard.Unheard{Held: true, Silent: true, Channel: "email", Since: clock - setting.Day.Milliseconds()}, nil
	unheard.Unheard = &shard.Unheard{Silent: true, Since: clock}
	back.Unheard = &shard.Unheard{Held: true, Until: clock + time.Hour.Milliseconds()}
	imported := engaged
	imported.ImportOpen = true
	for name, test := range map[string]struct {
		report shard.CustomerReport
		want   []string
	}{
		"at risk": {engaged, []string{
			"a·nn is at risk: the probability of no engagement within 30 days is 72%. It has\nbeen so since 2026-03-20 12:00 UTC.",
			"No record and no tick has come since, for three days", "Probably gone: so many.", "- came every four days or so", "One visit now helps.", "usual pause    four days",
			"visits         at least 8; within about four days only one may count", "first engaged  2026-01-01 09:00 UTC", "silent for three weeks",
			"▁▆│█", "lapsed at 2026-04-08 12:00 UTC, ten days\n    after the partition's clock.", "(3 older ones are not shown",
			"cooling → healthy  30%  first", "cooling → at risk  70%  (not published yet) most", "Note: a note.",
		}},
		"a single visit": {single, []string{"usual pause   none yet", "visits        one, at 2026-01-01 09:00 UTC", "last engaged  2026-03-09", "silence alone does not change it", "never changed"}},
		"in an import":   {imported, []string{"The clock is that of an import", "after the partition's clock."}},
		"held": {held, []string{
			"The input by email has been silent since 2026-03-28 12:00 UTC: the signal of\ntheir silence is held until it is back.",
			"Next level: none while the input is silent.",
		}},
		"unheard": {unheard, []string{"The input has been silent since 2026-03-29 12:00 UTC: a signal of their silence\nwould be held until it is back."}},
		"back": {back, []string{
			"The input was silent until lately: the signal of their silence is held until\n2026-03-29 13:00 UTC, to give them time to be heard.",
		}},
		"not engaged": {shard.CustomerReport{Customer: "ben", Clock: now.UnixMilli()}, []string{"ben has never engaged: there is no score."}},
		"held out":    {shard.CustomerReport{Customer: "ben", Clock: now.UnixMilli(), Holdout: true}, []string{"They are in the hold-out: do not act"}},
	} {
		var out bytes.Buffer
		if err := show.Customer(&out, &test.report, "en", now); err != nil {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: without %q:\n%s", name, want, out.String())
			}
		}
	}
	near := engaged
	near.Rhythm.Visits, near.Rhythm.UsualGap = 1, 0
	var out bytes.Buffer
	if err := show.Customer(&out, &near, "en", now); err != nil || !strings.Contains(out.String(), "more than one, all within about four days") {
		t.Errorf("visits that are near each other: %v\n%s", err, out.String())
	}
}

// Every language says everything, about the same things, and in lines that a
// terminal holds; and nothing of one is in another.
func TestCustomerIsShownInEachLanguage(t *testing.T) {
	place := regexp.MustCompile(`\{[a-z]+\}`)
	for phrase, texts := range show.Frames() {
		want := place.FindAllString(texts[0], -1)
		slices.Sort(want)
		for i, text := range append(texts[:], show.FrameOf("pt-PT").Say(phrase)) {
			got := place.FindAllString(text, -1)
			slices.Sort(got)
			if text == "" || !slices.Equal(got, want) {
				t.Errorf("%s in language %d: %q, with places %v, want %v", phrase, i, text, got, want)
			}
		}
	}
	for phrase := range show.EuropeanFrames() {
		if show.Frames()[phrase][1] == "" {
			t.Errorf("%s is no phrase", phrase)
		}
	}
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	r := shard.CustomerReport{
		Customer: "ann", Token: "ann", Sequence: 17, Clock: now.Add(-time.Hour).UnixMilli(), Engaged: true, Holdout: true, Episode: 5,
		Level: "at_risk", Since: now.Add(-setting.Day).UnixMilli(), Risk: 0.72, HorizonMS: (30 * setting.Day).Milliseconds(),
		Rhythm:  shard.Rhythm{UsualGap: (4 * setting.Day).Milliseconds(), Visits: 8, LastAny: 3},
		Next:    &shard.Crossing{Level: "lapsed", Signal: wire.Raised, At: now.UnixMilli(), In: (10 * setting.Day).Milliseconds()},
		Scores:  []shard.ScorePoint{{At: 2, Source: shard.ScoreSilence}},
		History: []shard.LevelChange{{Signal: wire.Signal{Previous: "cooling", Level: "at_risk", Risk: 0.7, Reasons: []wire.Reason{{Text: strings.Repeat("word ", 30)}}}}},
	}
	for language, want := range map[string]string{"en": "is at risk", "pt": "está em risco", "pt-PT": "a arrefecer", "it": "è a rischio"} {
		var out bytes.Buffer
		if err := show.Customer(&out, &r, language, now); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if !strings.Contains(text, want) || strings.ContainsAny(text, "{}") {
			t.Errorf("%s lacks %q:\n%s", language, want, text)
		}
		for _, english := range []string{" the ", " since ", " engaged", " is ", " usual pause", "days"} {
			if language != "en" && strings.Contains(text, english) {
				t.Errorf("%s has %q:\n%s", language, english, text)
			}
		}
		for line := range strings.SplitSeq(text, "\n") {
			if len([]rune(line)) > 80 {
				t.Errorf("%s, longer than a terminal: %q", language, line)
			}
		}
	}
}

func TestReadingIsSilentAtFirst(t *testing.T) {
	var out bytes.Buffer
	r := newReading(&out)
	r.set(1, 1000)
	if out.Len() > 0 {
		t.Errorf("at once: %q", out.String())
	}
	r.progress.Told, r.progress.Began = r.progress.Told.Add(-readingQuiet), r.progress.Began.Add(-readingQuiet)
	r.set(501, 1000)
	r.close()
	if !strings.Contains(out.String(), "reading: 501 of 1000") {
		t.Errorf("after a second: %q", out.String())
	}
}

func TestReadingTellsOfALargeSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		r := newReading(&out)
		time.Sleep(2 * readingQuiet)
		synctest.Wait()
		r.close()
		if !strings.Contains(out.String(), "Reading the last snapshot") {
			t.Errorf("after two seconds: %q", out.String())
		}
	})
}
