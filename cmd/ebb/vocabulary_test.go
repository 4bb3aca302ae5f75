package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/words"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/jetstream"
)

func TestVocabularyIsShown(t *testing.T) {
	clearEnvironment(t)
	code, out, problem := command(t, "vocabulary", "--offline", "--vocabulary", "quiz.finished=active/app;money=+,Quiz Done=alias:quiz.finished")
	if code != 0 {
		t.Fatal(problem)
	}
	for _, line := range strings.Split(out, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	for _, want := range []string{"quiz.finished", "quiz.finished: Quiz Done", "order.completed", "unknown_types: accept", "--offline"} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
	var report words.Report
	_, out, _ = command(t, "vocabulary", "--offline", "--json", "--unknown_types", "reject")
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.UnknownTypes != "reject" || len(report.Types) < 50 || report.Seen != nil {
		t.Errorf("as JSON: %v, %d types, unknown types %s", err, len(report.Types), report.UnknownTypes)
	}
	if one, _, known := report.Find("Order Completed"); !known || one.Type != "order.completed" || one.Money != "+" || !one.Qualifying || one.Kind != "active" || one.Channel != "web" || one.Stage != "purchase" {
		t.Errorf("Order Completed is %+v", one)
	}
}

func TestVocabularyTellsOfOneType(t *testing.T) {
	clearEnvironment(t)
	for _, c := range []struct {
		name string
		code int
		want string
	}{
		{"page.viewed", 0, "page.viewed: passive, stage awareness. Its events count in the channel that they"},
		{"Push Notification Tapped", 0, "Push Notification Tapped is another name of message.clicked."},
		{"Push Notification Tapped", 0, "they name, else in push."},
		{"order.returned", 0, "Their value is given back to the customer, whatever its sign."},
		{"message.sent", 0, "never engagement"},
		{"ORDER_COMPLETED", 1, "did you mean order.completed? Else add it: vocabulary: ['ORDER_COMPLETED=active']"},
		{"page.veiwed", 1, "did you mean page.viewed"},
		{"quiz.finished", 1, `the vocabulary has no type "quiz.finished": its events count under the kind and type unknown, and never as engagement; add it`},
	} {
		code, out, problem := command(t, "vocabulary", c.name)
		if code != c.code || !strings.Contains(out+problem, c.want) {
			t.Errorf("%s: exit code %d\n%s%s\nwant %s", c.name, code, out, problem, c.want)
		}
	}
}

func TestVocabularyFindsUnknownTypesOfTheStream(t *testing.T) {
	clearEnvironment(t)
	address := localtest.NATS(t)
	code, out, _ := command(t, "vocabulary", "--nats.url", address)
	if code != 0 || !strings.Contains(out, "makes it, and") {
		t.Errorf("without a stream: exit code %d\n%s", code, out)
	}
	conn, err := nats.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := jetstream.Provision(t.Context(), js, jetstream.Layout{Partitions: 16}); err != nil {
		t.Fatal(err)
	}
	_, out, _ = command(t, "vocabulary", "--nats.url", address)
	if !strings.Contains(out, "All types of the newest 0 events of the stream are known.") {
		t.Errorf("of an empty stream:\n%s", out)
	}
	for i, name := range []string{"page.viewed", "quiz.finished", "order_completed", "quiz.finished"} {
		body := fmt.Sprintf(`{"id":"e%d","time":"2026-05-04T12:00:00Z","customer":"c1","type":%q}`, i, name)
		if _, err := js.Publish(t.Context(), "engagement.events.c1", []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := js.Publish(t.Context(), "engagement.events.c1", []byte("no event")); err != nil {
		t.Fatal(err)
	}
	code, out, problem := command(t, "vocabulary", "--nats.url", address)
	for _, want := range []string{
		"Of the newest 4 events of the stream", "  2 of quiz.finished\n", "  1 of order_completed; did you mean order.completed?",
		"\nvocabulary:\n  - 'quiz.finished=active'\n  - 'order_completed=alias:order.completed'\n",
	} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, it lacks %q:\n%s%s", code, want, out, problem)
		}
	}
	var report words.Report
	_, out, _ = command(t, "vocabulary", "--nats.url", address, "--json", "--events", "3")
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.Seen == nil || report.Seen.Events != 2 || len(report.Seen.Unknown) != 2 {
		t.Errorf("of the newest 3 records: %v, %+v", err, report.Seen)
	}
}
