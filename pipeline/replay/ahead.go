package replay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
)

// How far rows are read ahead of who takes them: so many batches, each of so
// many rows or, where rows are long, bytes.
const (
	aheadBatches = 4
	aheadRows    = 512
	aheadBytes   = 256 << 10
)

// Ahead reads all rows and gives them to take in their order, while a goroutine
// of its own reads those behind them: what is done with a row takes about as
// long as reading one. The rows have no Customer, Type or ID, whose memory is
// the reader's. It ends with the file, the first error that Next has, or ctx.
func (r *Reader) Ahead(ctx context.Context, take func(row *Row)) error {
	full, empty := make(chan []Row, aheadBatches), make(chan []Row, aheadBatches)
	for range aheadBatches {
		empty <- make([]Row, 0, aheadRows)
	}
	var err error
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(full)
		for batch := range empty {
			if batch, err = r.readBatch(ctx, batch[:0]); len(batch) > 0 {
				full <- batch
			}
			if err != nil {
				return
			}
		}
	})
	for batch := range full {
		for i := range batch {
			take(&batch[i])
		}
		empty <- batch
	}
	reading.Wait()
	if errors.Is(err, io.EOF) {
		return nil
	}

	return err
}

// readBatch appends rows until there is enough, and any error of the row behind
// them.
func (r *Reader) readBatch(ctx context.Context, batch []Row) ([]Row, error) {
	if err := ctx.Err(); err != nil {
		return batch, err
	}
	held := 0
	for len(batch) < cap(batch) && held < aheadBytes {
		var row Row
		if err := r.Next(&row); err != nil {
			return batch, err
		}
		row.Customer, row.Type, row.ID, row.Kind = nil, nil, nil, bytes.Clone(row.Kind)
		batch = append(batch, row)
		held += len(row.Body)
	}

	return batch, nil
}
