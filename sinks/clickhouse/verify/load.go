package verify

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Record is one message of the input stream.
type Record struct {
	Sequence  uint64
	Partition uint16
	Lane      string // p: events of producers; c: control; h: history
	Control   string // header Ebb-Control, "" for an event
	Forged    bool   // a header that begins with Ebb-, on lane p
	Clock     int64  // Unix ms; store time, on lane h the header Ebb-Clock
	Unclocked bool   // on lane h, without a readable one
	Rows      int    // on lane h, the header Ebb-Rows: 0 without it, -1 where it is no number
	Stored    int64  // Unix ms; store time
	Body      []byte
}

// Of a block of records that is sent at once.
const (
	blockRows  = 100_000
	blockBytes = 32 << 20
)

// Load makes the scratch tables anew and fills them with the records, as many
// as the pipeline has worked off, in any order.
func Load(ctx context.Context, conn driver.Conn, records iter.Seq2[Record, error]) error {
	if err := execute(ctx, conn, "tables.sql", nil); err != nil {
		return err
	}
	b := block{conn: conn}
	for record, err := range records {
		if err != nil {
			return fmt.Errorf("verify: read the input: %w", err)
		}
		if b.add(record); len(b.sequences) < blockRows && b.bytes < blockBytes {
			continue
		}
		if err := b.send(ctx); err != nil {
			return err
		}
	}

	if err := b.send(ctx); err != nil {
		return err
	}

	return execute(ctx, conn, "rows.sql", nil)
}

// block is records by column.
type block struct {
	conn       driver.Conn
	sequences  []uint64
	partitions []uint16
	lanes      []string
	controls   []string
	forged     []bool
	unclocked  []bool
	rows       []int32
	clocks     []int64
	stored     []int64
	bodies     []string
	bytes      int
}

func (b *block) add(r Record) {
	b.sequences = append(b.sequences, r.Sequence)
	b.partitions = append(b.partitions, r.Partition)
	b.lanes = append(b.lanes, r.Lane)
	b.controls = append(b.controls, r.Control)
	b.forged = append(b.forged, r.Forged)
	b.unclocked = append(b.unclocked, r.Unclocked)
	b.rows = append(b.rows, int32(r.Rows))
	b.clocks = append(b.clocks, r.Clock)
	b.stored = append(b.stored, r.Stored)
	b.bodies = append(b.bodies, string(r.Body))
	b.bytes += len(r.Body)
}

// send inserts the block and empties it.
func (b *block) send(ctx context.Context) error {
	if len(b.sequences) == 0 {
		return nil
	}
	err := insert(ctx, b.conn, "verify_messages", "sequence, partition, lane, control, forged, unclocked, rows, clock, stored, body",
		b.sequences, b.partitions, b.lanes, b.controls, b.forged, b.unclocked, b.rows, b.clocks, b.stored, b.bodies)
	*b = block{conn: b.conn}

	return err
}

// insert writes columns of equal length to a scratch table.
func insert(ctx context.Context, conn driver.Conn, table, names string, columns ...any) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+names+")")
	if err != nil {
		return fmt.Errorf("verify: table %s: %w", table, err)
	}
	defer batch.Close()
	for i, column := range columns {
		if err := batch.Column(i).Append(column); err != nil {
			return fmt.Errorf("verify: table %s, column %s: %w", table, strings.Split(names, ", ")[i], err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("verify: table %s: %w", table, err)
	}

	return nil
}

// loadSettings fills the tables of the configurations.
func loadSettings(ctx context.Context, conn driver.Conn, s *Settings) error {
	for _, table := range []string{"configs", "reads", "types", "channels", "currencies", "words"} {
		if err := conn.Exec(ctx, "TRUNCATE TABLE verify_"+table); err != nil {
			return fmt.Errorf("verify: table verify_%s: %w", table, err)
		}
	}
	stories := s.stories()
	for _, c := range s.all() {
		if err := loadConfig(ctx, conn, c.Version, stories[c.Version], &c.Settings); err != nil {
			return err
		}
	}
	if len(s.Currencies) > 0 {
		return insert(ctx, conn, "verify_currencies", "currency", s.Currencies)
	}

	return nil
}

// stayed is how long customers stay, in ms; longer than any stream where it is for
// ever.
func stayed(keep time.Duration) int64 {
	if keep == 0 {
		return 1 << 50
	}

	return keep.Milliseconds()
}

// loadConfig adds what one configuration says.
func loadConfig(ctx context.Context, conn driver.Conn, version uint64, story uint32, s *Settings) error {
	err := insert(ctx, conn, "verify_configs", "version, story, lateness, skew, interval, cut_records, max_bytes, reject_unknown, forget_denied, currency, stay, stay_anonymous, horizon, scanner",
		[]uint64{version}, []uint32{story}, []int64{s.Lateness.Milliseconds()}, []int64{s.Skew.Milliseconds()}, []int64{s.CutInterval.Milliseconds()},
		[]int64{int64(s.CutRecords)}, []uint64{uint64(s.MaxEventBytes)}, []bool{s.RejectUnknown}, []bool{s.ForgetByCommand}, []string{s.Currency},
		[]int64{stayed(s.Keep)}, []int64{stayed(s.KeepAnonymous)}, []int64{s.Horizon.Milliseconds()}, []int64{s.ScannerWithin.Milliseconds()})
	if err != nil {
		return err
	}
	var columns []string
	for _, c := range s.kept() {
		columns = append(columns, c.Name)
	}
	if err := insert(ctx, conn, "verify_reads", "config, column", slices.Repeat([]uint64{version}, len(columns)), columns); err != nil {
		return err
	}
	var names, types, kinds, channels, stages []string
	var qualifying, ends, negative, contacts, bySurvey []bool
	var worst, best, weights []float64
	var money []int8
	for _, t := range s.Types {
		names, types = append(names, t.Name), append(types, t.Type)
		kinds, channels = append(kinds, t.Kind), append(channels, t.Channel)
		qualifying, ends = append(qualifying, t.Qualifying), append(ends, t.Ends)
		negative, contacts = append(negative, t.Negative), append(contacts, t.Contacts)
		worst, best, bySurvey = append(worst, t.Worst), append(best, t.Best), append(bySurvey, t.BySurvey)
		money, stages = append(money, t.Money), append(stages, t.Stage)
		weights = append(weights, t.Weight)
	}
	err = insert(ctx, conn, "verify_types", "config, name, type, kind, channel, qualifying, ends, negative, contacts, worst, best, by_survey, money, stage, weight",
		slices.Repeat([]uint64{version}, len(names)), names, types, kinds, channels, qualifying, ends, negative, contacts, worst, best, bySurvey, money, stages, weights)
	if err != nil {
		return err
	}
	keys := slices.Sorted(maps.Keys(s.Words))
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = s.Words[key]
	}
	if err := insert(ctx, conn, "verify_words", "config, key, text", slices.Repeat([]uint64{version}, len(keys)), keys, texts); err != nil {
		return err
	}
	if len(s.Channels) == 0 {
		return nil
	}

	return insert(ctx, conn, "verify_channels", "config, channel", slices.Repeat([]uint64{version}, len(s.Channels)), s.Channels)
}
