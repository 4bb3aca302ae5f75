package format_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/vocabulary"
)

// read is what a message has, an item a line.
func read(t *testing.T, of format.Format, headers map[string][]string, data string) (lines []string) {
	t.Helper()
	reader := format.NewReader(of, vocabulary.DefaultVocabulary())
	m := &format.Message{Data: []byte(data), Headers: headers, Origin: event.Origin{ID: []byte("s-7"), Received: 1_700_000_000_000}}
	err := reader.Read(m, func(item *format.Item) error {
		if item.Refuse != nil {
			lines = append(lines, fmt.Sprintf("%d/%d %s %v", item.Index, item.Of, item.Format, item.Refuse))
		} else {
			lines = append(lines, fmt.Sprintf("%d/%d %s %s %s %s %d", item.Index, item.Of, item.Format, item.Event.ID, item.Event.Customer, item.Event.Type, item.Event.Time))
		}

		return nil
	})
	if err != nil {
		t.Fatal(err)
	}

	return lines
}

const (
	nativeLine  = `{"id":"n1","time":"2026-05-04T12:34:56.789Z","customer":"c1","type":"page.viewed"}`
	segmentLine = `{"type":"track","event":"Order Completed","userId":"c2","timestamp":"2026-05-04T12:34:56.789Z"}`
	eventLine   = `{"specversion":"1.0","id":"1","source":"/s","type":"order.completed","subject":"c3","time":"2026-05-04T12:34:56.789Z"}`
)

func TestItems(t *testing.T) {
	const at = " 1777898096789"
	binary := map[string][]string{"ce-specversion": {"1.0"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-type": {"t"}, "ce-subject": {"c"}}
	structured := map[string][]string{"content-type": {"application/cloudevents+json; charset=utf-8"}}
	for _, c := range []struct {
		name    string
		format  format.Format
		headers map[string][]string
		data    string
		want    []string
	}{
		{"native", format.Native, nil, nativeLine, []string{"1/1 native n1 c1 page.viewed" + at}},
		{"segment", format.Segment, nil, segmentLine, []string{"1/1 segment s-7 c2 Order Completed" + at}},
		{"cloudevents", format.CloudEvents, nil, eventLine, []string{"1/1 cloudevents /s 1 c3 order.completed" + at}},
		{"auto array", format.Auto, nil, " [" + nativeLine + ",\n" + segmentLine + " , " + eventLine + "]", []string{
			"1/3 native n1 c1 page.viewed" + at, "2/3 segment s-7-2 c2 Order Completed" + at, "3/3 cloudevents /s 1 c3 order.completed" + at}},
		{"auto lines", format.Auto, nil, segmentLine + "\n\n" + nativeLine + "\r\n", []string{
			"1/2 segment s-7-1 c2 Order Completed" + at, "2/2 native n1 c1 page.viewed" + at}},
		{"on several lines", format.Auto, nil, strings.ReplaceAll(nativeLine, ",", ",\n"), []string{"1/1 native n1 c1 page.viewed" + at}},
		{"a bad one", format.Auto, nil, "[" + segmentLine + `,{"type":"track","userId":"c2"},7]`, []string{
			"1/3 segment s-7-1 c2 Order Completed" + at,
			"2/3 segment missing_type: item 2: segment event; send what happened, such as Order Completed",
			"3/3 native malformed: item 3: native byte 0 is 7; send one JSON object"}},
		{"a bad line", format.Segment, nil, segmentLine + "\n{\"type\":\n" + segmentLine, []string{
			"1/3 segment s-7-1 c2 Order Completed" + at,
			"2/3 segment malformed: item 2: segment byte 8; send a value after the colon",
			"3/3 segment s-7-3 c2 Order Completed" + at}},
		{"a broken array", format.Auto, nil, "[" + nativeLine + ",", []string{"1/1 auto malformed: auto byte 84; send a value after the colon"}},
		{"an empty array", format.CloudEvents, structured, "[]", nil},
		{"a batch", format.Auto, nil, `{"batch":[` + segmentLine + `],"writeKey":"k","sentAt":"2026-05-04T11:35:56.789Z","receivedAt":"2026-05-04T12:35:56.789Z"}`, []string{
			"1/1 segment s-7 c2 Order Completed 1777901696789"}},
		{"batch as a property", format.Segment, nil, `{"event":"Order Completed","userId":"c2","timestamp":"2026-05-04T12:34:56.789Z","properties":{"batch":[1]}}`, []string{
			"1/1 segment s-7 c2 Order Completed" + at}},
		{"binary", format.Auto, binary, `{"a":1}`, []string{"1/1 cloudevents /s 1 c t 1700000000000"}},
		{"binary by header", format.ByHeader, binary, `x`, []string{"1/1 cloudevents /s 1 c t 1700000000000"}},
		{"structured by header", format.ByHeader, structured, eventLine, []string{"1/1 cloudevents /s 1 c3 order.completed" + at}},
		{"native by header", format.ByHeader, nil, segmentLine, []string{"1/1 native missing_id: native id; send an id that is the same when the event is sent again"}},
		{"segment by header", format.ByHeader, map[string][]string{"Content-Type": {"application/vnd.segment+json"}}, segmentLine, []string{"1/1 segment s-7 c2 Order Completed" + at}},
		{"nothing", format.Auto, nil, "", []string{"1/1 native malformed: native byte 0; send a JSON object, not an empty message"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := read(t, c.format, c.headers, c.data); !slices.Equal(got, c.want) {
				t.Errorf("reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestItemsAreBounded(t *testing.T) {
	many := "[" + strings.Repeat("{},", format.MaxItems) + "{}]"
	if got := read(t, format.Auto, nil, many); len(got) != 1 || got[0] != "1/1 auto oversize: message is more than 10000 events; send at most 10000 events in one message" {
		t.Errorf("too many: %s", got)
	}
	lines := strings.Repeat("{}\n", format.MaxItems+1)
	if got := read(t, format.Auto, nil, lines); len(got) != 1 || !strings.Contains(got[0], "more than 10000 events") {
		t.Errorf("too many lines: %d", len(got))
	}
	if got := read(t, format.Auto, nil, strings.Repeat(" ", format.MaxMessageBytes+1)); len(got) != 1 || got[0] != "1/1 auto oversize: message is 8388609 bytes; send at most 8388608 bytes" {
		t.Errorf("too large: %s", got)
	}
}

func TestReadStopsWhereItsCallerDoes(t *testing.T) {
	enough, n := errors.New("enough"), 0
	err := format.NewReader(format.Auto, nil).Read(&format.Message{Data: []byte("[{},{},{}]")}, func(*format.Item) error {
		n++

		return enough
	})
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d items, error %v", n, err)
	}
}

func TestParse(t *testing.T) {
	for _, name := range format.Names() {
		if got, err := format.Parse(name); err != nil || string(got) != name {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := format.Parse("cloudevent"); err == nil || err.Error() != `format is "cloudevent"; did you mean "cloudevents"?` {
		t.Errorf("cloudevent: %v", err)
	}
	if _, err := format.Parse("protobuf"); err == nil || !strings.Contains(err.Error(), "choose one of") {
		t.Errorf("protobuf: %v", err)
	}
}

// FuzzRead checks that every message has the same items each time, and that no
// item is left out.
func FuzzRead(f *testing.F) {
	for _, data := range []string{nativeLine, "[" + segmentLine + "," + eventLine + "]", segmentLine + "\n" + nativeLine, `{"batch":[` + segmentLine + `]}`} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, second := read(t, format.Auto, nil, string(data)), read(t, format.Auto, nil, string(data))
		if !slices.Equal(first, second) {
			t.Fatalf("%q reads\n%s and\n%s", data, first, second)
		}
		for i, line := range first {
			if !strings.HasPrefix(line, fmt.Sprintf("%d/%d ", i+1, len(first))) {
				t.Fatalf("%q: item %d is %s", data, i+1, line)
			}
		}
	})
}
