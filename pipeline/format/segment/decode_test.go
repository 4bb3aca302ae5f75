package segment

import (
	"errors"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// shop knows the types of these tests.
type shop struct{}

func (shop) ChannelOf(name []byte) (string, bool) {
	switch string(name) {
	case "Order Completed", "Product Added", "Video Playback Paused", "page":
		return "web", true
	case "screen":
		return "app", true
	case "Email Opened":
		return "email", true
	case "identify", "group", "alias":
		return "none", true
	}

	return "", false
}

// whole is a call with everything that is picked, and what a decoder makes of it.
const whole = `{"anonymousId":"507f191e810c19729de860ea","channel":"browser","context":{"active":true,"app":{"name":"Initech","version":"545"},` +
	`"campaign":{"name":"TPS","source":"Newsletter"},"device":{"id":"B537","type":"ios","model":"iPhone7,2"},"ip":"8.8.8.8",` +
	`"library":{"name":"analytics.js","version":"2.11.1"},"locale":"en-US","page":{"path":"/academy/","title":"Academy","url":"https://x.test/academy/"},` +
	`"screen":{"width":320,"density":2},"sessionId":1778,"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/113.0"},` +
	`"integrations":{"All":true,"Mixpanel":false},"event":"Order Completed","messageId":"022bb90c-bbac-11e4-8dfc-aa07a5b093db",` +
	`"properties":{"order_id":"50314b8e9bcf","total":27.50,"revenue":25.00,"currency":"usd","products":[{"product_id":"507f1f77","price":19,"quantity":1},` +
	`{"sku":"46493-32","price":3,"quantity":2}]},"receivedAt":"2015-12-10T04:08:31.909Z","sentAt":"2015-12-10T04:08:31.581Z",` +
	`"timestamp":"2015-12-10T04:08:31.905Z","type":"track","userId":"97980cfea0067","version":2}`

func TestWholeCall(t *testing.T) {
	var ev event.Event
	d := NewDecoder(shop{})
	if err := d.Decode([]byte(whole), event.Origin{}, &ev); err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"022bb90c-bbac-11e4-8dfc-aa07a5b093db","time":"2015-12-10T04:08:31.905Z","customer":"97980cfea0067",` +
		`"anonymous_id":"507f191e810c19729de860ea","type":"Order Completed","channel":"web","session":"1778","device":"ios","campaign":"TPS",` +
		`"value":25,"currency":"USD","received_at":"2015-12-10T04:08:31.909Z","properties":{"order_id":"50314b8e9bcf","total":27.50,"revenue":25.00,` +
		`"currency":"usd","products":[{"product_id":"507f1f77","price":19,"quantity":1},{"sku":"46493-32","price":3,"quantity":2}]}}`
	if got := string(native.AppendEvent(nil, &ev)); got != want {
		t.Errorf("read\n%s, want\n%s", got, want)
	}
	text := []byte(whole)
	if n := testing.AllocsPerRun(100, func() { _ = d.Decode(text, event.Origin{}, &ev) }); n > 0 {
		t.Errorf("%v allocations a call", n)
	}
}

// TestShapesOfTheSpecification reads a call of every shape that the specification
// shows: with and without type, with action for it, with snake case, and shortened.
func TestShapesOfTheSpecification(t *testing.T) {
	const at = 1_700_000_000_000
	for _, c := range []struct{ name, call, want string }{
		{"track", `{"type":"track","event":"Report Submitted","userId":"u1","messageId":"m"}`, `"type":"track","received_at":"2023-11-14T22:13:20.000Z","event":"Report Submitted"`},
		{"known", `{"type":"track","event":"Product Added","userId":"u1","properties":{"product_id":"p1","price":18.99,"quantity":3,"currency":"EUR"}}`, `"type":"Product Added","product":"p1","value":56.97,"currency":"EUR"`},
		{"products alone", `{"event":"Order Completed","userId":"u1","properties":{"products":[{"sku":"a","price":1.5,"quantity":2}]}}`, `"type":"Order Completed","product":"a","value":3,`},
		{"several products", `{"event":"Order Completed","userId":"u1","properties":{"products":[{"sku":"a","price":1.5,"quantity":2},{"sku":"b","price":"4"}]}}`, `"type":"Order Completed","value":7,`},
		{"pretty", "{\n  \"action\" : \"track\",\n  \"event\": \"Email Opened\",\n  \"user_id\": \"u1\",\n  \"channel\":\"server\", \"properties\": {\"email_id\": \"e9\", \"campaign_name\": \"spring\"}\n}", `"type":"Email Opened","campaign":"spring","message":"e9",`},
		{"email in a browser", `{"event":"Email Opened","userId":"u1","channel":"browser"}`, `"type":"Email Opened","received_at"`},
		{"screen of a browser", `{"type":"screen","name":"Start","userId":"u1","channel":"browser"}`, `"type":"screen","channel":"web","received_at":"2023-11-14T22:13:20.000Z","name":"Start"`},
		{"page of an app", `{"type":"page","userId":"u1","context":{"device":{"type":"android"}}}`, `"type":"page","channel":"app","device":"android",`},
		{"device by agent", `{"type":"page","userId":"u1","context":{"userAgentData":{"brands":[],"mobile":true}}}`, `"type":"page","device":"mobile",`},
		{"identify", `{"userId":"019mr8mf4r","traits":{"plan":"pro"},"writeKey":"k"}`, `"type":"identify","received_at":"2023-11-14T22:13:20.000Z","properties":{"plan":"pro"}`},
		{"group", `{"userId":"u1","groupId":"g7","traits":{"name":"Initech"}}`, `"type":"group","received_at":"2023-11-14T22:13:20.000Z","properties":{"name":"Initech"},"groupId":"g7"`},
		{"alias", `{"previousId":"a1","userId":"u1"}`, `"customer":"u1","anonymous_id":"a1","type":"alias"`},
		{"nobody known", `{"type":"page","anonymousId":"a1","userId":null}`, `"time":"2023-11-14T22:13:20.000Z","anonymous_id":"a1","type":"page"`},
		{"number", `{"type":"page","userId":12345}`, `"customer":"12345"`},
		{"offset", `{"type":"page","userId":"u1","timestamp":"2012-12-02T02:30:12.984+0200"}`, `"time":"2012-12-02T00:30:12.984Z"`},
		{"blank", `{"type":"page","userId":"u1","timestamp":"2012-12-02 02:30:12"}`, `"time":"2012-12-02T02:30:12.000Z"`},
		{"corrected by Segment", `{"type":"page","userId":"u1","timestamp":"2012-12-02T02:30:12Z","originalTimestamp":"2012-12-02T03:30:12Z","sentAt":"2012-12-02T03:30:13Z","receivedAt":"2012-12-02T02:30:13Z"}`, `"time":"2012-12-02T02:30:12.000Z"`},
		{"video", `{"event":"Video Playback Paused","userId":"u1","properties":{"position":695,"total_length":1390}}`, `"type":"Video Playback Paused","progress":0.5`},
		{"escapes", `{"event":"Order Completed","userId":"Zo\u00eb \"Z\"","properties":{"revenue":"25.10","currency":"EUR"}}`, `"customer":"Zoë \"Z\"","type":"Order Completed","value":25.1,"currency":"EUR"`},
		{"words in total", `{"event":"Order Completed","userId":"u1","properties":{"total":"many","value":2}}`, `"value":2`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ev event.Event
			d := NewDecoder(shop{})
			if err := d.Decode([]byte(c.call), event.Origin{ID: []byte("stream-7"), Received: at}, &ev); err != nil {
				t.Fatal(err)
			}
			line := native.AppendEvent(nil, &ev)
			contains(t, string(line), c.want)
			var back event.Event
			if err := native.NewDecoder(0).Decode(line, &back); err != nil {
				t.Errorf("the native decoder refuses %s: %v", line, err)
			}
		})
	}
}

// Without a vocabulary the names of events stay.
func TestNamesStayWithoutVocabulary(t *testing.T) {
	var ev event.Event
	err := NewDecoder(nil).Decode([]byte(`{"type":"track","event":"Report Submitted","userId":"u1","messageId":"m","timestamp":"2020-01-01T00:00:00Z"}`), event.Origin{}, &ev)
	if err != nil || string(ev.Type) != "Report Submitted" || len(ev.Extra) > 0 {
		t.Errorf("type %q, extra %v, error %v", ev.Type, ev.Extra, err)
	}
}

func TestBadCalls(t *testing.T) {
	d := NewDecoder(shop{})
	for _, c := range badCalls() {
		t.Run(c.name, func(t *testing.T) {
			var ev event.Event
			err := d.Decode([]byte(c.call), event.Origin{}, &ev)
			var refusal *event.Refusal
			if !errors.As(err, &refusal) || refusal.Error() != c.want {
				t.Errorf("says\n%v, want\n%s", err, c.want)
			}
			if refusal != nil && (refusal.Field[:len(Name)] != Name || refusal.Remedy == "") {
				t.Errorf("%#v has no format or no remedy", refusal)
			}
		})
	}
}

func TestAmountsAreExact(t *testing.T) {
	v, ok := times([]byte("0.1"), []byte("3"))
	if want := amount.Of(300_000); !ok || v != want {
		t.Errorf("0.1 times 3 is %v", v)
	}
}
