package collect_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/collect"
)

// bounded replaces the collector by one of a single slot, with little room and time for
// bodies.
func (c *collecting) bounded(t *testing.T, room int64, patience time.Duration) {
	t.Helper()
	keys, err := collect.ParseKeys([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(collect.New(c.js, c.layout, collect.Config{
		Keys: keys, AtOnce: 1, BodyBytes: room, BodyTime: patience, Log: slog.New(slog.DiscardHandler),
	}).Handler())
	t.Cleanup(server.Close)
	c.url = server.URL
}

// Clients that send slowly hold no slot, so that others are served meanwhile, and are
// told to come again when their time is over.
func TestSlowClientsKeepNobodyWaiting(t *testing.T) {
	c := begin(t, 1)
	c.bounded(t, 1<<20, 500*time.Millisecond)
	good := call("m1", "c-1", `,"event":"x"`)
	var slow []net.Conn
	for range 3 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(c.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		slow = append(slow, conn)
		if _, err := fmt.Fprintf(conn, "POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(good), good[:10]); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(50 * time.Millisecond) // the others are in the middle of it
	if status, text, _ := c.send(t, "/v1/track", key, good); status != http.StatusOK {
		t.Errorf("beside slow clients: %d %s", status, text)
	}
	for _, conn := range slow {
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusRequestTimeout || answer.Header.Get("Retry-After") == "" || !answer.Close {
			t.Errorf("a slow client is told %d, %v", answer.StatusCode, answer.Header)
		}
		_ = answer.Body.Close()
	}
}

// What bodies take together is bounded, and is given back.
func TestBodiesTakeTheirRoomAlone(t *testing.T) {
	c := begin(t, 1)
	c.bounded(t, 20<<10, time.Second)
	large := `{"batch":[` + strings.Repeat(" ", 100<<10) + `]}`
	for range 2 {
		status, text, told := c.send(t, "/v1/batch", key, large)
		if status != http.StatusTooManyRequests || told.Get("Retry-After") == "" || !strings.Contains(text, "too much is sent at once") {
			t.Errorf("%d %s", status, text)
		}
		for i := range 3 { // together more than there is room
			if status, text, _ := c.send(t, "/v1/track", key, call(fmt.Sprint("m", i), "c-1", `,"event":"`+strings.Repeat("x", 9<<10)+`"`)); status != http.StatusBadRequest {
				t.Errorf("%d %s", status, text)
			}
		}
	}
}
