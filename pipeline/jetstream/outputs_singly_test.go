package jetstream

import (
	"errors"
	"testing"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// Statistics are stored without a batch, their marker behind them, and a former
// owner stores none of them behind the marker of the next.
func TestStatisticsAreFencedOneByOne(t *testing.T) {
	js, layout := provisioned(t)
	stale, owner := NewOutputs(js, layout), NewOutputs(connect(t, js.Conn().ConnectedUrl()), layout)
	ctx := t.Context()
	reports := []shard.Message{{Subject: "s.7", Data: []byte(`{"n":1}`)}, {Subject: "s.7", Data: []byte(`{"n":2}`)}}
	first, err := stale.Publish(ctx, shard.Statistics, 7, 0, reports, own.Marker{Cut: 1})
	if err != nil || first != 3 {
		t.Fatalf("two reports and their marker end at %d, %v", first, err)
	}
	held, err := leader{js, layout.StreamName(shard.Statistics)}.at(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	header, err := held.header()
	if err != nil || header.Get(headerBatchID) != "" || header.Get(headerSeal) == "" || string(held.Data) != `{"n":2}` {
		t.Errorf("the second report is %s with the header %v, %v", held.Data, header, err)
	}
	if marker, err := stale.Marker(ctx, shard.Statistics, 7, 0); err != nil || marker.Stored != first || marker.Cut != 1 {
		t.Errorf("marker %+v, %v", marker, err)
	}
	second, err := owner.Publish(ctx, shard.Statistics, 7, first, reports[:1], own.Marker{Cut: 2})
	if err != nil {
		t.Fatal(err)
	}
	before := streamState(t, js, layout.StreamName(shard.Statistics))
	for _, last := range []uint64{0, 1, first, second - 1} {
		for _, messages := range [][]shard.Message{nil, reports} {
			_, err := stale.Publish(ctx, shard.Statistics, 7, last, messages, own.Marker{Cut: 2})
			if !errors.Is(err, own.ErrFenced) {
				t.Errorf("%d reports after marker %d: %v, want ErrFenced", len(messages), last, err)
			}
		}
	}
	if after := streamState(t, js, layout.StreamName(shard.Statistics)); after != before {
		t.Errorf("fenced reports changed the stream from %+v to %+v", before, after)
	}
	if _, err := stale.Publish(ctx, shard.Statistics, 8, 0, reports, own.Marker{Cut: 1}); err != nil {
		t.Errorf("another partition's: %v", err)
	}
}
