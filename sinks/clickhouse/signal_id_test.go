package clickhouse_test

import (
	"testing"

	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// The view says the id that subscribers get, whatever the customer is called.
func TestIDsOfSignalsAreThoseOfMessages(t *testing.T) {
	conn := migrated(t)
	b := &sinks.Batch{}
	want := map[string]string{}
	for i, customer := range []string{"c-1", "anonymous:7", "Zoë", `it's "quoted"`, `back\slash\n`, "客户"} {
		s := wire.Signal{
			Schema: wire.Schema, Signal: wire.Raised, Customer: customer, Level: "at_risk", Previous: "cooling", At: 1_700_000_000_000,
			Episode: uint32(i) + 1, Era: 1_600_000_000_123,
		}
		s.Complete()
		want[customer] = s.ID
		b.Signals = append(b.Signals, s)
	}
	if err := clickhouse.New(conn).Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), "SELECT customer, id FROM v_signals")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := 0
	for ; rows.Next(); seen++ {
		var customer, id string
		if err := rows.Scan(&customer, &id); err != nil {
			t.Fatal(err)
		}
		if id != want[customer] {
			t.Errorf("the signal of %q has id %s, its message %s", customer, id, want[customer])
		}
	}
	if err := rows.Err(); err != nil || seen != len(want) {
		t.Errorf("%d signals, want %d: %v", seen, len(want), err)
	}
}
