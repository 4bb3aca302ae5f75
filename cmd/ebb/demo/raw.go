package demo

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"ebb/pipeline/event"
	"ebb/sinks/clickhouse/verify"
)

// rawRow is a line of --raw: one record of the input stream, or one row of a record
// of history, in the order in which its partition read it. Nothing is judged: what
// is late, a duplicate or no event stands there as it came.
type rawRow struct {
	Partition uint16 `json:"partition"`
	Sequence  uint64 `json:"sequence"`      // of the record in the stream
	Row       int    `json:"row,omitempty"` // of a record of several, from 1
	Lane      string `json:"lane"`          // p: events of producers; h: history; c: control
	Control   string `json:"control,omitempty"`
	Clock     int64  `json:"clock"` // Unix ms
	Body      string `json:"body,omitempty"`
	Bytes     []byte `json:"bytes,omitempty"` // base64, where the body is no UTF-8
}

// writeRaw writes what the pipeline has read to a file, which is compressed where its
// name ends in .gz. The engine must have stopped, so that the tables tell of the same.
func (d *Demo) writeRaw(ctx context.Context, path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("--raw: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffer := bufio.NewWriterSize(file, 1<<20)
	var to io.Writer = buffer
	var zip *gzip.Writer
	if strings.HasSuffix(path, ".gz") {
		zip = gzip.NewWriter(buffer)
		to = zip
	}
	began, lines := time.Now(), 0
	encoder := json.NewEncoder(to)
	for record, err := range d.rawStream(ctx) {
		if err != nil {
			return fmt.Errorf("--raw: read the input: %w", err)
		}
		for _, row := range rawRows(&record) {
			if err := encoder.Encode(row); err != nil {
				return fmt.Errorf("--raw: %w", err)
			}
			lines++
		}
	}
	if zip != nil {
		if err := zip.Close(); err != nil {
			return fmt.Errorf("--raw: %w", err)
		}
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("--raw: %w", err)
	}
	fmt.Fprintf(d.To.Err, "Wrote %d records to %s in %.1f s.\n", lines, path, time.Since(began).Seconds())

	return nil
}

// rawRows are the lines of a record.
func rawRows(r *verify.Record) []rawRow {
	line := rawRow{Partition: r.Partition, Sequence: r.Sequence, Lane: r.Lane, Control: r.Control, Clock: r.Clock}
	if r.Lane == "h" && r.Control == "" && r.Rows != 0 {
		if rows, whole := event.SplitRows(nil, r.Body, r.Rows); whole {
			lines := make([]rawRow, len(rows))
			for i, row := range rows {
				lines[i] = line
				lines[i].Row, lines[i].Clock = i+1, row.Clock
				lines[i].carry(row.Body)
			}

			return lines
		}
	}
	line.carry(r.Body)

	return []rawRow{line}
}

func (r *rawRow) carry(body []byte) {
	if utf8.Valid(body) {
		r.Body = string(body)
	} else {
		r.Bytes = body
	}
}
