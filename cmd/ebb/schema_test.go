package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"ebb/deploy/local"
	"ebb/deploy/schemas"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// messageSchemas are the published schemas, by their names. Fields that a schema does not
// name are faults here, where readers pass over them.
type messageSchemas map[string]*jsonschema.Schema

func compileSchemas(t *testing.T) messageSchemas {
	t.Helper()
	all, err := schemas.List()
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiled := messageSchemas{}
	for i := range all {
		name := all[i].Name()
		data, err := schemas.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		document := parsed(t, data)
		if !all[i].Input {
			refuseOthers(document)
		}
		if err := compiler.AddResource(name, document); err != nil {
			t.Fatal(err)
		}
		if compiled[name], err = compiler.Compile(name); err != nil {
			t.Fatalf("%s is no JSON Schema: %v", name, err)
		}
	}

	return compiled
}

func parsed(t *testing.T, data []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%.200s: %v", data, err)
	}

	return value
}

// refuseOthers makes objects refuse properties that their schema does not name.
func refuseOthers(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, ok := value["properties"].(map[string]any); ok && value["additionalProperties"] == nil {
			value["additionalProperties"] = false
		}
		for name, below := range value {
			if !strings.HasPrefix(name, "x-") {
				refuseOthers(below)
			}
		}
	case []any:
		for _, below := range value {
			refuseOthers(below)
		}
	}
}

// check holds every message of the output streams against its schema, and returns how
// many there were of each.
func (s messageSchemas) check(t *testing.T, js natsjs.JetStream) map[string]int {
	t.Helper()
	seen := map[string]int{}
	l := &live{js: js}
	for _, stream := range []string{"ENGAGEMENT_ROLLUPS", "ENGAGEMENT_SIGNALS", "ENGAGEMENT_DEADLETTERS"} {
		l.each(t, stream, ">", func(message *natsjs.RawStreamMsg) {
			tokens := strings.Split(message.Subject, ".")
			name := tokens[len(tokens)-2]
			switch tokens[1] {
			case "marker": // which the parts of ebb say to each other
				return
			case "deadletters":
				s.checkLetter(t, message)
				seen["deadletter.v1"]++

				return
			case "signals":
				name = "signal"
			}
			value := parsed(t, message.Data)
			fields, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("%s: %.200s", message.Subject, message.Data)
			}
			number, _ := fields["schema"].(json.Number)
			name += ".v" + number.String()
			schema := s[name]
			if schema == nil {
				t.Fatalf("%s has no schema: %.200s", message.Subject, message.Data)
			}
			if err := schema.Validate(value); err != nil {
				t.Fatalf("%s: %v\n%.400s", message.Subject, err, message.Data)
			}
			seen[name]++
		})
	}

	return seen
}

// checkLetter holds the headers of a dead letter against those that are described.
func (s messageSchemas) checkLetter(t *testing.T, message *natsjs.RawStreamMsg) {
	t.Helper()
	data, err := schemas.Read(schemas.AsyncAPI)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Messages map[string]struct {
				Headers struct{ Schema json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	document := parsed(t, doc.Components.Messages["deadletter.v1"].Headers.Schema)
	refuseOthers(document)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("headers", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("headers")
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]any{}
	for name, values := range message.Header {
		if strings.HasPrefix(name, "Ebb-") {
			headers[name] = values[0]
		}
	}
	if err := schema.Validate(headers); err != nil {
		t.Fatalf("%s: %v", message.Subject, err)
	}
}

// All that a demo publishes is as the schemas say: history, of every metric.
func TestMessagesOfADemoAreAsTheirSchemasSay(t *testing.T) {
	t.Parallel()
	folder := prepared.folder(t)
	code, _, stderr := command(t, "demo", "--json", "--customers", "120", "--days", "60", "--dir", folder)
	if code != exitOK {
		t.Fatalf("ebb demo: exit code %d\n%s", code, stderr)
	}
	server, err := local.StartNATS(local.NATSConfig{Dir: filepath.Join(folder, "nats")})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := nats.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}

	seen := compileSchemas(t).check(t, js)
	all, err := schemas.List()
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for i := range all {
		if seen[all[i].Name()] == 0 {
			missing++
			t.Logf("the demo has none of %s", all[i].Name())
		}
	}
	if missing > 12 || seen["signal.v1"] == 0 || seen["rollups_total.v2"] == 0 {
		t.Errorf("%d of %d messages are not in the demo: %v", missing, len(all), seen)
	}
}

// What the decoder takes, the schema of events takes, and what the schema refuses, the
// decoder refuses.
func TestSchemaOfEvents(t *testing.T) {
	schema := compileSchemas(t)["event.v1"]
	for f := event.FieldID; f < event.FieldCount; f++ {
		spec := f.Spec()
		for _, value := range []string{`null`, `""`, `"x"`, `"` + strings.Repeat("x", max(spec.Most, 1)) + `"`, `"` + strings.Repeat("x", spec.Most+1) + `"`,
			`"2026-05-04T12:34:56.789Z"`, `"EUR"`, `0`, `-1`, `1`, `1.5`, `1e17`, `-1e19`, `true`, `{}`, `{"a":1}`, `[]`} {
			fields := map[string]string{"id": `"1"`, "time": `"2026-05-04T12:34:56Z"`, "customer": `"c"`, "type": `"page.viewed"`}
			fields[f.String()] = value
			body := objectOf(fields)
			var ev event.Event
			taken := decodeNative(body, &ev) == nil
			allowed := schema.Validate(parsed(t, body)) == nil
			if taken && !allowed {
				t.Errorf("%s is taken, and the schema refuses it", body)
			}
			if !taken && allowed && !looser(f, value) {
				t.Errorf("%s is refused, and the schema allows it", body)
			}
		}
	}
}

func objectOf(fields map[string]string) []byte {
	var body bytes.Buffer
	body.WriteByte('{')
	for name, value := range fields {
		if body.Len() > 1 {
			body.WriteByte(',')
		}
		body.WriteString(strconv.Quote(name) + ":" + value)
	}
	body.WriteByte('}')

	return body.Bytes()
}

func TestSchemaCommand(t *testing.T) {
	clearEnvironment(t)
	code, out, _ := command(t, "schema")
	if code != exitOK || !strings.Contains(out, "  signal.v1                 engagement.signals.{level}.{partition}.{customer}\n") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	for line := range strings.Lines(out) {
		if len([]rune(strings.TrimSuffix(line, "\n"))) > 80 {
			t.Errorf("a line of more than 80 characters: %s", line)
		}
	}
	code, out, _ = command(t, "schema", "signal")
	published, err := os.ReadFile("../../deploy/schemas/signal.v1.json")
	if err != nil || code != exitOK || out != string(published) {
		t.Errorf("exit code %d (%v):\n%.300s", code, err, out)
	}
	for name, want := range map[string]string{
		"singal":        `there is no message "singal"; did you mean signal?`,
		"rollups_total": "rollups_total is published in 2 shapes; name one: rollups_total.v1, rollups_total.v2",
		"../../go":      `there is no message "../../go"`,
	} {
		if code, _, stderr := command(t, "schema", name); code != exitFailure || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
		}
	}
	folder := filepath.Join(t.TempDir(), "new", "folder")
	if code, out, stderr := command(t, "schema", "--write", folder); code != exitOK || !strings.HasSuffix(out, folder+"\n") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	written, err := os.ReadFile(filepath.Join(folder, "signal.v1.json"))
	if err != nil || !bytes.Equal(written, published) {
		t.Errorf("%v: %.300s", err, written)
	}
}

// decodeNative reads an event as it comes from a producer.
func decodeNative(body []byte, ev *event.Event) error {
	return native.NewDecoder(0).Decode(body, ev)
}

// looser says where no schema can be as strict as the decoder: empty texts are as if
// they were absent, and codes and nulls of what has to be there are known to it alone.
func looser(f event.Field, value string) bool {
	switch f {
	case event.FieldID, event.FieldTime, event.FieldCustomer, event.FieldType:
		return value == `null` || value == `""`
	case event.FieldCurrency:
		return value == `"x"` || value == `""`
	}

	return false
}
