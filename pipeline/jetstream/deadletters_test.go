package jetstream

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

func TestDeadLetters(t *testing.T) {
	js, layout := provisioned(t)
	outputs, letters := NewOutputs(js, layout), NewDeadLetters(js, layout)
	list := func(reason string, count int) (bodies []string) {
		t.Helper()
		err := letters.Newest(t.Context(), reason, count, func(letter DeadLetter) error {
			if letter.Reason == "" || time.Since(letter.Time) > time.Minute || letter.Header.Get(event.HeaderReason) != letter.Reason {
				t.Errorf("dead letter %+v", letter)
			}
			bodies = append(bodies, string(letter.Data))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return bodies
	}

	if got := list("", 10); len(got) != 0 {
		t.Errorf("an empty stream lists %q", got)
	}

	// 300 letters, every tenth misrouted, with markers between them.
	var last uint64
	var all, misrouted []string
	for cut := range 30 {
		var messages []shard.Message
		for i := range 10 {
			reason, body := "malformed", strconv.Itoa(cut*10+i)
			if i == 0 {
				reason, misrouted = "misrouted", append(misrouted, body)
			}
			all = append(all, body)
			messages = append(messages, shard.Message{
				Subject: "deadletters." + reason,
				Header:  map[string]string{event.HeaderReason: reason},
				Data:    []byte(body),
			})
		}
		stored, err := outputs.Publish(t.Context(), shard.DeadLetters, 0, last, messages, own.Marker{})
		if err != nil {
			t.Fatal(err)
		}
		last = stored
	}

	for _, c := range []struct {
		reason string
		count  int
		want   []string
	}{
		{"", 0, all},
		{"", 1, all[299:]},
		{"", 25, all[275:]},
		{"", 300, all},
		{"", 5_000, all},
		{"misrouted", 0, misrouted},
		{"misrouted", 4, misrouted[26:]},
		{"oversize", 4, nil},
	} {
		if got := list(c.reason, c.count); !slices.Equal(got, c.want) {
			t.Errorf("newest %d of %q = %q, want %q", c.count, c.reason, got, c.want)
		}
	}

	if err := letters.Newest(t.Context(), "a.b", 1, nil); err == nil {
		t.Error("a reason of two tokens was taken")
	}
	stop := errors.New("stop")
	if err := letters.Newest(t.Context(), "", 0, func(DeadLetter) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("Newest = %v, want the error of its function", err)
	}

	letter, err := letters.Get(t.Context(), 1)
	if err != nil || string(letter.Data) != "0" || letter.Reason != "misrouted" || letter.Header.Get(event.HeaderReason) != "misrouted" {
		t.Errorf("Get(1) = %+v, %v", letter, err)
	}
	for _, sequence := range []uint64{last, last + 1} { // a marker, and nothing
		if _, err := letters.Get(t.Context(), sequence); !errors.Is(err, ErrNoDeadLetter) {
			t.Errorf("Get(%d) = %v, want ErrNoDeadLetter", sequence, err)
		}
	}
}
