package clickhouse_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

func TestForgetDeletesOneCustomer(t *testing.T) {
	const odd = `o'Neil "?" \ @x {y:String}`
	conn := migrated(t)
	sink := clickhouse.New(conn)
	b := &sinks.Batch{}
	for i, customer := range []string{odd, "someone", "anonymous:7"} {
		b.Signals = append(b.Signals, wire.Signal{Customer: customer, Reasons: []wire.Reason{}})
		b.Late = append(b.Late, wire.LateEvent{Customer: customer, Sequence: uint64(i)})
		b.DeadLetters = append(b.DeadLetters, sinks.DeadLetter{Sequence: uint64(i), Body: fmt.Appendf(nil, `{"customer":%q}`, customer)})
	}
	b.Signals = append(b.Signals, wire.Signal{Customer: "anonymous:8", Reasons: []wire.Reason{}, Joined: odd})
	b.DeadLetters = append(b.DeadLetters,
		sinks.DeadLetter{Sequence: 10, Body: []byte(`{"anonymous_id":"7"}`)},
		sinks.DeadLetter{Sequence: 11, Body: []byte(`not JSON`)},
		sinks.DeadLetter{Sequence: 12, Body: []byte(`{"refused":{"source":"shop"},"event":{"text":"{\"anonymousId\":\"7\",\"userId\":\"8\""}}`)})
	if err := sink.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}

	for _, step := range []struct {
		forget                 string
		signals, late, letters int
	}{
		{"nobody", 4, 3, 6},
		{odd, 3, 2, 5},
		{"anonymous:7", 2, 1, 2},
	} {
		if _, err := clickhouse.Forget(t.Context(), conn, step.forget); err != nil {
			t.Fatal(err)
		}
		got := stored(t, conn)
		if len(got.Signals) != step.signals || len(got.Late) != step.late || len(got.DeadLetters) != step.letters {
			t.Errorf("after %q: %d signals, %d late events and %d dead letters are left, want %d, %d and %d", step.forget,
				len(got.Signals), len(got.Late), len(got.DeadLetters), step.signals, step.late, step.letters)
		}
		for _, table := range []string{"level_changes", "newest_signals"} {
			var rows uint64
			if err := conn.QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&rows); err != nil || rows != uint64(step.signals) {
				t.Errorf("after %q: %d rows in %s, want %d, %v", step.forget, rows, table, step.signals, err)
			}
		}
		for _, s := range got.Signals {
			if s.Customer == step.forget || s.Joined == step.forget {
				t.Errorf("%q is still there", step.forget)
			}
		}
		var told uint64
		if err := conn.QueryRow(t.Context(), "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND position(command, ?) > 0", step.forget).Scan(&told); err != nil || told > 0 {
			t.Errorf("%d statements that delete name %q: %v", told, step.forget, err)
		}
	}
}
