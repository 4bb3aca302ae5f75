package origin_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
)

func TestOf(t *testing.T) {
	made := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	began := made.Add(-400 * time.Hour)
	for name, test := range map[string]struct {
		kept string
		want time.Time
	}{
		"never restored":    {"", made},
		"restored":          {began.Format(time.RFC3339Nano), began},
		"in another zone":   {began.In(time.FixedZone("", 3600)).Format(time.RFC3339Nano), began},
		"not a time":        {"yesterday", made},
		"after it was made": {made.Add(time.Second).Format(time.RFC3339Nano), made},
	} {
		info := &jetstream.StreamInfo{Created: made}
		if test.kept != "" {
			info.Config.Metadata = map[string]string{origin.Key: test.kept}
		}
		if got := origin.Of(info); !got.Equal(test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}
