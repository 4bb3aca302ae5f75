package jetstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

func rows(partition, count int) []shard.Message {
	messages := make([]shard.Message, count)
	for i := range messages {
		messages[i] = shard.Message{
			Subject: "rollups.rollups_kind." + strconv.Itoa(partition),
			Data:    []byte(`{"row":` + strconv.Itoa(i) + `}`),
		}
	}

	return messages
}

func TestPublishStoresMessagesAndMarker(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	ctx := t.Context()

	if marker, err := outputs.Marker(ctx, shard.Rollups, 3, 0); err != nil || marker != (own.Marker{}) {
		t.Errorf("marker of an empty stream = %+v, %v, want none", marker, err)
	}

	var last uint64
	for i, count := range []int{0, 1, 2, 127, 128, 129, 999, 0} {
		marker := own.Marker{Cut: uint64(i + 1), Chunk: 1, Of: 1, Sequence: 77}
		stored, err := outputs.Publish(ctx, shard.Rollups, 3, last, rows(3, count), marker)
		if err != nil {
			t.Fatalf("%d messages: %v", count, err)
		}
		if want := last + uint64(count) + 1; stored != want {
			t.Errorf("%d messages: marker at %d, want %d", count, stored, want)
		}
		marker.Stored, marker.Fence, last = stored, stored, stored
		if got, err := outputs.Marker(ctx, shard.Rollups, 3, 0); err != nil || got != marker {
			t.Errorf("%d messages: marker %+v, %v, want %+v", count, got, err, marker)
		}
	}

	if _, err := outputs.Publish(ctx, shard.Rollups, 3, last, rows(3, 1000), own.Marker{}); err == nil ||
		!strings.Contains(err.Error(), "1000") {
		t.Errorf("1,000 messages and a marker = %v, want an error that names the limit", err)
	}
	if _, err := outputs.Publish(ctx, shard.Rollups, 16, 0, nil, own.Marker{}); err == nil {
		t.Error("partition 16 of 16 was published")
	}
}

func TestPublishKeepsHeadersAndSubjects(t *testing.T) {
	js, layout := provisioned(t)
	messages := []shard.Message{
		{Subject: "deadletters.malformed", Header: map[string]string{event.HeaderReason: "malformed", event.HeaderSequence: "12"}, Data: []byte("{")},
		{Subject: "deadletters.oversize", Data: []byte("big")},
	}
	if _, err := NewOutputs(js, layout).Publish(t.Context(), shard.DeadLetters, 0, 0, messages, own.Marker{}); err != nil {
		t.Fatal(err)
	}

	for i, want := range messages {
		got, err := leader{js, layout.StreamName(shard.DeadLetters)}.at(t.Context(), uint64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		header, err := got.header()
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject != layout.Prefix+"."+want.Subject || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("message %d is %q on %s", i, got.Data, got.Subject)
		}
		for _, name := range []string{event.HeaderReason, event.HeaderSequence} {
			if header.Get(name) != want.Header[name] {
				t.Errorf("message %d: header %s = %q, want %q", i, name, header.Get(name), want.Header[name])
			}
		}
	}
}

// Large batches wait for the server on their way.
func TestPublishLargeMessages(t *testing.T) {
	js, layout := provisioned(t)
	messages := rows(1, 40)
	for i := range messages {
		messages[i].Data = make([]byte, 256<<10)
	}
	stored, err := NewOutputs(js, layout).Publish(t.Context(), shard.Rollups, 1, 0, messages, own.Marker{})
	if err != nil || stored != 41 {
		t.Errorf("10 MiB: marker at %d, %v, want 41", stored, err)
	}
}

// Of two owners the one that is behind is fenced, and nothing of what it sent
// is stored, whether it sent a batch or a marker alone.
func TestStaleOwnerIsFenced(t *testing.T) {
	js, layout := provisioned(t)
	stale, owner := NewOutputs(js, layout), NewOutputs(connect(t, js.Conn().ConnectedUrl()), layout)
	ctx := t.Context()

	first, err := stale.Publish(ctx, shard.Signals, 7, 0, nil, own.Marker{Cut: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Publish(ctx, shard.Signals, 7, first, nil, own.Marker{Cut: 2}); err != nil {
		t.Fatal(err)
	}
	before := streamState(t, js, layout.StreamName(shard.Signals))
	signals := []shard.Message{{Subject: "signals.at_risk.7.a"}, {Subject: "signals.at_risk.7.b"}}
	for _, last := range []uint64{0, first} {
		for _, messages := range [][]shard.Message{nil, signals} {
			_, err := stale.Publish(ctx, shard.Signals, 7, last, messages, own.Marker{Cut: 9})
			if !errors.Is(err, own.ErrFenced) {
				t.Errorf("%d messages after marker %d: %v, want ErrFenced", len(messages), last, err)
			}
		}
	}
	if after := streamState(t, js, layout.StreamName(shard.Signals)); after != before {
		t.Errorf("fenced batches changed the stream from %+v to %+v", before, after)
	}

	// Another partition's fence is its own.
	if _, err := stale.Publish(ctx, shard.Signals, 8, 0, signals, own.Marker{Cut: 1}); err != nil {
		t.Error(err)
	}
}

// Many owners race for one marker: exactly one batch of each round is stored,
// and it is stored as a whole.
func TestRacingOwnersStoreOneBatchEach(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	const rounds, owners, size = 5, 4, 10

	var last uint64
	for round := range rounds {
		var won atomic.Uint64
		var wins atomic.Int32
		var all sync.WaitGroup
		for range owners {
			all.Go(func() {
				stored, err := outputs.Publish(t.Context(), shard.Rollups, 0, last, rows(0, size), own.Marker{})
				switch {
				case err == nil:
					won.Store(stored)
					wins.Add(1)
				case !errors.Is(err, own.ErrFenced):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if wins.Load() != 1 {
			t.Fatalf("round %d: %d owners stored a batch, want 1", round, wins.Load())
		}
		if last = won.Load(); last != uint64((round+1)*(size+1)) {
			t.Fatalf("round %d: marker at %d, want %d", round, last, (round+1)*(size+1))
		}
	}
}

func TestRefusedBatchesSayWhy(t *testing.T) {
	js, layout := provisioned(t)
	outputs := NewOutputs(js, layout)
	stream, err := js.Stream(t.Context(), layout.StreamName(shard.Rollups))
	if err != nil {
		t.Fatal(err)
	}
	config := stream.CachedInfo().Config
	config.AllowAtomicPublish = false
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}

	_, err = outputs.Publish(t.Context(), shard.Rollups, 0, 0, rows(0, 3), own.Marker{})
	var api *natsjs.APIError
	if !errors.As(err, &api) || errors.Is(err, ErrUnknownOutcome) || errors.Is(err, own.ErrFenced) {
		t.Errorf("a batch for a stream without atomic publish = %v, want the server's refusal", err)
	}
	if got := streamState(t, js, layout.StreamName(shard.Rollups)); got.Last != 0 {
		t.Errorf("%d messages of a refused batch are stored", got.Last)
	}

	if err := js.DeleteStream(t.Context(), layout.StreamName(shard.Rollups)); err != nil {
		t.Fatal(err)
	}
	_, err = outputs.Publish(t.Context(), shard.Rollups, 0, 1, rows(0, 3), own.Marker{})
	if err == nil || !strings.Contains(err.Error(), "does stream") {
		t.Errorf("a batch for a stream that is not there = %v", err)
	}
	if !errors.Is(err, ErrMadeAnew) {
		t.Errorf("a batch for a stream that was deleted = %v, want ErrMadeAnew", err)
	}
	if _, err := outputs.Publish(t.Context(), shard.Rollups, 0, 0, rows(0, 3), own.Marker{Cut: 1}); err != nil {
		t.Errorf("the next attempt = %v", err)
	}
}

// A batch that was begun and not committed leaves nothing.
func TestUncommittedBatchIsNotStored(t *testing.T) {
	js, layout := provisioned(t)
	b := newBatch(js, layout.StreamName(shard.Rollups), true)
	for i := range 10 {
		if err := b.add(t.Context(), layout.Prefix+".rollups.x.0", nil, []byte(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := NewOutputs(js, layout).Publish(t.Context(), shard.Rollups, 0, 0, rows(0, 1), own.Marker{}); err != nil {
		t.Fatal(err)
	}
	if got := streamState(t, js, layout.StreamName(shard.Rollups)); got.Last != 2 {
		t.Errorf("stream ends at %d, want 2: one row and its marker", got.Last)
	}
}

// deafProxy forwards a connection to a server until it is told to keep the
// server's answers back.
type deafProxy struct {
	listener net.Listener
	deaf     atomic.Bool
	done     sync.WaitGroup
}

func startDeafProxy(t *testing.T, server string) *deafProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &deafProxy{listener: listener}
	p.done.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", strings.TrimPrefix(server, "nats://"))
			if err != nil {
				client.Close()
				return
			}
			p.done.Go(func() { _, _ = io.Copy(upstream, client); upstream.Close() })
			p.done.Go(func() { p.answers(client, upstream); client.Close() })
		}
	})
	t.Cleanup(func() { listener.Close(); p.done.Wait() })

	return p
}

func (p *deafProxy) answers(client io.Writer, upstream io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := upstream.Read(buffer)
		if err != nil {
			return
		}
		if p.deaf.Load() {
			continue
		}
		if _, err := client.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *deafProxy) url() string { return fmt.Sprintf("nats://%s", p.listener.Addr()) }

// The answer to a commit is lost. The error says that the outcome is unknown,
// and the marker tells it.
func TestLostAnswerIsAnUnknownOutcome(t *testing.T) {
	js, layout := provisioned(t)
	proxy := startDeafProxy(t, js.Conn().ConnectedUrl())
	behind, err := Connect(t.Context(), ConnectConfig{URL: proxy.url()})
	if err != nil {
		t.Fatal(err)
	}
	defer behind.Conn().Close()
	outputs := NewOutputs(behind, layout)
	first, err := outputs.Publish(t.Context(), shard.Rollups, 2, 0, rows(2, 5), own.Marker{Cut: 1})
	if err != nil {
		t.Fatal(err)
	}

	proxy.deaf.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = outputs.Publish(ctx, shard.Rollups, 2, first, rows(2, 5), own.Marker{Cut: 2})
	if !errors.Is(err, ErrUnknownOutcome) {
		t.Fatalf("Publish without an answer = %v, want ErrUnknownOutcome", err)
	}

	// Read over another connection, the marker says that the batch is stored.
	marker, err := NewOutputs(js, layout).Marker(t.Context(), shard.Rollups, 2, 0)
	if err != nil || marker.Cut != 2 || marker.Stored != first+6 {
		t.Errorf("marker = %+v, %v, want cut 2 at %d", marker, err, first+6)
	}
}

func TestPublishWithoutAConnectionFails(t *testing.T) {
	server := startServer(t)
	js := connect(t, server.server.URL())
	layout := Layout{}.WithDefaults()
	provision(t, js, layout)
	server.stop()

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, err := NewOutputs(js, layout).Publish(ctx, shard.Rollups, 0, 0, rows(0, 2), own.Marker{}); err == nil {
		t.Error("Publish to a stopped server = nil error")
	}
}
