package local_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"

	"ebb/deploy/local/localtest"
)

// everyType is a row with the column types that schemas use.
type everyType struct {
	ID       uint64            `ch:"id"`
	Name     string            `ch:"name"`
	Channel  string            `ch:"channel"`
	Tags     []string          `ch:"tags"`
	Labels   map[string]string `ch:"labels"`
	Score    *float64          `ch:"score"`
	Amount   decimal.Decimal   `ch:"amount"`
	At       time.Time         `ch:"at"`
	Seconds  time.Time         `ch:"seconds"`
	Enabled  bool              `ch:"enabled"`
	Level    string            `ch:"level"`
	Counts   []uint32          `ch:"counts"`
	Version  uint64            `ch:"version"`
	Negative int64             `ch:"negative"`
}

const everyTypeTable = `
CREATE TABLE every_type
(
    id       UInt64,
    name     String,
    channel  LowCardinality(String),
    tags     Array(LowCardinality(String)),
    labels   Map(LowCardinality(String), String),
    score    Nullable(Float64),
    amount   Decimal(18, 4),
    at       DateTime64(3, 'UTC'),
    seconds  DateTime('UTC'),
    enabled  Bool,
    level    Enum8('healthy' = 1, 'lapsed' = 2),
    counts   Array(UInt32),
    version  UInt64,
    negative Int64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL seconds + INTERVAL 3650 DAY`

func everyTypeRows() []everyType {
	score := 0.25
	at := time.Date(2026, 3, 1, 12, 30, 0, 123e6, time.UTC)
	return []everyType{
		{
			ID: 1, Name: "line one\nline two\x00\xff\t\\N';--", Channel: "email", Tags: []string{"a\n", ""},
			Labels: map[string]string{"k\n": "v\x00"}, Score: &score, Amount: decimal.RequireFromString("-12.3456"),
			At: at, Seconds: at.Truncate(time.Second), Enabled: true, Level: "lapsed", Counts: []uint32{0, 1<<32 - 1},
			Version: 1<<64 - 1, Negative: -1 << 63,
		},
		{
			ID: 1<<64 - 1, Tags: []string{}, Labels: map[string]string{}, Amount: decimal.RequireFromString("0"),
			At: at.Add(time.Millisecond), Seconds: at.Truncate(time.Second), Level: "healthy", Counts: []uint32{},
		},
	}
}

func TestClickHouseKeepsEveryType(t *testing.T) {
	compressions := map[string]*clickhouse.Compression{
		"none":    nil,
		"lz4":     {Method: clickhouse.CompressionLZ4},
		"zstd":    {Method: clickhouse.CompressionZSTD},
		"gzip":    {Method: clickhouse.CompressionGZIP, Level: 1},
		"deflate": {Method: clickhouse.CompressionDeflate, Level: 1},
		"br":      {Method: clickhouse.CompressionBrotli, Level: 1},
	}
	localtest.ClickHouse(t) // keeps the engine running between the cases
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			options := localtest.ClickHouse(t).Options()
			options.Compression = compression
			options.Settings = clickhouse.Settings{"enable_http_compression": 1}
			conn := openConn(t, options)

			mustExec(t, conn, everyTypeTable)
			want := everyTypeRows()
			mustInsert(t, conn, "INSERT INTO every_type", want)

			var got []everyType
			if err := conn.Select(t.Context(), &got, "SELECT * FROM every_type FINAL ORDER BY id"); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(flat(got)) != fmt.Sprint(flat(want)) || !reflect.DeepEqual(names(got), names(want)) {
				t.Errorf("read %v\nwrote %v", flat(got), flat(want))
			}
		})
	}
}

// flat makes rows comparable: times and decimals by value, pointers followed.
func flat(rows []everyType) []string {
	var out []string
	for _, r := range rows {
		score := "null"
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		out = append(out, fmt.Sprintf("%d %q %s %q %q %s %s %s %s %t %s %v %d %d", r.ID, r.Name, r.Channel, r.Tags, r.Labels,
			score, r.Amount.StringFixed(4), r.At.UTC(), r.Seconds.UTC(), r.Enabled, r.Level, r.Counts, r.Version, r.Negative))
	}
	return out
}

func names(rows []everyType) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Name)
	}
	return out
}
