package main

import (
	"fmt"
	"testing"
	"time"

	"ebb/pipeline/jetstream"
)

// Who begins anew, as the remedies say, gets tables of the new streams alone,
// though the database still has the rows of the former ones.
func TestBeginningAnewLeavesNoStaleRow(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	l.start(t)
	for i := range 60 {
		customer := fmt.Sprint("c-", i%20)
		l.publish(t, customer, eventAt(fmt.Sprint("former-", i), customer, "page.pinged", time.Now()))
	}
	l.publish(t, "broken", []byte("{"))
	l.settle(t)
	l.passWindows(t)
	if err := l.engine.Stop(); err != nil {
		t.Fatal(err)
	}
	former, err := jetstream.NewInput(l.js, l.layout).Era(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{
		"ENGAGEMENT", "ENGAGEMENT_ROLLUPS", "ENGAGEMENT_SIGNALS", "ENGAGEMENT_DEADLETTERS", "ENGAGEMENT_STATISTICS",
		"KV_ebb_manifests", "OBJ_ebb_snapshots",
	} {
		if err := l.js.DeleteStream(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	l.start(t)
	for i := range 10 {
		customer := fmt.Sprint("c-", i%3)
		l.publish(t, customer, eventAt(fmt.Sprint("new-", i), customer, "order.completed", time.Now()))
	}
	l.settle(t)
	report := l.verified(t)
	if report.RowsMissing+report.RowsExtra+report.RowsDifferent > 0 || report.RowsCompared == 0 {
		t.Errorf("of %d rows %d are missing, %d extra, %d different: %+v",
			report.RowsCompared, report.RowsMissing, report.RowsExtra, report.RowsDifferent, report.Verification.Tables)
	}
	l.checkCounts(t, report.Verification)

	var eras, stale uint64
	row := l.conn.QueryRow(t.Context(), "SELECT uniqExact(era), countIf(era = toDateTime64(?, 3, 'UTC')) FROM eras", float64(former)/1000)
	if err := row.Scan(&eras, &stale); err != nil || eras != 2 || stale == 0 {
		t.Errorf("table eras holds %d eras and %d rows of the former one, %v; want 2 and some", eras, stale, err)
	}
}
