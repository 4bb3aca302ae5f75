package source_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/preflight"
	"ebb/pipeline/source"
)

// What a check says of each source, before anything is claimed.
func TestPreflightSaysWhatIsRead(t *testing.T) {
	a := startAccounts(t)
	if _, err := a.shop.CreateStream(t.Context(), natsjs.StreamConfig{Name: "EMPTY", Subjects: []string{"empty"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.shop.Publish(t.Context(), "orders.new", order(1)); err != nil {
		t.Fatal(err)
	}
	wants := func(status preflight.Status, entry, want string) {
		t.Helper()
		found := a.runner(t, "owner", entry).Preflight(t.Context())
		if len(found) != 1 || found[0].Status != status || !strings.Contains(found[0].Text, want) {
			t.Errorf("%s: %+v, want %q", entry, found, want)
		}
	}
	wants(preflight.OK, "a;stream=ORDERS;from=new", "message 1 is read as native, an event of ")
	wants(preflight.OK, "a;stream=EMPTY", "is empty")
	wants(preflight.Warning, "clicks;core=clicks", "best effort")
	if _, err := a.shop.Publish(t.Context(), "orders.new", []byte("noise")); err != nil {
		t.Fatal(err)
	}
	wants(preflight.Warning, "a;stream=ORDERS", "some can't be read: message 2")
}

// Core subjects are tried for as long as the caller waits, with constants in the fields
// that events lack.
func TestTryCore(t *testing.T) {
	a := startAccounts(t)
	r := a.runner(t, "reader", "clicks;core=clicks;constants=channel:web|session:s|device:d|campaign:c|message:m|product:p|currency:EUR")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			_ = a.shop.Conn().Publish("clicks", order(1)) // until it is heard
			time.Sleep(20 * time.Millisecond)
		}
	}()
	samples, err := r.Try(ctx, "clicks", 3)
	if err != nil || len(samples) != 3 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, want := range []string{`"channel":"web"`, `"session":"s"`, `"device":"d"`, `"campaign":"c"`, `"message":"m"`, `"product":"p"`} {
		if body := string(samples[0].Events[0].Body); !strings.Contains(body, want) || strings.Contains(body, "currency") {
			t.Errorf("%s lacks %s, or has a currency of nothing", body, want)
		}
	}
	short, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if samples, err := a.runner(t, "reader", "clicks;core=nothing").Try(short, "clicks", 3); err == nil && len(samples) > 0 {
		t.Errorf("%d samples of nothing", len(samples))
	}
}

// From outside a source has not begun, then it is live, or its stream is another one.
func TestLookFromOutside(t *testing.T) {
	a := startAccounts(t)
	if _, err := a.shop.Publish(t.Context(), "orders.new", order(1)); err != nil {
		t.Fatal(err)
	}
	const entry = "orders;stream=ORDERS;format=native"
	if s := a.runner(t, "owner", entry).Look(t.Context())[0]; s.State != source.NotBegun || s.Behind != 1 {
		t.Errorf("before it began: %+v", s)
	}
	if s := a.runner(t, "owner", "clicks;core=clicks").Look(t.Context())[0]; s.State != source.NotBegun || s.Error != "" {
		t.Errorf("core: %+v", s)
	}
	r := a.runner(t, "owner", entry+";from=new")
	stop := run(t, r)
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	stop()
	if err := a.shop.DeleteStream(t.Context(), "ORDERS"); err != nil {
		t.Fatal(err)
	}
	if s := r.Look(t.Context())[0]; !strings.Contains(s.Error, "stream") {
		t.Errorf("without its stream: %+v", s)
	}
	time.Sleep(5 * time.Millisecond) // streams are told apart by the time at which they were made
	if _, err := a.shop.CreateStream(t.Context(), natsjs.StreamConfig{Name: "ORDERS", Subjects: []string{"orders.>"}}); err != nil {
		t.Fatal(err)
	}
	if s := r.Look(t.Context())[0]; !strings.Contains(s.Error, "it has read another stream") {
		t.Errorf("with another stream: %+v", s)
	}
}

// Settings that turn out to be wrong name the source, the key and the value.
func TestMappingsOfSources(t *testing.T) {
	for mapping, want := range map[string]string{
		"name: m\nfields: {time: t, customer: c, type: e}":                               "its format is csv",
		"name: m\nformat: ndjson\ngroup: order\nfields: {time: t, customer: c, type: e}": "a stream has no end",
		"name: m\nformat: ndjson\nfields: {time: t}":                                     "fields.type is missing",
	} {
		file := filepath.Join(t.TempDir(), "m.yaml")
		if err := os.WriteFile(file, []byte(mapping), 0o600); err != nil {
			t.Fatal(err)
		}
		spec := source.Spec{Name: "shop", Stream: "ORDERS", Mapping: file}
		_, err := source.NewReader(&spec, nil)
		var wrong *source.SettingError
		if !errors.As(err, &wrong) || errors.Unwrap(wrong) == nil || wrong.Key != "mapping" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", mapping, err, want)
		}
		if _, err := source.New(source.Config{Specs: []source.Spec{spec}}); !errors.As(err, &wrong) {
			t.Errorf("a runner of %s: %v", mapping, err)
		}
	}
	if _, err := source.New(source.Config{Specs: []source.Spec{{Name: "a b"}}}); err == nil {
		t.Error("a runner of a source without a name")
	}
}

// More messages than a batch holds, some of several events, wait for a runner.
func TestMoreThanABatchWaits(t *testing.T) {
	a := startAccounts(t)
	const entry = "orders;stream=ORDERS;from=new"
	r := a.runner(t, "owner", entry)
	stop := run(t, r)
	eventually(t, "the source to be live", func() bool { return isLive(r) })
	stop()
	const messages, each = 150, 10
	for i := range messages {
		var body []byte
		for n := range each {
			body = append(append(body, order(i*each+n)...), '\n')
		}
		if _, err := a.shop.Publish(t.Context(), "orders.new", body); err != nil {
			t.Fatal(err)
		}
	}
	r = a.runner(t, "owner", entry)
	stop = run(t, r)
	defer func() { stop() }()
	eventually(t, "all of them", func() bool { return r.Status()[0].Events == messages*each })
	for i, body := range a.bodies(t) {
		if want := fmt.Sprintf(`{"id":"%d",`, i); !strings.HasPrefix(body, want) {
			t.Fatalf("event %d is %s", i, body)
		}
	}
}
