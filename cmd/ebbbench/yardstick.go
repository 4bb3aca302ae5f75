package main

import (
	stdjson "encoding/json"
	"time"

	"github.com/bytedance/sonic"
)

// yardsticks are decoders that everybody has. A shard's rate as a multiple of
// theirs, for the same events on the same core and in turns with it, says more
// about the shard than its rate, which is mostly the machine's. The shard
// decodes an event and does all the rest, they only decode it.
type yardsticks struct {
	EncodingJSON      float64 `json:"encoding_json_decode_events_per_second"`
	Sonic             float64 `json:"sonic_decode_events_per_second"`
	ShardOverEncoding float64 `json:"shard_over_encoding_json"`
	ShardOverSonic    float64 `json:"shard_over_sonic"`
}

// yardstickEvents is how many events of a chunk they decode in a turn.
const yardstickEvents = 10_000

func decodeEncodingJSON(data []byte) error {
	var row fields[stdjson.RawMessage]

	return stdjson.Unmarshal(data, &row)
}

func decodeSonic(data []byte) error {
	var row fields[stdjson.RawMessage]

	return sonic.ConfigDefault.Unmarshal(data, &row)
}

// yardstick is the rate of a decoder for the first events of the chunk.
func (r *shardRun) yardstick(decode func([]byte) error) (float64, error) {
	records := r.records[:min(len(r.records), yardstickEvents)]
	start := time.Now()
	for i := range records {
		if err := decode(records[i].Data); err != nil {
			return 0, err
		}
	}

	return float64(len(records)) / time.Since(start).Seconds(), nil
}
