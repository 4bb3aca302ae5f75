package jetstream

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
)

func TestParseReplyReadsWhatServersWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`)
		want := reply{
			sequence:    rapid.Uint64Max(math.MaxInt64).Draw(t, "sequence"),
			delivered:   rapid.Uint64Max(math.MaxInt64).Draw(t, "delivered"),
			nanoseconds: rapid.Int64Min(0).Draw(t, "nanoseconds"),
			pending:     rapid.Uint64Max(math.MaxInt64).Draw(t, "pending"),
		}
		head := []string{name.Draw(t, "stream"), name.Draw(t, "consumer"), "1"}
		tail := ""
		if rapid.Bool().Draw(t, "with a domain") {
			head = append([]string{name.Draw(t, "domain"), name.Draw(t, "account")}, head...)
			tail = rapid.SampledFrom([]string{"", ".token"}).Draw(t, "tail")
		}
		subject := fmt.Sprintf("$JS.ACK.%s.%d.%d.%d.%d%s", strings.Join(head, "."),
			want.sequence, want.delivered, want.nanoseconds, want.pending, tail)

		if got, ok := parseReply(subject); !ok || got != want {
			t.Fatalf("parseReply(%q) = %+v, %v, want %+v", subject, got, ok, want)
		}
	})
}

func TestLanesReadWhatLayoutsWrite(t *testing.T) {
	lanesOf := map[string]event.Lane{laneEvent: event.LaneEvent, laneControl: event.LaneControl, laneHistory: event.LaneHistory}
	rapid.Check(t, func(t *rapid.T) {
		layout := Layout{
			Prefix:     rapid.StringMatching(`[a-z]{1,8}(\.[a-z]{1,8})?`).Draw(t, "prefix"),
			Partitions: rapid.IntRange(1, maxPartitions).Draw(t, "partitions"),
		}.WithDefaults()
		lane := rapid.SampledFrom([]string{laneEvent, laneControl, laneHistory}).Draw(t, "lane")
		partition := rapid.IntRange(0, maxPartitions).Draw(t, "partition")

		gotLane, got, ok := newLanes(layout).parse(layout.laneSubject(lane, partition))
		if ok != (partition < layout.Partitions) {
			t.Fatalf("partition %d of %d: found %v", partition, layout.Partitions, ok)
		}
		if ok && (got != partition || gotLane != lanesOf[lane]) {
			t.Fatalf("%s.%d read as lane %d, partition %d", lane, partition, gotLane, got)
		}
	})
}

// FuzzParseReply compares with a parser that splits.
func FuzzParseReply(f *testing.F) {
	f.Add("$JS.ACK.S.C.1.22.3.1700000000123456789.5")
	f.Add("$JS.ACK._.acc.S.C.1.22.3.4.5.token")
	f.Add("$JS.ACK.S.C.1.022.+3.-4.")
	f.Fuzz(func(t *testing.T, subject string) {
		want, wantOK := splitReply(subject)
		if got, ok := parseReply(subject); got != want || ok != wantOK {
			t.Errorf("parseReply(%q) = %+v, %v, want %+v, %v", subject, got, ok, want, wantOK)
		}
	})
}

func splitReply(subject string) (reply, bool) {
	tokens := strings.Split(subject, ".")
	if len(tokens) < 2 || tokens[0] != "$JS" || tokens[1] != "ACK" {
		return reply{}, false
	}
	switch tokens = tokens[2:]; {
	case len(tokens) == 7:
		tokens = tokens[3:]
	case len(tokens) >= 9:
		tokens = tokens[5:9]
	default:
		return reply{}, false
	}

	var numbers [4]uint64
	for i, token := range tokens {
		number, err := strconv.ParseUint(token, 10, 64)
		if err != nil || len(token) > 19 {
			return reply{}, false
		}
		numbers[i] = number
	}

	return reply{numbers[0], numbers[1], int64(numbers[2]), numbers[3]}, true
}
