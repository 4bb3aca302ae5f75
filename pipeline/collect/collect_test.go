package collect_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/collect"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/vocabulary"
)

const key = "0123456789abcdef-secret"

// collecting is a collector with a server that can be stopped and started.
type collecting struct {
	url    string
	config local.NATSConfig
	nats   *local.NATS
	js     natsjs.JetStream
	layout jetstream.Layout
	log    *bytes.Buffer
	client *http.Client
}

func begin(t *testing.T, atOnce int) *collecting {
	t.Helper()
	c := &collecting{config: local.NATSConfig{Dir: t.TempDir(), Port: localtest.Port(t)}, layout: jetstream.Layout{Partitions: 4}.WithDefaults(), log: &bytes.Buffer{}, client: &http.Client{}}
	c.up(t)
	t.Cleanup(func() { c.nats.Close() })
	var err error
	c.js, err = jetstream.Connect(t.Context(), jetstream.ConnectConfig{URL: c.nats.URL(), Name: t.Name(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.js.Conn().Close)
	if err := jetstream.Provision(t.Context(), c.js, c.layout); err != nil {
		t.Fatal(err)
	}
	keys, err := collect.ParseKeys([]byte("# of the shop\n" + key + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(collect.New(c.js, c.layout, collect.Config{
		Keys: keys, Types: vocabulary.DefaultVocabulary(), Origins: []string{"https://shop.example"}, AtOnce: atOnce, Timeout: 2 * time.Second,
		Log: slog.New(slog.NewTextHandler(c.log, nil)),
	}).Handler())
	t.Cleanup(server.Close)
	c.url = server.URL

	return c
}

func (c *collecting) up(t *testing.T) {
	t.Helper()
	var err error
	if c.nats, err = local.StartNATS(c.config); err != nil {
		t.Fatal(err)
	}
}

// send posts a body and returns the status and what the answer says.
func (c *collecting) send(t *testing.T, path, withKey, body string, headers ...string) (status int, text string, told http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if withKey != "" {
		request.SetBasicAuth(withKey, "")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := c.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}

	return answer.StatusCode, string(said), answer.Header
}

// stored are the bodies that the stream holds.
func (c *collecting) stored(t *testing.T) (bodies []string) {
	t.Helper()
	for partition := range c.layout.Partitions {
		err := jetstream.NewInput(c.js, c.layout).ReadPartition(t.Context(), partition, 0, func(records []event.Record, _ uint64) error {
			for _, r := range records {
				bodies = append(bodies, string(r.Data))
			}

			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	return bodies
}

// call is a call of a customer without a type, as its own address takes it.
func call(id, customer, more string) string {
	return fmt.Sprintf(`{"messageId":%q,"userId":%q,"timestamp":"2026-05-04T10:00:00Z"%s}`, id, customer, more)
}

func TestEveryCallIsStoredOnce(t *testing.T) {
	c := begin(t, 8)
	for i, path := range []string{"track", "identify", "page", "screen", "group", "alias"} {
		more := map[string]string{"track": `,"event":"Order Completed"`, "group": `,"groupId":"g"`, "alias": `,"previousId":"before"`, "page": `,"name":"Home"`, "screen": `,"name":"Home"`}[path]
		for range 2 { // as a client that had no answer
			if status, text, _ := c.send(t, "/v1/"+path, key, call(fmt.Sprint("m", i), "c-1", more)); status != http.StatusOK {
				t.Errorf("%s: %d %s", path, status, text)
			}
		}
	}
	batch := `{"batch":[` + call("b1", "c-2", `,"type":"track","event":"Order Completed"`) + `,` + call("b2", "c-3", `,"type":"page"`) +
		`,{"type":"track","messageId":"b3","timestamp":"never","userId":"c-4","event":"x"}],"sentAt":"2026-05-04T10:00:00Z","writeKey":"` + key + `"}`
	for range 2 {
		if status, text, _ := c.send(t, "/v1/batch", "", batch); status != http.StatusOK {
			t.Errorf("batch: %d %s", status, text)
		}
	}
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write([]byte(call("z", "c-5", `,"event":"Order Completed"`)))
	zip.Close()
	if status, text, _ := c.send(t, "/v1/track", key, zipped.String(), "Content-Encoding", "gzip"); status != http.StatusOK {
		t.Errorf("gzip: %d %s", status, text)
	}
	events, refused := 0, 0
	decoder, ev := native.NewDecoder(0), event.Event{}
	for _, body := range c.stored(t) {
		switch {
		case decoder.Decode([]byte(body), &ev) == nil:
			events++
		case event.ParseRefused([]byte(body)) != nil && strings.Contains(body, `"b3"`):
			refused++
		default:
			t.Errorf("neither an event nor a refusal: %s", body)
		}
	}
	if events != 6+2+1 || refused != 1 {
		t.Errorf("%d events and %d refused are stored, want 9 and 1", events, refused)
	}
}

func TestBadCallsAreRefusedWithTheirReason(t *testing.T) {
	c := begin(t, 8)
	good := call("m", "c-1", `,"event":"x"`)
	for name, of := range map[string]struct {
		path, key, body string
		status          int
		says            string
	}{
		"no key":         {"/v1/track", "", good, http.StatusUnauthorized, "write key"},
		"another key":    {"/v1/track", key + "x", good, http.StatusUnauthorized, "write key"},
		"no JSON":        {"/v1/track", key, `{"messageId":`, http.StatusBadRequest, "JSON"},
		"another type":   {"/v1/track", key, call("m", "c-1", `,"type":"page"`), http.StatusBadRequest, "type is page"},
		"no customer":    {"/v1/track", key, `{"messageId":"m","timestamp":"2026-05-04T10:00:00Z","event":"x"}`, http.StatusBadRequest, "missing_customer"},
		"large":          {"/v1/track", key, call("m", "c-1", `,"event":"`+strings.Repeat("x", collect.MaxCallBytes)+`"`), http.StatusRequestEntityTooLarge, "too large"},
		"forgetting":     {"/v1/track", key, call("m", "c-1", `,"event":"customer.forgotten"`), http.StatusBadRequest, "forget_denied"},
		"an array":       {"/v1/batch", key, `[` + good + `]`, http.StatusBadRequest, "no JSON object"},
		"two":            {"/v1/track", key, good + good, http.StatusBadRequest, "can't be read as JSON"},
		"no batch":       {"/v1/batch", key, `{"Batch":[` + good + `]}`, http.StatusBadRequest, "missing_type"},
		"a batch of one": {"/v1/batch", key, `{"batch":"no"}`, http.StatusBadRequest, ""},
		"no address":     {"/v1/unknown", key, good, http.StatusNotFound, ""},
	} {
		status, text, told := c.send(t, of.path, of.key, of.body)
		if status != of.status || !strings.Contains(text, of.says) {
			t.Errorf("%s: %d %s, want %d and %q", name, status, text, of.status, of.says)
		}
		if told.Get("Retry-After") != "" {
			t.Errorf("%s: it is to be sent again", name)
		}
	}
	if stored := c.stored(t); len(stored) > 0 {
		t.Errorf("of these is stored: %v", stored)
	}
	if strings.Contains(c.log.String(), key) {
		t.Error("a write key is logged")
	}
}

func TestPagesOfKnownOriginsMaySend(t *testing.T) {
	c := begin(t, 8)
	for origin, want := range map[string]int{"https://shop.example": http.StatusNoContent, "https://other.example": http.StatusForbidden} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, c.url+"/v1/track", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", origin)
		answer, err := c.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if allowed := answer.Header.Get("Access-Control-Allow-Origin"); answer.StatusCode != want || (allowed == origin) != (want == http.StatusNoContent) {
			t.Errorf("%s: %d, allowed %q", origin, answer.StatusCode, allowed)
		}
	}
}

// What was answered with 200 is stored once, and nothing else, while JetStream is
// stopped and started under load: clients that are told to wait send again.
func TestAcceptedIsStoredWhileJetStreamRestarts(t *testing.T) {
	const clients, least = 6, 40
	c := begin(t, clients)
	var mu sync.Mutex
	accepted, waited := map[string]bool{}, 0
	var over atomic.Bool // JetStream is not stopped any more
	var group sync.WaitGroup
	for n := range clients {
		group.Go(func() {
			for i := 0; i < least || !over.Load(); {
				id := fmt.Sprintf("m-%d-%d", n, i)
				status, text, told := c.send(t, "/v1/track", key, call(id, fmt.Sprint("c-", n), `,"event":"Order Completed"`))
				mu.Lock()
				switch status {
				case http.StatusOK:
					accepted[id] = true
					i++
				case http.StatusTooManyRequests:
					waited++
				default:
					t.Errorf("%d %s", status, text)
					i++
				}
				mu.Unlock()
				if status == http.StatusTooManyRequests {
					if told.Get("Retry-After") == "" {
						t.Error("a client is not told when to send it again")
					}
					time.Sleep(50 * time.Millisecond) // sooner than told, to try it harder
				}
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	for range 2 {
		time.Sleep(50 * time.Millisecond)
		c.nats.Close()
		time.Sleep(300 * time.Millisecond)
		c.up(t)
		time.Sleep(500 * time.Millisecond)
	}
	over.Store(true)
	group.Wait()
	stored := map[string]int{}
	for _, body := range c.stored(t) {
		var e struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(err)
		}
		stored[e.ID]++
	}
	if len(accepted) < clients*least || len(stored) != len(accepted) || waited == 0 {
		t.Errorf("%d were accepted and %d are stored; clients waited %d times", len(accepted), len(stored), waited)
	}
	for id, n := range stored {
		if n != 1 || !accepted[id] {
			t.Errorf("%s is stored %d times; accepted: %v", id, n, accepted[id])
		}
	}
}
