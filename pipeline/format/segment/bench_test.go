package segment

import (
	stdjson "encoding/json"
	"testing"
	"time"

	"github.com/bytedance/sonic"

	"ebb/pipeline/event"
)

func iso(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// row is the call as a struct of the fields that the decoder reads.
type row struct {
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
	Properties stdjson.RawMessage `json:"properties"`
	Traits     stdjson.RawMessage `json:"traits"`
}

// values are the properties that the decoder reads. A struct can't keep them and the
// whole of the properties, so they take a second reading.
type values struct {
	Revenue      float64            `json:"revenue"`
	Total        float64            `json:"total"`
	Value        float64            `json:"value"`
	Price        float64            `json:"price"`
	Quantity     float64            `json:"quantity"`
	Currency     string             `json:"currency"`
	ProductID    string             `json:"product_id"`
	SKU          string             `json:"sku"`
	Products     stdjson.RawMessage `json:"products"`
	EmailID      string             `json:"email_id"`
	CampaignName string             `json:"campaign_name"`
}

// embedded is row and values in one reading, without the whole of the properties.
type embedded struct {
	row
	Properties values `json:"properties"`
}

// BenchmarkDecode compares with sonic into a struct of the same fields: once as one
// struct, which can't hold the properties as they are, and once with these.
func BenchmarkDecode(b *testing.B) {
	data := []byte(whole)
	run := func(name string, decode func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	d, ev := NewDecoder(shop{}), event.Event{}
	run("ebb", func() error { return d.Decode(data, event.Origin{}, &ev) })
	run("sonic", func() error {
		var r embedded

		return sonic.ConfigDefault.Unmarshal(data, &r)
	})
	run("sonic-with-properties", func() error {
		var r row
		if err := sonic.ConfigDefault.Unmarshal(data, &r); err != nil {
			return err
		}
		var v values

		return sonic.ConfigDefault.Unmarshal(r.Properties, &v)
	})
}
