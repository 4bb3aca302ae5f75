package cloudevents

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// shop knows the types of these tests.
type shop struct{}

func (shop) ChannelOf(name []byte) (string, bool) {
	return "web", string(name) == "order.completed" || string(name) == "page.viewed"
}

// accepted are events of every shape that the specification shows, and what the
// native event has of them.
func accepted() []struct{ name, message, want string } {
	return []struct{ name, message, want string }{
		{"XML", `{"specversion" : "1.0","type" : "com.github.pull_request.opened","source" : "https://github.com/cloudevents/spec/pull","subject" : "123","id" : "A234-1234-1234","time" : "2018-04-05T17:31:00Z","comexampleextension1" : "value","comexampleothervalue" : 5,"datacontenttype" : "text/xml","data" : "<much wow=\"xml\"/>"}`,
			`{"id":"https://github.com/cloudevents/spec/pull A234-1234-1234","time":"2018-04-05T17:31:00.000Z","customer":"123","type":"com.github.pull_request.opened","received_at":"2023-11-14T22:13:20.000Z"}`},
		{"JSON", "{\n  \"specversion\" : \"1.0\",\n \"type\" : \"com.example.order.completed\", \"source\" : \"/mycontext/9\", \"id\" : \"C234\", \"subject\":\"c1\", \"datacontenttype\" : \"application/json\",\n \"data\" : {\"appinfoA\" : \"abc\", \"appinfoB\" : 123, \"appinfoC\" : true}}",
			`{"id":"/mycontext/9 C234","time":"2023-11-14T22:13:20.000Z","customer":"c1","type":"order.completed","received_at":"2023-11-14T22:13:20.000Z","properties":{"appinfoA" : "abc", "appinfoB" : 123, "appinfoC" : true}}`},
		{"native data", `{"specversion":"1.0","type":"order.completed","source":"/s","id":"1","time":"2018-04-05T17:31:00+02:00","subject":"order-7","data":{"id":"o7","customer":77,"channel":"store","value":12.50,"currency":"EUR","score":9,"machine":true,"properties":{"till":3}}}`,
			`{"id":"/s 1","time":"2018-04-05T15:31:00.000Z","customer":"77","type":"order.completed","channel":"store","value":12.5,"currency":"EUR","score":9,"machine":true,"received_at":"2023-11-14T22:13:20.000Z","properties":{"till":3}}`},
		{"other forms stay", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"c1","data":{"device":{"type":"ios"},"score":"high","time":7}}`,
			`"customer":"c1","type":"page.viewed","received_at":"2023-11-14T22:13:20.000Z","properties":{"device":{"type":"ios"},"score":"high","time":7}}`},
		{"anonymous", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"page-7","data":{"anonymous_id":"a1","time":"2018-04-05T17:31:00Z"}}`,
			`"time":"2018-04-05T17:31:00.000Z","anonymous_id":"a1","type":"page.viewed"`},
		{"extension", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"page-7","customer":"c9"}`, `"customer":"c9"`},
		{"base64", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"p","data_base64":"eyJjdXN0b21lciI6ImMyIn0="}`, `"customer":"c2","type":"page.viewed","received_at":"2023-11-14T22:13:20.000Z","properties":{"customer":"c2"}`},
		{"base64 of bytes", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"p","datacontenttype":"application/vnd.apache.thrift.binary","data_base64":"AAEC"}`, `"customer":"p"`},
		{"array", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"p","data":[1,2]}`, `"customer":"p"`},
		{"no data", `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","subject":"p","data":null}`, `"customer":"p"`},
		{"long id", `{"specversion":"1.0","type":"page.viewed","source":"/` + strings.Repeat("s", 300) + `","id":"1","subject":"p"}`, `{"id":"ce:`},
	}
}

const received = 1_700_000_000_000

func TestAccepted(t *testing.T) {
	d, back := NewDecoder(shop{}), native.NewDecoder(0)
	for _, c := range accepted() {
		var ev, again event.Event
		if err := d.Decode([]byte(c.message), event.Origin{Received: received}, &ev); err != nil {
			t.Errorf("%s: %v", c.name, err)

			continue
		}
		line := native.AppendEvent(nil, &ev)
		if !strings.Contains(string(line), c.want) {
			t.Errorf("%s: reads\n%s, want\n%s", c.name, line, c.want)
		}
		if err := back.Decode(line, &again); err != nil {
			t.Errorf("%s: the native decoder refuses %s: %v", c.name, line, err)
		}
	}
}

func TestBinary(t *testing.T) {
	d := NewDecoder(shop{})
	headers := map[string][]string{
		"ce-specversion": {"1.0"}, "Ce-Type": {"com.example.order.completed"}, "ce-time": {"2018-04-05T03:56:24Z"},
		"CE-ID": {"1234-1234"}, "ce-source": {"/my%20context"}, "ce-subject": {`"Zo%C3%AB \"Z\""`}, "Content-Type": {"application/json; charset=utf-8"},
	}
	const want = `{"id":"/my context 1234-1234","time":"2018-04-05T03:56:24.000Z","customer":"Zoë \"Z\"","type":"order.completed","value":3,"received_at":"2023-11-14T22:13:20.000Z","properties": {"value":3}}`
	for range 3 { // whatever the order of headers
		var ev event.Event
		if err := d.DecodeBinary(headers, []byte(` {"value":3}`), event.Origin{Received: received}, &ev); err != nil {
			t.Fatal(err)
		}
		if line := strings.Replace(string(native.AppendEvent(nil, &ev)), `"properties":{`, `"properties": {`, 1); line != want {
			t.Errorf("reads\n%s, want\n%s", line, want)
		}
	}
	headers["ce-datacontenttype"] = []string{"image/png"}
	var ev event.Event
	if err := d.DecodeBinary(headers, []byte("\x89PNG{"), event.Origin{}, &ev); err != nil || ev.Properties != nil {
		t.Errorf("with an image as data: %s, %v", ev.Properties, err)
	}
}

func bad() []struct{ name, message, want string } {
	event := func(more string) string {
		return `{"specversion":"1.0","type":"page.viewed","source":"/s","id":"1","time":"2018-04-05T17:31:00Z"` + more + `}`
	}

	return []struct{ name, message, want string }{
		{"empty", ``, `malformed: cloudevents byte 0; send a JSON object, not an empty message`},
		{"array", `[]`, `malformed: cloudevents byte 0 is []; send one JSON object`},
		{"twice", event(`,"id":"2"`), `malformed: cloudevents byte 95 is "id":"2"}; send each name of an object once`},
		{"too large", event(`,"x":"` + strings.Repeat("x", 1<<16) + `"`), `oversize: cloudevents event is 65638 bytes; send at most 65536 bytes`},
		{"no version", `{"type":"t","source":"/s","id":"1"}`, `invalid_field: cloudevents specversion; send 1.0, the version of CloudEvents that is read`},
		{"old version", `{"specversion":"0.3","type":"t","source":"/s","id":"1"}`, `invalid_field: cloudevents specversion is 0.3; send 1.0, the version of CloudEvents that is read`},
		{"version as number", `{"specversion":1.0,"type":"t","source":"/s","id":"1"}`, `invalid_field: cloudevents specversion is 1.0; send a string`},
		{"no id", `{"specversion":"1.0","type":"t","source":"/s"}`, `missing_id: cloudevents id; send an id that is the same when the event is sent again`},
		{"empty id", `{"specversion":"1.0","type":"t","source":"/s","id":""}`, `missing_id: cloudevents id; send an id that is the same when the event is sent again`},
		{"id as number", `{"specversion":"1.0","type":"t","source":"/s","id":1}`, `invalid_field: cloudevents id is 1; send a string`},
		{"no source", `{"specversion":"1.0","type":"t","id":"1"}`, `invalid_field: cloudevents source; send where the event comes from, as a URI reference such as /shop/orders`},
		{"no type", `{"specversion":"1.0","source":"/s","id":"1"}`, `missing_type: cloudevents type; send what happened, such as order.completed`},
		{"control in id", `{"specversion":"1.0","type":"t","source":"/s","id":"a\u0007"}`, `invalid_field: cloudevents id is "a\a"; remove the control characters`},
		{"long type", `{"specversion":"1.0","type":"` + strings.Repeat("t", 129) + `","source":"/s","id":"1"}`, `invalid_field: cloudevents type is ` + strings.Repeat("t", 96) + `...; send at most 128 bytes`},
		{"time", `{"specversion":"1.0","type":"t","source":"/s","id":"1","time":"noon"}`, `invalid_field: cloudevents time is noon; send RFC 3339, such as 2026-05-04T12:34:56.789Z`},
		{"no time", `{"specversion":"1.0","type":"t","source":"/s","id":"1","subject":"c"}`, `missing_time: cloudevents time; send when it happened, such as 2026-05-04T12:34:56.789Z`},
		{"nobody", event(``), `missing_customer: cloudevents subject; send the customer as subject, or as customer or anonymous_id of the data`},
		{"null word", event(`,"subject":"undefined"`), `null_customer: cloudevents customer is undefined; it stands for nobody; send the id of a customer, or data.anonymous_id alone where there is none`},
		{"long subject", event(`,"subject":"` + strings.Repeat("s", 257) + `"`), `invalid_field: cloudevents subject is ` + strings.Repeat("s", 96) + `...; send at most 256 bytes`},
		{"both data", event(`,"subject":"c","data":{},"data_base64":""`), `invalid_field: cloudevents data_base64 is ""; send data or data_base64, not both`},
		{"base64", event(`,"subject":"c","data_base64":"*"`), `invalid_field: cloudevents data_base64 is "*"; send the data as standard base64 in a string`},
		{"base64 as array", event(`,"subject":"c","data_base64":[1]`), `invalid_field: cloudevents data_base64 is [1]; send the data as standard base64 in a string`},
		{"broken JSON in base64", event(`,"subject":"c","data_base64":"eyJh"`), `malformed: cloudevents data byte 1 is "a; end the string with a double quote`},
		{"value", event(`,"subject":"c","data":{"value":"12"}`), `invalid_field: cloudevents data.value is "12"; send a number from -1e18 to 1e18`},
		{"currency", event(`,"subject":"c","data":{"currency":"eur"}`), `invalid_field: cloudevents data.currency is "eur"; send an ISO 4217 code in upper case, such as EUR`},
		{"sentiment", event(`,"subject":"c","data":{"sentiment":2}`), `invalid_field: cloudevents data.sentiment is 2; send a number from -1 to 1`},
		{"customer", event(`,"data":{"customer":{"id":1}}`), `invalid_field: cloudevents data.customer is {"id":1}; send a string`},
		{"time of data", `{"specversion":"1.0","type":"t","source":"/s","id":"1","subject":"c","data":{"time":"2018-13-01T00:00:00Z"}}`, `invalid_field: cloudevents data.time is 2018-13-01T00:00:00Z; send a day that the calendar has`},
	}
}

func TestBad(t *testing.T) {
	d := NewDecoder(shop{})
	for _, c := range bad() {
		var ev event.Event
		err := d.Decode([]byte(c.message), event.Origin{}, &ev)
		var refusal *event.Refusal
		if !errors.As(err, &refusal) || refusal.Error() != c.want {
			t.Errorf("%s says\n%v, want\n%s", c.name, err, c.want)
		}
	}
}

func TestBadHeaders(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"ce-specversion", "2.0", `invalid_field: cloudevents specversion is 2.0; send 1.0, the version of CloudEvents that is read`},
		{"ce-id", "", `missing_id: cloudevents id; send an id that is the same when the event is sent again`},
		{"ce-subject", "%C0%A0", `invalid_field: cloudevents subject is %C0%A0; percent-encode the bytes of UTF-8, such as %C3%A9`},
		{"ce-source", "/s%2", `invalid_field: cloudevents source is /s%2; percent-encode the bytes of UTF-8, such as %C3%A9`},
		{"ce-time", "soon", `invalid_field: cloudevents time is soon; send RFC 3339, such as 2026-05-04T12:34:56.789Z`},
	} {
		headers := map[string][]string{"ce-specversion": {"1.0"}, "ce-type": {"t"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-subject": {"c"}}
		headers[c.name] = []string{c.value}
		var ev event.Event
		if err := NewDecoder(nil).DecodeBinary(headers, []byte(`{}`), event.Origin{Received: 1}, &ev); err == nil || err.Error() != c.want {
			t.Errorf("%s %s says\n%v, want\n%s", c.name, c.value, err, c.want)
		}
	}
	headers := map[string][]string{"ce-specversion": {"1.0"}, "ce-type": {"t"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-subject": {"c"}}
	var ev event.Event
	if err := NewDecoder(nil).DecodeBinary(headers, []byte(`{"a":`), event.Origin{Received: 1}, &ev); err == nil || err.Error() != `malformed: cloudevents data byte 5; send a value after the colon` {
		t.Errorf("broken data says %v", err)
	}
}

// FuzzDecode checks that what is accepted is an event to the native decoder, in
// either way of reading.
func FuzzDecode(f *testing.F) {
	for _, c := range accepted() {
		f.Add([]byte(c.message), "x")
	}
	for _, c := range bad() {
		f.Add([]byte(c.message), "%20")
	}
	d, back := NewDecoder(shop{}), native.NewDecoder(2*event.MaxEventBytes)
	f.Fuzz(func(t *testing.T, data []byte, header string) {
		before := bytes.Clone(data)
		var ev, again event.Event
		check := func(err error) {
			if !bytes.Equal(before, data) {
				t.Fatalf("%q became %q", before, data)
			}
			var refusal *event.Refusal
			if errors.As(err, &refusal) && (refusal.Remedy == "" || !strings.HasPrefix(refusal.Field, Name)) {
				t.Fatalf("%q: %#v has no remedy or no format", data, refusal)
			}
			if err != nil {
				return
			}
			line := native.AppendEvent(nil, &ev)
			if err := back.Decode(line, &again); err != nil {
				t.Fatalf("%q makes %s: %v", data, line, err)
			}
		}
		check(d.Decode(data, event.Origin{Received: received}, &ev))
		headers := map[string][]string{"ce-specversion": {"1.0"}, "ce-type": {"t"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-subject": {header}}
		check(d.DecodeBinary(headers, data, event.Origin{Received: received}, &ev))
	})
}
