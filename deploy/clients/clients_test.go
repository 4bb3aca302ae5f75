// Package clients_test runs the examples in Python and TypeScript against a real server.
// They stand in for services that are not written in Go: what they get wrong, the pages
// that show them get wrong.
package clients_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"ebb/deploy/local/localtest"
	"ebb/deploy/schemas"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/wire"
)

// patience bounds every wait.
const patience = 60 * time.Second

// language is how programs of a language are run.
type language struct {
	name    string
	command func(program string) []string
}

func languages(t *testing.T) []language {
	t.Helper()
	if _, err := os.Stat("typescript/node_modules/typescript"); err != nil {
		t.Fatalf("the libraries of the examples are missing; run make clients (%v)", err)
	}
	if out, err := exec.CommandContext(t.Context(), "node", "typescript/node_modules/typescript/bin/tsc", "-p", "typescript", "--outDir", "typescript/built").CombinedOutput(); err != nil {
		t.Fatalf("tsc: %v\n%s", err, out)
	}
	return []language{
		{"python", func(program string) []string { return []string{"python3", "python/" + program + ".py"} }},
		{"typescript", func(program string) []string { return []string{"node", "typescript/built/" + program + ".js"} }},
	}
}

// installation is a server with the streams of ebb, and the rights that ship.
func installation(t *testing.T) (js natsjs.JetStream, layout jetstream.Layout, url string) {
	t.Helper()
	for _, role := range []string{"EBB", "PRODUCER", "SUBSCRIBER"} {
		t.Setenv("NATS_"+role+"_PASSWORD", strings.ToLower(role)+"-password")
	}
	url = localtest.ServeFile(t, "../nats/nats.conf")
	conn, err := nats.Connect(url, nats.UserInfo("ebb", "ebb-password"), nats.CustomInboxPrefix("_INBOX_ebb"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err = natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	layout = jetstream.Layout{Partitions: 64}.WithDefaults()
	if err := jetstream.Provision(t.Context(), js, layout); err != nil {
		t.Fatal(err)
	}

	return js, layout, url
}

// program starts one in a role; it ends with the test.
func program(t *testing.T, url, role string, command []string, in io.Reader) (*exec.Cmd, *bufio.Scanner, *bytes.Buffer) {
	t.Helper()
	run := exec.CommandContext(t.Context(), command[0], command[1:]...)
	run.Env = append(os.Environ(), "NATS_URL="+url, "NATS_USER="+role, "NATS_PASSWORD="+role+"-password", "PYTHONPATH=python/packages", "PYTHONDONTWRITEBYTECODE=1")
	errors := new(bytes.Buffer)
	run.Stdin, run.Stderr = in, errors
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}

	return run, bufio.NewScanner(out), errors
}

// What subscribers are told, once they were stopped and go on: each signal of who became
// at risk, but those of the hold-out, and none twice.
func TestSubscribers(t *testing.T) {
	js, _, url := installation(t)
	signal := func(n int, level, what string, holdout bool) wire.Signal {
		s := wire.Signal{
			Schema: wire.Schema, Signal: what, Customer: fmt.Sprintf("customer %d", n), Level: level, Previous: "cooling",
			Headline: "They have gone quiet.", Episode: uint32(n), Holdout: holdout, Reasons: []wire.Reason{},
		}
		s.Complete()
		body, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		message := nats.NewMsg(fmt.Sprintf("engagement.signals.%s.0.%s", level, event.Token(s.Customer)))
		for name, value := range s.CloudEvent() {
			message.Header.Set(name, value)
		}
		message.Data = body
		if _, err := js.PublishMsg(t.Context(), message); err != nil {
			t.Fatal(err)
		}

		return s
	}
	var want []wire.Signal
	round := func(from int) {
		want = want[:0]
		for n := from; n < from+5; n++ {
			want = append(want, signal(n, "at_risk", wire.Raised, false))
			signal(n+100, "at_risk", wire.Raised, true)
			signal(n+200, "lapsed", wire.Raised, false)
			signal(n+300, "at_risk", wire.Cleared, false)
		}
	}
	all := languages(t)
	for began, from := range []int{1, 11} { // at first, and after a stop
		round(from)
		for _, of := range all {
			run, lines, errors := program(t, url, "subscriber", of.command("subscribe"), nil)
			timer := time.AfterFunc(patience, func() { _ = run.Process.Kill() })
			for _, s := range want {
				if !lines.Scan() || lines.Text() != s.ID+" "+s.Customer+" "+s.Headline {
					t.Fatalf("%s, start %d: %q, want that of %s\n%s", of.name, began+1, lines.Text(), s.Customer, errors)
				}
			}
			timer.Stop()
			settled(t, js)
			if err := run.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = run.Wait()
		}
	}
}

// settled waits until all that was delivered is acknowledged.
func settled(t *testing.T, js natsjs.JetStream) {
	t.Helper()
	stream, err := js.Stream(t.Context(), "ENGAGEMENT_SIGNALS")
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		open := 0
		for info := range stream.ListConsumers(t.Context()).Info() {
			open += info.NumAckPending
		}
		if open == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d signals were not acknowledged", open)
		}
	}
}

// Events of other languages are those that Go's producer would have sent: in the
// partition of their customer, whatever its id, and readable.
func TestProducers(t *testing.T) {
	customers := []string{
		"c-1", "a b", "a.b", "a*b", "a>b", "Zoë", "客户-7", "x@example.org", "user:7", "a/b+c=", "~", "~tilde", "-", "_", "a\u2028b", "👩‍👩‍👧",
		strings.Repeat("x", 128), strings.Repeat("x", 129), strings.Repeat("é", 100), "a\\b", `"quoted"`, "100%", "$SYS", "#",
	}
	for _, of := range languages(t) {
		t.Run(of.name, func(t *testing.T) {
			js, layout, url := installation(t)
			var in bytes.Buffer
			want := map[string]string{} // customer by event id
			now := time.Now().UTC()
			for i, customer := range customers {
				for _, field := range []string{"customer", "anonymous_id"} {
					id := fmt.Sprint(field, i)
					at := now
					if i == 0 {
						at = now.Add(-49 * time.Hour)
					}
					line, err := json.Marshal(map[string]any{"id": id, field: customer, "type": "page.viewed", "time": at.Format(time.RFC3339Nano), "value": 19.99})
					if err != nil {
						t.Fatal(err)
					}
					in.Write(append(line, '\n'))
					want[id] = map[string]string{"customer": customer, "anonymous_id": event.AnonymousPrefix + customer}[field]
				}
			}
			run, lines, errors := program(t, url, "producer", of.command("produce"), &in)
			timer := time.AfterFunc(patience, func() { _ = run.Process.Kill() })
			defer timer.Stop()
			for lines.Scan() {
				t.Errorf("it prints %q", lines.Text())
			}
			if err := run.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, errors)
			}
			if late := strings.Count(errors.String(), "too late for its windows"); late != 2 {
				t.Errorf("%d events are told as late, want the 2 of 49 hours ago:\n%s", late, errors)
			}
			stream, err := js.Stream(t.Context(), layout.Stream)
			if err != nil {
				t.Fatal(err)
			}
			decoder := native.NewDecoder(0)
			if have := int(stream.CachedInfo().State.Msgs); have != len(want) {
				t.Fatalf("%d events are stored, want %d", have, len(want))
			}
			for sequence := range uint64(len(want)) {
				message, err := stream.GetMsg(t.Context(), sequence+1)
				if err != nil {
					t.Fatal(err)
				}
				var ev event.Event
				if err := decoder.Decode(message.Data, &ev); err != nil {
					t.Fatalf("%s: %v", message.Data, err)
				}
				customer := want[string(ev.ID)]
				if home := fmt.Sprintf("engagement.p.%d", event.PartitionOf(customer, layout.Partitions)); string(ev.Customer) != customer || message.Subject != home {
					t.Errorf("event %s of customer %q is stored as of %q on %s, want %s", ev.ID, customer, ev.Customer, message.Subject, home)
				}
			}
		})
	}
}

// The AsyncAPI document is one, by the schema of those who make the specification.
func TestAsyncAPI(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	specification, err := os.Open("typescript/node_modules/@asyncapi/specs/schemas/3.0.0.json")
	if err != nil {
		t.Fatalf("the libraries of the examples are missing; run make clients (%v)", err)
	}
	defer specification.Close()
	document, err := jsonschema.UnmarshalJSON(specification)
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("asyncapi", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("asyncapi")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := schemas.Read(schemas.AsyncAPI)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(ours))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
	channels, _ := value.(map[string]any)["channels"].(map[string]any)
	if len(channels) < 40 {
		t.Errorf("it has %d channels", len(channels))
	}
	delete(value.(map[string]any), "info")
	if schema.Validate(value) == nil {
		t.Error("a document without info is one as well: nothing was checked")
	}
}
