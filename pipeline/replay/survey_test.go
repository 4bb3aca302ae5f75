package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

func mustSurvey(t testing.TB, m *Mapping, text string, configured vocabulary.Config) *Survey {
	t.Helper()
	s, err := NewSurvey(t.Context(), textSource("events.csv", text), m, configured, Limits{Lateness: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}

	return s
}

// eventLog is a CSV file of a row a second: type, or type,engagement.
func eventLog(header string, rows ...string) string {
	var b strings.Builder
	b.WriteString("event_time,customer_id," + header + "\n")
	for i, row := range rows {
		fmt.Fprintf(&b, "2026-01-01T%02d:%02d:%02dZ,c%d,%s\n", i/3600%24, i/60%60, i%60, i%7, row)
	}

	return b.String()
}

// classes says what the vocabulary behind a survey makes of types.
func classes(t *testing.T, s *Survey, configured vocabulary.Config, names ...string) []string {
	t.Helper()
	vocab, err := vocabulary.NewVocabulary(s.Mapping.AddTo(configured))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, name := range names {
		class, err := vocab.Classify(&event.Event{Type: []byte(name)})
		if err != nil {
			t.Fatal(err)
		}
		text := class.Kind.String()
		if class.Qualifying {
			text += "+"
		}
		texts = append(texts, text)
	}

	return texts
}

func TestSurveyLearnsTheKindsOfAFile(t *testing.T) {
	m := shippedMapping(t, "csv")
	configured := vocabulary.Config{Types: []vocabulary.TypeConfig{{Type: "tapped", Kind: "passive"}}}
	s := mustSurvey(t, m, eventLog("event_type,engagement",
		"played,active", "played,micro", "played, Active ", "viewed,passive", "viewed,passive", "mailed,exposure",
		"even,active", "even,micro", "silent,", "odd,lively", "odd,micro", "page.viewed,active", "tapped,active",
		"unknown,active", "stop,\"pass\nive\"", ",active"), configured)
	names := []string{"played", "viewed", "mailed", "even", "silent", "odd", "page.viewed", "tapped", "unknown"}
	want := []string{"active+", "passive", "exposure", "micro+", "unknown", "micro+", "passive", "passive", "unknown"}
	if got := classes(t, s, configured, names...); !slices.Equal(got, want) {
		t.Errorf("%v are %v, want %v", names, got, want)
	}
	if s.Qualifying != 3+2+2 || s.Assumed || s.Beyond != 0 || s.BadKinds != 2 || s.BadKind != "lively" {
		t.Errorf("%d qualifying, assumed %v, %d beyond, %d bad kinds such as %q", s.Qualifying, s.Assumed, s.Beyond, s.BadKinds, s.BadKind)
	}
	if len(m.Vocabulary.Types) != 0 {
		t.Errorf("the mapping that was given has changed: %+v", m.Vocabulary.Types)
	}
	const where = "here"
	wantWords := []string{
		"By the file active, so engagement: played (3 rows).",
		"By the file micro, so engagement: even (2 rows), odd (2 rows).",
		"By the file passive, so no engagement: viewed (2 rows).",
		"By the file exposure, so no engagement: mailed (1 row).",
		"Where a passive type is engagement here, set qualifying for it here.",
		"played occurs as micro (1 row) and active (2 rows); it counts as active.",
		"even occurs as micro (1 row) and active (1 row); it counts as micro.",
		`2 rows have a kind that is none of passive, micro, active and exposure, such as "lively".`,
		"Unknown and never counted as engagement: silent (1 row), stop (1 row), unknown (1 row). Map them to known types, or give them kinds here.",
	}
	if got := s.Words(where); !slices.Equal(got, wantWords) {
		t.Errorf("words\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantWords, "\n"))
	}
	if got := s.Kinds(); got != "passive: viewed (2 rows), page.viewed (1 row), tapped (1 row); micro: even (2 rows), odd (2 rows); "+
		"active: played (3 rows); exposure: mailed (1 row); unknown: silent (1 row), stop (1 row), unknown (1 row)" {
		t.Errorf("kinds %s", got)
	}
}

func TestSurveyOfALogWithoutKinds(t *testing.T) {
	yes := true
	for name, test := range map[string]struct {
		rows       []string
		configured vocabulary.Config
		want       []string // of login and page.viewed
		assumed    bool
		words      string
	}{
		"own types only":    {[]string{"login", "login"}, vocabulary.Config{}, []string{"active+", "passive"}, true, "count as active: login (2 rows). Give them their kinds here, or"},
		"nothing qualifies": {[]string{"login", "page.viewed", "message.sent", "unsubscribed"}, vocabulary.Config{}, []string{"active+", "passive"}, true, "login (1 row)"},
		"something does":    {[]string{"login", "order.completed"}, vocabulary.Config{}, []string{"unknown", "passive"}, false, "never counted as engagement: login (1 row)"},
		"configured": {[]string{"login", "page.viewed"}, vocabulary.Config{Types: []vocabulary.TypeConfig{{Type: "page.viewed", Qualifying: &yes}}},
			[]string{"unknown", "passive+"}, false, "never counted"},
		"known types only": {[]string{"page.viewed"}, vocabulary.Config{}, []string{"unknown", "passive"}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustSurvey(t, shippedMapping(t, "csv"), eventLog("event_type", test.rows...), test.configured)
			if got := classes(t, s, test.configured, "login", "page.viewed"); !slices.Equal(got, test.want) || s.Assumed != test.assumed {
				t.Errorf("classes %v, assumed %v", got, s.Assumed)
			}
			words := strings.Join(s.Words("here"), "\n")
			if !strings.Contains(words, test.words) || (test.words == "") != (words == "") {
				t.Errorf("words %q, want %q", words, test.words)
			}
		})
	}
}

// Whoever rejects unknown types doesn't want them to be taken for engagement;
// kinds that the file tells are another matter.
func TestSurveyDoesNotAssumeWhatIsRejected(t *testing.T) {
	reject := vocabulary.Config{UnknownTypes: vocabulary.RejectUnknown}
	s := mustSurvey(t, shippedMapping(t, "csv"), eventLog("event_type", "login"), reject)
	if s.Assumed || s.Qualifying != 0 || s.Mapping.AddTo(reject).UnknownTypes != vocabulary.RejectUnknown {
		t.Errorf("assumed %v, %d qualifying, %+v", s.Assumed, s.Qualifying, s.Mapping)
	}
	s = mustSurvey(t, shippedMapping(t, "csv"), eventLog("event_type,engagement", "login,micro"), reject)
	if got := classes(t, s, reject, "login"); got[0] != "micro+" {
		t.Errorf("login is %v", got)
	}
}

func TestSurveyOfALogWithoutTypes(t *testing.T) {
	m, err := LoadMapping("", textSource("visits.csv", "customer_id,event_time\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := mustSurvey(t, m, "customer_id,event_time\na,2026-01-01\nb,2026-01-02 10:00:00\na,2026-01-03T10:00:00\na,2026-01-03T10:00:00+02:00\n", vocabulary.Config{})
	if s.Qualifying != 4 || s.Assumed || len(s.Words("here")) != 0 {
		t.Errorf("%d qualifying, assumed %v, words %q", s.Qualifying, s.Assumed, s.Words("here"))
	}
}

// A mapping may say the kind of all types that the vocabulary lacks.
func TestSurveyTakesAConstantKind(t *testing.T) {
	m := mustMapping(t, "name: x\nfields: {time: event_time, customer: customer_id, type: event_type}\nconstants: {kind: micro}\n")
	s := mustSurvey(t, m, eventLog("event_type", "login", "page.viewed"), vocabulary.Config{})
	if got := classes(t, s, vocabulary.Config{}, "login", "page.viewed"); !slices.Equal(got, []string{"micro+", "passive"}) {
		t.Errorf("classes %v", got)
	}
}

func TestSurveyReadsKindsFromJSON(t *testing.T) {
	m := mustMapping(t, "name: x\nformat: ndjson\nfields: {time: at, customer: who, type: what, kind: meta.kind}\n")
	s := mustSurvey(t, m, `{"at":"2026-01-01T00:00:00Z","who":"a","what":"login","meta":{"kind":"micro","x":1}}`+"\n", vocabulary.Config{})
	if got := classes(t, s, vocabulary.Config{}, "login"); got[0] != "micro+" {
		t.Errorf("login is %v", got)
	}
}

func TestSurveyIsBounded(t *testing.T) {
	room := vocabulary.MaxTypes - len(vocabulary.DefaultVocabulary().Types()) + 1
	var rows []string
	for i := range room + 3 {
		rows = append(rows, "t"+strconv.Itoa(i), "t"+strconv.Itoa(i))
	}
	s := mustSurvey(t, shippedMapping(t, "csv"), eventLog("event_type", rows...), vocabulary.Config{})
	if got := classes(t, s, vocabulary.Config{}, "t0", "t"+strconv.Itoa(room-1), "t"+strconv.Itoa(room)); !slices.Equal(got, []string{"active+", "active+", "unknown"}) {
		t.Errorf("classes %v", got)
	}
	if s.Beyond != 6 || s.Qualifying != int64(2*room) || !strings.Contains(strings.Join(s.Words("here"), "\n"), "6 rows have further types") {
		t.Errorf("%d beyond, %d qualifying", s.Beyond, s.Qualifying)
	}
}

// The one pass tells the same of the file as the pass that only identifies it,
// and gives the same plan.
func TestSurveyIdentifies(t *testing.T) {
	for _, text := range []string{
		eventLog("event_type,engagement", "played,active", "viewed,passive"),
		strings.TrimSuffix(eventLog("event_type", "played"), "\n"),
		gzipped(t, eventLog("event_type", slices.Repeat([]string{"a.b"}, 50_000)...)),
	} {
		source := textSource("events.csv", text)
		s := mustSurvey(t, shippedMapping(t, "csv"), text, vocabulary.Config{})
		if want, err := Identify(source); err != nil || s.Identity != want {
			t.Fatalf("identity %+v, want %+v (%v)", s.Identity, want, err)
		}
		options := Options{Partitions: 2, ShiftToNow: true}
		plan, err := s.Plan(options)
		if err != nil {
			t.Fatal(err)
		}
		if want := mustPlan(t, source, s.Mapping, options); plan.Import != want.Import || plan.First != want.First || plan.Last != want.Last {
			t.Errorf("plan %+v, want %+v", plan, want)
		}
	}
	s := mustSurvey(t, shippedMapping(t, "csv"), eventLog("event_type", "a.b"), vocabulary.Config{})
	_, err := s.Plan(Options{})
	wantError(t, err, "partitions is 0")
}

func TestSurveyFailsWhereReadingFails(t *testing.T) {
	m := shippedMapping(t, "csv")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewSurvey(ctx, textSource("a.csv", eventLog("event_type", "a.b")), m, vocabulary.Config{}, Limits{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	torn := gzipped(t, eventLog("event_type", "a.b"))
	_, err := NewSurvey(t.Context(), textSource("a.csv.gz", torn[:len(torn)-12]), m, vocabulary.Config{}, Limits{})
	wantError(t, err, "a.csv.gz")
	_, err = NewSurvey(t.Context(), textSource("a.csv", "when\n"), m, vocabulary.Config{}, Limits{})
	wantError(t, err, "a.csv", "no column")
	_, err = NewSurvey(t.Context(), textSource("a.csv", ""), m, vocabulary.Config{UnknownTypes: "perhaps", Channels: []string{"NO"}}, Limits{})
	wantError(t, err, "vocabulary.channels")
}

// Whatever the rows, each type has the kind that most of them say, and what
// counts as engagement is counted.
func TestSurveyAgreesWithCounting(t *testing.T) {
	kinds := []string{"passive", "micro", "active", "exposure", ""}
	rapid.Check(t, func(t *rapid.T) {
		var rows []string
		counts := map[string]*[4]int{}
		all := map[string]int{}
		for range rapid.IntRange(0, 40).Draw(t, "rows") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "type")
			kind := rapid.IntRange(0, 4).Draw(t, "kind")
			rows = append(rows, name+","+kinds[kind])
			all[name]++
			if counts[name] == nil {
				counts[name] = new([4]int)
			}
			if kind < 4 {
				counts[name][kind]++
			}
		}
		told := slices.ContainsFunc(rows, func(row string) bool { return !strings.HasSuffix(row, ",") })
		m, err := ShippedMapping("csv")
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSurvey(context.Background(), textSource("a.csv", eventLog("event_type,engagement", rows...)), m, vocabulary.Config{}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		qualifying := 0
		for _, typ := range s.Types {
			want := vocabulary.Active
			if told {
				n := counts[typ.Type]
				most := slices.Max(n[:])
				want = vocabulary.Kind(slices.Index(n[:], most))
				if most == 0 {
					want = vocabulary.Unknown
				}
			}
			if typ.Kind != want || int(typ.Rows) != all[typ.Type] {
				t.Fatalf("%s is %v in %d rows, want %v in %d", typ.Type, typ.Kind, typ.Rows, want, all[typ.Type])
			}
			if want == vocabulary.Micro || want == vocabulary.Active {
				qualifying += all[typ.Type]
			}
		}
		if len(s.Types) != len(all) || s.Qualifying != int64(qualifying) {
			t.Fatalf("%d types and %d qualifying, want %d and %d", len(s.Types), s.Qualifying, len(all), qualifying)
		}
	})
}

// The columns that the generic mapping can do without: with the arrival there,
// it is the clock; without it, the time of the event is.
func TestOptionalColumns(t *testing.T) {
	m := shippedMapping(t, "csv")
	with := readRows(t, m, "event_time,customer_id,event_type,arrival_time,engagement,plan\n"+
		"2026-01-01T00:00:00Z,a,login,2026-01-03T00:00:00Z,active,gold\n2026-01-04T00:00:00Z,a,login,,,\n", ReadOptions{})
	without := readRows(t, m, "event_time,customer_id,event_type\n2026-01-01T00:00:00Z,a,login\n2026-01-04T00:00:00Z,a,login\n", ReadOptions{})
	const day = 86_400_000
	begins := without[0].Time
	for i, want := range []struct{ with, without int64 }{{begins + 2*day, begins}, {begins + 2*day, begins + 3*day}} {
		if with[i].Clock != want.with || without[i].Clock != want.without {
			t.Errorf("row %d: clock %d with the arrival and %d without, want %d and %d", i+1, with[i].Clock, without[i].Clock, want.with, want.without)
		}
	}
	if event, err := decode(with[0].Body); err != nil || string(event.Properties) != `{"plan":"gold"}` {
		t.Errorf("properties %s, error %v", event.Properties, err)
	}
	if string(with[0].Kind) != "active" || len(with[1].Kind) != 0 || len(without[0].Kind) != 0 {
		t.Errorf("kinds %q, %q and %q", with[0].Kind, with[1].Kind, without[0].Kind)
	}
	_, err := NewReader(textSource("a.csv", "event_time,customer_id\n"), m, ReadOptions{})
	wantError(t, err, `no column "event_type"`)
}

// A file without engagement is told of, with an entry that mends it: a type that
// is known is not called unknown.
func TestAFileWithoutEngagementIsToldOf(t *testing.T) {
	entry := func(c vocabulary.TypeConfig) string {
		return fmt.Sprint(c.Type, " ", c.Kind, " ", c.Qualifying != nil && *c.Qualifying)
	}
	for name, test := range map[string]struct {
		text, want string // "": there is engagement
	}{
		"views":    {eventLog("event_type", "page.viewed", "page.viewed", "message.sent"), "(passive: page.viewed (2 rows); exposure: message.sent (1 row))|: page.viewed passive true."},
		"unknown":  {eventLog("event_type", "hopped", "message.sent", "hopped"), "(exposure: message.sent (1 row); unknown: hopped (2 rows))|: hopped active false."},
		"messages": {eventLog("event_type", "message.sent"), "(exposure: message.sent (1 row))|: NAME active false."},
		"negative": {eventLog("event_type", "unsubscribed"), "(negative: unsubscribed (1 row))|: NAME active false."},
		"orders":   {eventLog("event_type", "page.viewed", "order.completed"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := FindEngagement(t.Context(), textSource("events.csv", test.text), shippedMapping(t, "csv"), vocabulary.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if (s == nil) != (test.want == "") {
				t.Fatalf("found engagement: %v", s == nil)
			}
			if s == nil {
				return
			}
			words := s.NoEngagement("here", entry)
			for _, want := range strings.Split(test.want, "|") {
				if !strings.Contains(words, want) {
					t.Errorf("%q lacks %q", words, want)
				}
			}
		})
	}
}

// Where no row is an event there is no type to say anything of.
func TestNoEngagementWithoutEvents(t *testing.T) {
	text := "customer_id,event_time,event_type\n,2024-01-01T10:00:00Z,page.viewed\n"
	source := textSource("shop.csv", text)
	m, err := Detect(source)
	if err != nil {
		t.Fatal(err)
	}
	survey, err := FindEngagement(t.Context(), source, m, m.AddTo(vocabulary.Config{}))
	if err != nil || survey == nil {
		t.Fatalf("%v, %v", survey, err)
	}
	want := "No row of shop.csv is an event that can be used, so nothing comes of it."
	if got := survey.NoEngagement("somewhere", func(vocabulary.TypeConfig) string { return "ENTRY" }); got != want {
		t.Errorf("%s", got)
	}
}
