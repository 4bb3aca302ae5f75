package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/bytedance/sonic"

	"ebb/pipeline/event"
	"ebb/pipeline/format/segment"
	"ebb/pipeline/vocabulary"
)

// segmentFigures are those of the decoder of Segment's calls, beside sonic into a struct
// of the same fields.
type segmentFigures struct {
	Segment          float64 `json:"decode_segment_events_per_second"`
	SegmentSonic     float64 `json:"decode_segment_sonic_events_per_second"`
	SegmentOverSonic float64 `json:"decode_segment_ratio_sonic"`
	SegmentBytes     float64 `json:"decode_segment_bytes_per_event"`
}

// call is a call of Segment's with the fields that the decoder reads.
type call struct {
	Type        string    `json:"type"`
	Event       string    `json:"event"`
	UserID      string    `json:"userId"`
	AnonymousID string    `json:"anonymousId"`
	MessageID   string    `json:"messageId"`
	Timestamp   time.Time `json:"timestamp"`
	Original    time.Time `json:"originalTimestamp"`
	SentAt      time.Time `json:"sentAt"`
	ReceivedAt  time.Time `json:"receivedAt"`
	PreviousID  string    `json:"previousId"`
	GroupID     string    `json:"groupId"`
	Name        string    `json:"name"`
	Channel     string    `json:"channel"`
	Context     struct {
		SessionID int64 `json:"sessionId"`
		Campaign  struct {
			Name string `json:"name"`
		} `json:"campaign"`
		Device struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"device"`
		Agent struct {
			Mobile bool `json:"mobile"`
		} `json:"userAgentData"`
	} `json:"context"`
	Properties struct {
		Revenue      float64 `json:"revenue"`
		Total        float64 `json:"total"`
		Value        float64 `json:"value"`
		Price        float64 `json:"price"`
		Quantity     float64 `json:"quantity"`
		Currency     string  `json:"currency"`
		ProductID    string  `json:"product_id"`
		SKU          string  `json:"sku"`
		EmailID      string  `json:"email_id"`
		CampaignName string  `json:"campaign_name"`
		Products     []struct {
			ProductID string  `json:"product_id"`
			SKU       string  `json:"sku"`
			Price     float64 `json:"price"`
			Quantity  float64 `json:"quantity"`
		} `json:"products"`
	} `json:"properties"`
}

// measureSegment lets both take turns on the same calls.
func measureSegment(ctx context.Context, f *figures, say *progress) error {
	say.step("two decoders of Segment's calls, %d turns each", decodeTurns)
	calls, bytes := segmentCalls()
	decoder, ev := segment.NewDecoder(vocabulary.DefaultVocabulary()), event.Event{}
	decoders := [2]func([]byte) error{
		func(data []byte) error { return decoder.Decode(data, event.Origin{}, &ev) },
		func(data []byte) error {
			var row call

			return sonic.ConfigDefault.Unmarshal(data, &row)
		},
	}
	var rates [len(decoders)][]float64
	for range decodeTurns {
		for i, decode := range decoders {
			rate, err := decodeRate(calls, decode)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	s := segmentFigures{Segment: median(rates[0]), SegmentSonic: median(rates[1]), SegmentBytes: bytes}
	s.SegmentOverSonic = s.Segment / s.SegmentSonic
	f.segmentFigures = &s

	return nil
}

// segmentCalls are calls as browsers send them, of orders and of pages in turn.
func segmentCalls() (calls [][]byte, bytes float64) {
	const context = `"context":{"active":true,"app":{"name":"Initech","version":"545"},"campaign":{"name":"TPS","source":"Newsletter"},` +
		`"device":{"id":"B537","type":"ios","model":"iPhone7,2"},"library":{"name":"analytics.js","version":"2.11.1"},"locale":"en-US",` +
		`"page":{"path":"/academy/","title":"Academy"},"sessionId":1778,"userAgent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/113.0"}`
	for i := range 1 << 10 {
		who := fmt.Sprintf(`"messageId":"022bb90c-bbac-11e4-8dfc-%012d","anonymousId":"507f191e810c19729de8%d","userId":"97980cfea%d","timestamp":"2026-05-04T04:08:31.905Z","sentAt":"2026-05-04T04:08:31.981Z",`, i, i%97, i%89)
		one := `{"type":"page","name":"Academy",` + who + context + `,"properties":{"path":"/academy/","referrer":"","title":"Academy"}}`
		if i%2 == 0 {
			one = `{"type":"track","event":"Order Completed",` + who + context + `,"properties":{"order_id":"50314b8e9bcf","total":27.50,"revenue":25.00,"currency":"USD",` +
				`"products":[{"product_id":"507f1f77","price":19,"quantity":1},{"sku":"46493-32","price":3,"quantity":2}]}}`
		}
		calls = append(calls, []byte(one))
		bytes += float64(len(one))
	}

	return calls, bytes / float64(len(calls))
}

func (s *segmentFigures) print(out io.Writer) {
	table(out, fmt.Sprintf("Decoder of Segment's calls: of %.0f bytes, one goroutine", s.SegmentBytes),
		[]string{"", "calls/s", "ebb is faster by"},
		[]string{"ebb", count(s.Segment), ""},
		[]string{"sonic", count(s.SegmentSonic), ratio(s.SegmentOverSonic)},
	)
}
