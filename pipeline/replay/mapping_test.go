package replay

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

func TestMappingErrorsNameKeyValueAndRemedy(t *testing.T) {
	const good = "name: x\nfields: {time: t, customer: c, type: y}\n"
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"empty":             {"", []string{"the file is empty", "name and fields"}},
		"not a mapping":     {"[1, 2]", []string{"line 1", "keys such as name and fields"}},
		"not YAML":          {"name: [", []string{"mapping: yaml"}},
		"unknown key":       {good + "latness: 3h\n", []string{"line 3", `"latness"`, "did you mean lateness?"}},
		"unknown field":     {"name: x\nfields: {time: t, costumer: c, type: y}\n", []string{`"costumer" under fields`, "did you mean customer?"}},
		"unknown constant":  {good + "constants: {chanel: web}\n", []string{`"chanel" under constants`, "did you mean channel?"}},
		"unknown match":     {good + "match: {file: [a]}\n", []string{`"file" under match`, "did you mean files?"}},
		"unknown time":      {good + "time: {format: [unix]}\n", []string{`"format" under time`, "did you mean formats?"}},
		"unknown type key":  {good + "vocabulary: {types: [{type: a.b, kinds: active}]}\n", []string{`"kinds" under vocabulary.types`, "did you mean kind?"}},
		"unknown far":       {good + "qqqqqqqqqq: 1\n", []string{"choose one of name, description"}},
		"no name":           {"fields: {time: t, customer: c, type: y}\n", []string{"name is empty", "webshop"}},
		"no time":           {"name: x\nfields: {customer: c, type: y}\n", []string{"fields.time is missing"}},
		"no type":           {"name: x\nfields: {time: t, customer: c}\n", []string{"fields.type is missing", "constants: {type: order.completed}"}},
		"no customer":       {"name: x\nfields: {time: t, type: c}\n", []string{"fields.customer is missing"}},
		"empty field":       {"name: x\nfields: {time: t, customer: c, type: y, value: ''}\n", []string{"fields.value is empty", "remove the key"}},
		"bad format":        {good + "format: cvs\n", []string{`format is "cvs"`, "did you mean csv?"}},
		"bad rest":          {good + "rest: dropp\n", []string{`rest is "dropp"`, "did you mean drop?"}},
		"bad delimiter":     {good + "delimiter: ';;'\n", []string{`delimiter is ";;"`, "one character"}},
		"quote delimiter":   {good + "delimiter: '\"'\n", []string{"delimiter is", "one character"}},
		"bad zone":          {good + "time: {zone: Mars/Olympus}\n", []string{`zone is "Mars/Olympus"`, "Europe/Berlin"}},
		"bad time format":   {good + "time: {formats: [unixms]}\n", []string{`"unixms"`, "did you mean unix_ms?"}},
		"layout, no year":   {good + "time: {formats: ['15:04']}\n", []string{`"15:04"`, "a year, a month and a day"}},
		"bad lateness":      {good + "lateness: 3 days\n", []string{"line 3", `"3 days"`, "72h"}},
		"negative skew":     {good + "skew: -5m\n", []string{`"-5m"`, "10m"}},
		"constant time":     {good + "constants: {time: now}\n", []string{"constants.time can't be the same", "fields.time"}},
		"constant number":   {good + "constants: {value: much}\n", []string{`constants.value is "much"`, "a number"}},
		"constant truth":    {good + "constants: {machine: maybe}\n", []string{`constants.machine is "maybe"`, "true or false"}},
		"constant id":       {good + "constants: {id: one}\n", []string{"constants.id", "leave it out"}},
		"constant currency": {good + "constants: {currency: Euro}\n", []string{`constants.currency is "Euro"`, "ISO 4217"}},
		"empty type":        {good + "types: {a: ''}\n", []string{`types."a" is empty`}},
		"constant kind":     {good + "constants: {kind: lively}\n", []string{`constants.kind is "lively"`, "passive, micro, active or exposure"}},
		"optional unknown":  {good + "optional: [valeu]\n", []string{"optional: valeu is not a field", "did you mean value?"}},
		"optional unnamed":  {good + "optional: [value]\n", []string{"optional: fields.value names no column"}},
		"optional time":     {good + "optional: [time]\n", []string{"optional: every event needs a time"}},
		"native with kind":  {"name: x\nformat: native\nfields: {kind: k}\n", []string{"format native", "format ndjson"}},
		"bad qualifying":    {good + "vocabulary: {types: [{type: a.b, kind: exposure, qualifying: true}]}\n", []string{"never qualifies"}},
		"bad kind":          {good + "vocabulary: {types: [{type: a.b, kind: activ}]}\n", []string{"activ"}},
		"bad channel":       {good + "vocabulary: {types: [{type: a.b, kind: active, channel: webb}]}\n", []string{"webb", "web"}},
		"fields not a map":  {"name: x\nfields: [a]\n", []string{"line 2"}},
		"csv properties":    {"name: x\nfields: {time: t, customer: c, type: y, properties: p}\n", []string{"needs a JSON object"}},
		"both properties":   {"name: x\nformat: ndjson\nrest: properties\nfields: {time: t, customer: c, type: y, properties: p}\n", []string{"remove one of the two"}},
		"native with types": {"name: x\nformat: native\ntypes: {a: b}\n", []string{"format native", "format ndjson"}},
		"too large":         {good + "#" + string(slices.Repeat([]byte{'x'}, MaxMappingBytes)), []string{"the limit is"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseMapping([]byte(test.text))
			wantError(t, err, test.want...)
		})
	}
}

// Mappings made in code have no lines, but the same rules.
func TestValidateNamesFieldsThatDoNotExist(t *testing.T) {
	m := mustMapping(t, "name: x\nfields: {time: t, customer: c, type: y}\n")
	m.Fields["custom"] = "c"
	m.Constants = map[string]string{"chanel": "web"}
	m.Time.Formats = nil
	wantError(t, m.Validate(), "fields.custom", "did you mean customer?", "constants.chanel", "did you mean channel?", "formats is empty")
}

func TestEveryShippedMappingClassifiesAllItsTypes(t *testing.T) {
	names := MappingNames()
	want := []string{"cdnow", "collegemsg", "csv", "moodle_la", "native", "online_retail", "oss_infra", "plain", "sparkify_nov2018", "yammer"}
	if !slices.Equal(names, want) {
		t.Fatalf("mappings %v, want %v", names, want)
	}
	for _, name := range names {
		m := shippedMapping(t, name)
		if m.Name != name || m.Description == "" {
			t.Errorf("%s: name %q, description %q", name, m.Name, m.Description)
		}
		vocab, err := vocabulary.NewVocabulary(m.AddTo(vocabulary.Config{UnknownTypes: vocabulary.RejectUnknown}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		used := make(map[string]bool)
		for from, to := range m.Types {
			used[to] = true
			if _, err := vocab.Classify(&event.Event{Type: []byte(to)}); err != nil {
				t.Errorf("%s: %s becomes %s: %v", name, from, to, err)
			}
		}
		if len(used) != len(m.Types) {
			t.Errorf("%s: %d types of the file become %d", name, len(m.Types), len(used))
		}
		for _, added := range m.Vocabulary.Types {
			if !used[added.Type] && m.Constants["type"] != added.Type {
				t.Errorf("%s: nothing becomes %s", name, added.Type)
			}
		}
	}
}

func TestShippedMappingsSayWhatIsEngagement(t *testing.T) {
	for _, test := range []struct {
		mapping, from string
		kind          vocabulary.Kind
		negative      bool
		qualifying    bool
	}{
		{"cdnow", "purchase", vocabulary.Active, false, true},
		{"online_retail", "return", vocabulary.Active, true, false},
		{"collegemsg", "message_sent", vocabulary.Active, false, true},
		{"collegemsg", "message_received", vocabulary.Passive, false, false},
		{"oss_infra", "merge", vocabulary.Micro, false, true},
		{"yammer", "sent_weekly_digest", vocabulary.Exposure, false, false},
		{"yammer", "sent_reengagement_email", vocabulary.Exposure, false, false},
		{"yammer", "email_open", vocabulary.Passive, false, true},
		{"sparkify_nov2018", "error", vocabulary.Micro, true, false},
		{"sparkify_nov2018", "submit_downgrade", vocabulary.Active, true, false},
		{"moodle_la", "course_viewed", vocabulary.Passive, false, true}, // the students' own views are engagement
		{"moodle_la", "the_status_of_the_submission_has_been_viewed.", vocabulary.Passive, false, true},
		{"sparkify_nov2018", "home", vocabulary.Passive, false, true},
		{"oss_infra", "report", vocabulary.Passive, false, true},
		{"moodle_la", "submission_updated.", vocabulary.Active, false, true},
	} {
		m := shippedMapping(t, test.mapping)
		vocab, err := vocabulary.NewVocabulary(m.AddTo(vocabulary.Config{}))
		if err != nil {
			t.Fatal(err)
		}
		class, err := vocab.Classify(&event.Event{Type: []byte(m.Types[test.from])})
		if err != nil || class.Kind != test.kind || class.Negative != test.negative || class.Qualifying != test.qualifying {
			t.Errorf("%s %s: kind %v, negative %v, qualifying %v, error %v", test.mapping, test.from, class.Kind, class.Negative, class.Qualifying, err)
		}
	}
	if n := len(shippedMapping(t, "moodle_la").Types); n != 27 {
		t.Errorf("moodle_la has %d types, the data set has 27", n)
	}
	if lateness := shippedMapping(t, "oss_infra").Lateness; lateness == nil || time.Duration(*lateness) != 72*time.Hour {
		t.Errorf("oss_infra: lateness %v", lateness)
	}
}

func TestConfigurationHasTheSayOverAMappingsVocabulary(t *testing.T) {
	m := mustMapping(t, `
name: x
fields: {time: t, customer: c, type: y}
vocabulary:
  unknown_types: reject
  channels: [kiosk, web]
  types: [{type: a.b, kind: active}, {type: c.d, kind: micro, channel: kiosk}]
`)
	configured := vocabulary.Config{Channels: []string{"web"}, Types: []vocabulary.TypeConfig{{Type: "a.b", Kind: "passive"}}}
	merged := m.AddTo(configured)
	vocab, err := vocabulary.NewVocabulary(merged)
	if err != nil {
		t.Fatal(err)
	}
	class, err := vocab.Classify(&event.Event{Type: []byte("a.b")})
	if err != nil || class.Kind != vocabulary.Passive {
		t.Errorf("a.b is %v (%v), the configuration says passive", class.Kind, err)
	}
	if merged.UnknownTypes != "reject" || !slices.Equal(merged.Channels, []string{"web", "kiosk"}) || len(merged.Types) != 2 {
		t.Errorf("merged %+v", merged)
	}
	if len(configured.Types) != 1 || len(configured.Channels) != 1 {
		t.Errorf("the configuration was changed: %+v", configured)
	}
}

func TestMappingIsChosenByFileNameAndHeader(t *testing.T) {
	const header = "event_time,customer_id,event_type,engagement,value"
	for _, test := range []struct{ file, text, want string }{
		{"cdnow.csv.gz", header, "cdnow"},
		{"cdnow_part2.csv", header + "\n", "cdnow"},
		{"oss_infra.csv", header + ",arrival_time", "oss_infra"},
		{"oss_infra.csv", header, "csv"}, // without its arrival column it is no such file
		{"shop.csv", "\xef\xbb\xbf" + header, "csv"},
		{"shop.csv", "customer_id,event_type,event_time", "csv"},
		{"shop.csv", "customer_id,event_time", "plain"},
		{"cdnow.csv", "customer_id,event_time,value", "plain"},
		{"shop.ndjson", ` {"id":"1"}`, "native"},
		{"shop.ndjson", "\xef\xbb\xbf{\"id\":\"1\"}\n", "native"},
	} {
		m, err := LoadMapping("", textSource(test.file, test.text))
		if err != nil || m.Name != test.want {
			t.Errorf("%s: mapping %+v, error %v, want %s", test.file, m, err, test.want)
		}
	}
	_, err := Detect(textSource("a.csv", "when,who\n"))
	wantError(t, err, "a.csv", "when, who", "--mapping")
	_, err = Detect(textSource("a.csv", ""))
	wantError(t, err, "a.csv", "the file is empty")
	_, err = Detect(textSource("a.csv", "\"when,who\n"))
	wantError(t, err, "the header can't be read", "not closed")
	_, err = Detect(FileSource(filepath.Join(t.TempDir(), "absent.csv")))
	wantError(t, err, "open absent.csv")
}

func TestMappingIsNamedOrReadFromAFile(t *testing.T) {
	source := textSource("events.csv", "")
	if m, err := LoadMapping("cdnow", source); err != nil || m.Name != "cdnow" {
		t.Errorf("cdnow: %+v, %v", m, err)
	}
	_, err := LoadMapping("cdnaw", source)
	wantError(t, err, `"cdnaw"`, "did you mean cdnow?", ".yaml")

	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(path, []byte("name: shop\nfields: {time: t, customer: c, type: y}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err := LoadMapping(path, source); err != nil || m.Name != "shop" {
		t.Errorf("%s: %+v, %v", path, m, err)
	}
	if err := os.WriteFile(path, []byte("name: shop\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadMapping(path, source)
	wantError(t, err, path, "fields.time is missing")
	_, err = LoadMapping(path+".gone", source)
	wantError(t, err, "mapping", "no such file")
	_, err = LoadMapping(filepath.Dir(path)+"/", source)
	wantError(t, err, "mapping")
}

// Whatever a mapping says, reading it ends in an error with text or in a
// mapping that can be used.
func FuzzMapping(f *testing.F) {
	for _, name := range MappingNames() {
		data, err := shipped.ReadFile("mappings/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("name: x\nfields: {time: /a~1b/0, customer: c.d, type: y}\nformat: ndjson\ntime: {formats: [unix_us, '02.01.2006 15:04'], zone: Europe/Berlin}\n"))
	f.Add([]byte("name: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMapping(data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without text")
			}

			return
		}
		if err := m.Validate(); err != nil {
			t.Fatalf("parsed, but invalid: %v", err)
		}
		r, err := NewReader(textSource("f", "{\"a\":1}\n"), m, ReadOptions{})
		if err != nil {
			return // the file lacks the mapping's columns
		}
		defer r.Close()
		var row Row
		if err := r.Next(&row); err == nil && len(row.Body) == 0 {
			t.Fatal("a row without a body")
		}
	})
}
