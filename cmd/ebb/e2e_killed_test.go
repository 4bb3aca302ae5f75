package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/jetstream"
)

// What tests ask after ebb was stopped or killed.

// bury ends the lease of a process that was killed, for which others would wait.
func (l *live) bury(t *testing.T) {
	t.Helper()
	leases, err := l.js.KeyValue(t.Context(), l.layout.Leases)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := leases.Keys(t.Context())
	if err != nil && !errors.Is(err, natsjs.ErrNoKeysFound) { // it was killed before it had one
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := leases.Purge(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
}

// holds says whether the lease is that of a process.
func (l *live) holds(t *testing.T, p *process) bool {
	t.Helper()
	leases, err := l.js.KeyValue(t.Context(), l.layout.Leases)
	if err != nil {
		t.Fatal(err)
	}
	held, err := leases.Get(t.Context(), l.layout.Stream)
	if errors.Is(err, natsjs.ErrKeyNotFound) {
		return false
	}
	var holder jetstream.Holder
	if err == nil {
		err = json.Unmarshal(held.Value(), &holder)
	}
	if err != nil {
		t.Fatal(err)
	}

	return holder.PID == p.command.Process.Pid
}

// eventsOfOthers says how often each event of the input is there that is not of a
// customer, also among the rows of imported records, and of what took the place of those.
func eventsOfOthers(t *testing.T, l *live, customer string) map[string]int {
	t.Helper()
	events := map[string]int{}
	add := func(body []byte) {
		if !strings.Contains(string(body), `"`+customer+`"`) {
			events[string(body)]++
		}
	}
	l.each(t, l.layout.Stream, ">", func(m *natsjs.RawStreamMsg) {
		control, rows := m.Header.Get(event.HeaderControl), m.Header.Get(event.HeaderRows)
		switch {
		case control == event.ControlRemains.String():
			var mark fact.RemainsMark
			if err := json.Unmarshal(m.Data, &mark); err != nil {
				t.Fatal(err)
			}
			for _, row := range mark.Rows {
				add([]byte(row.Body))
			}
		case control != "":
		case rows != "":
			n, err := strconv.Atoi(rows)
			if err != nil {
				t.Fatal(err)
			}
			of, _ := event.SplitRows(nil, m.Data, n)
			for _, row := range of {
				add(row.Body)
			}
		case strings.HasPrefix(m.Subject, "engagement.p."), strings.HasPrefix(m.Subject, "engagement.h."):
			add(m.Data)
		}
	})

	return events
}
