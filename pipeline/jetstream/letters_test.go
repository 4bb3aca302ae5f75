package jetstream

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"ebb/deploy/local"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// What the server takes as an event it has to take as a dead letter too, whose
// headers say more: or one message that is as large as the server allows would
// stop its partition for good.
func TestLargestMessageBecomesADeadLetter(t *testing.T) {
	js, layout := provisioned(t)
	message := &nats.Msg{Subject: layout.Prefix + ".events.c1"}
	message.Data = bytes.Repeat([]byte("x"), int(js.Conn().MaxPayload()))
	if _, err := js.PublishMsg(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	record := readRecords(t, open(t, js, layout, 0), 1)[0]

	sh, err := shard.NewShard(meaning.DefaultConfig(), record.Partition)
	if err != nil {
		t.Fatal(err)
	}
	var letters []shard.Message
	collect := func(cut *shard.Cut) { letters = append(letters, cut.Outputs[shard.DeadLetters]...) }
	tick := event.Record{
		Sequence: record.Sequence + 1, Clock: record.Clock + 2000, Partition: record.Partition,
		Lane: event.LaneControl, Control: event.ControlTick,
	}
	for _, r := range []*event.Record{&record, &tick} {
		if err := sh.Process(r, collect); err != nil {
			t.Fatal(err)
		}
	}
	marker := own.Marker{Cut: 1, Chunk: 1, Of: 1, Sequence: 1}
	if _, err := NewOutputs(js, layout).Publish(t.Context(), shard.DeadLetters, record.Partition, 0, letters, marker); err != nil {
		t.Fatal(err)
	}

	letter, err := NewDeadLetters(js, layout).Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if letter.Reason != "oversize" || letter.Header.Get(event.HeaderSize) != strconv.Itoa(len(message.Data)) {
		t.Errorf("reason %q, size %q", letter.Reason, letter.Header.Get(event.HeaderSize))
	}
	if len(letter.Data) < 1<<19 || !strings.HasPrefix(string(message.Data), string(letter.Data)) {
		t.Errorf("the letter has %d bytes, which are not the message's first", len(letter.Data))
	}
}

func TestProvisionRefusesASmallPayload(t *testing.T) {
	server, err := local.StartNATS(local.NATSConfig{Dir: t.TempDir(), MaxPayload: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	err = Provision(t.Context(), connect(t, server.URL()), Layout{})
	if err == nil || !strings.Contains(err.Error(), "max_payload") {
		t.Errorf("got %v, want an error that names max_payload", err)
	}
}
