package clients_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ebb/pipeline/collect"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/vocabulary"
)

// Segment's own library, pointed at the collector, which has the rights of a producer:
// all that it sends is stored.
func TestCollectorTakesWhatSegmentSends(t *testing.T) {
	const key, events = "a write key of the test", 30
	languages(t) // compiles the program
	admin, layout, url := installation(t)
	js, err := jetstream.Connect(t.Context(), jetstream.ConnectConfig{
		URL: url, User: "producer", Password: jetstream.Secret{Text: "producer-password"}, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(js.Conn().Close)
	keys, err := collect.ParseKeys([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(collect.New(js, layout, collect.Config{
		Keys: keys, Types: vocabulary.DefaultVocabulary(), AtOnce: 8, Log: slog.New(slog.DiscardHandler),
	}).Handler())
	t.Cleanup(server.Close)

	var lines strings.Builder
	for i := range events {
		fmt.Fprintf(&lines, `{"call":"track","userId":"c-%d","event":"Order Completed","properties":{"order_id":"o%d","revenue":%d.5,"currency":"EUR"}}`+"\n", i%3, i, i)
	}
	lines.WriteString(`{"call":"identify","userId":"c-1","anonymousId":"a-1","traits":{"plan":"pro"}}` + "\n")
	lines.WriteString(`{"call":"page","anonymousId":"a-2","name":"Home"}` + "\n")
	run := exec.CommandContext(t.Context(), "node", "typescript/built/collect.js")
	run.Env = append(os.Environ(), "COLLECT_URL="+server.URL, "WRITE_KEY="+key)
	run.Stdin = strings.NewReader(lines.String())
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	decoder, ev, types := native.NewDecoder(0), event.Event{}, map[string]int{}
	for partition := range layout.Partitions {
		err := jetstream.NewInput(admin, layout).ReadPartition(t.Context(), partition, 0, func(records []event.Record, _ uint64) error {
			for _, r := range records {
				if err := decoder.Decode(r.Data, &ev); err != nil {
					return fmt.Errorf("%s: %w", r.Data, err)
				}
				types[string(bytes.Clone(ev.Type))]++
			}

			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if types["Order Completed"] != events || len(types) != 3 {
		t.Errorf("by type there are %v, want %d orders, one that identifies and one page", types, events)
	}
}
