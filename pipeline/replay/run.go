package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ebb/pipeline"
)

// Progress says how far an import has come.
type Progress struct {
	Rows      uint64 // published, those of an earlier run included
	TotalRows uint64 // about; line breaks inside of rows count
	Clock     int64  // of the last record, Unix ms, shifted
	Waiting   bool   // for the coordinator
}

// Run publishes an import.
type Run struct {
	Plan   *Plan
	Writer Writer

	// Resume goes on with this import where it stopped. Without it an import
	// that was begun before is an error.
	Resume bool

	// Now is the time to shift to; an import that is resumed keeps the shift
	// it began with.
	Now time.Time

	// Progress is called behind every batch; nil for nobody.
	Progress func(Progress)
}

// Import publishes the records of the plan in their order, in batches, and
// waits for the coordinator's answers in between. The mark that it returns is
// the last one stored. After an error, a canceled context included, the same
// Run with Resume goes on behind the last record that was stored.
func (r Run) Import(ctx context.Context) (Mark, error) {
	mark, err := r.begin(ctx)
	if err != nil || mark.State == Done {
		return mark, err
	}
	sequence, err := r.Plan.Open(mark.ShiftMS)
	if err != nil {
		return mark, err
	}
	defer sequence.Close()
	i := &importing{run: r, mark: mark}
	asked, err := i.skip(ctx, sequence)
	if err == nil && asked > 0 {
		err = i.wait(ctx, asked) // the answer may have come since, or not
	}
	if err == nil {
		err = i.publish(ctx, sequence)
	}

	return i.mark, err
}

// begin reads the stored mark and decides whether to start, to go on or to
// refuse.
func (r Run) begin(ctx context.Context) (Mark, error) {
	mark, err := r.Writer.Mark(ctx)
	if err != nil {
		return Mark{}, fmt.Errorf("read the mark of the last import: %w", err)
	}
	same := mark.Import == r.Plan.Import
	switch {
	case mark.State == Open && !same:
		return mark, fmt.Errorf("%w: that of %s, or of this file with other options; go on with the same file, mapping and options and --resume, or give it up with --abort", ErrImportOpen, mark.Source)
	case mark.State == Open && !r.Resume:
		return mark, fmt.Errorf("%w: %s stopped at row %d; go on with --resume, or give it up with --abort", ErrImportOpen, mark.Source, mark.Rows)
	case mark.State == Open:
		return mark, nil
	case mark.State == Done && same && r.Resume:
		return mark, nil
	case mark.State == Done && same:
		return mark, fmt.Errorf("%w: %s, %d rows; use another stream to import it again", ErrImported, mark.Source, mark.Rows)
	case r.Resume:
		return mark, fmt.Errorf("%w to resume; run it without --resume", ErrNoImport)
	}

	return Mark{Import: r.Plan.Import, Source: r.Plan.Source.Name, ShiftMS: r.Plan.Shift(r.Now), State: Open}, nil
}

// importing is an import on its way.
type importing struct {
	run   Run
	mark  Mark // stored last
	batch []pipeline.Record
	rows  uint64 // in the batch
}

// skip passes over the records that are stored and returns the last question
// among them.
func (i *importing) skip(ctx context.Context, sequence *Sequence) (asked uint64, err error) {
	for n := range i.mark.Records {
		step, err := sequence.Next()
		if errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%w: the stream holds %d records of %s, more than it has; was the file changed?", ErrImportOpen, i.mark.Records, i.mark.Source)
		}
		if err == nil && n%BatchRecords == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		asked = max(asked, step.Ask)
	}

	return asked, nil
}

func (i *importing) publish(ctx context.Context, sequence *Sequence) error {
	for {
		step, err := sequence.Next()
		if errors.Is(err, io.EOF) {
			return i.flush(ctx, Done)
		}
		if err != nil {
			return err
		}
		i.batch = append(i.batch, step.Record)
		if step.Row {
			i.rows++
		}
		if len(i.batch) == BatchRecords || step.Ask > 0 {
			if err := i.flush(ctx, Open); err != nil {
				return err
			}
		}
		if step.Ask > 0 {
			if err := i.wait(ctx, step.Ask); err != nil {
				return err
			}
		}
	}
}

func (i *importing) flush(ctx context.Context, state State) error {
	mark := i.mark
	mark.State = state
	mark.Records += uint64(len(i.batch))
	mark.Rows += i.rows
	if len(i.batch) > 0 {
		mark.Clock = i.batch[len(i.batch)-1].Clock
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("import of %s stopped at row %d: %w", mark.Source, i.mark.Rows, err)
	}
	if err := i.run.Writer.Append(ctx, i.batch, mark); err != nil {
		return fmt.Errorf("publish rows %d to %d of %s: %w", i.mark.Rows+1, mark.Rows, mark.Source, err)
	}
	i.mark, i.rows = mark, 0
	i.batch = make([]pipeline.Record, 0, BatchRecords) // the old one is the Writer's
	i.tell(false)

	return nil
}

func (i *importing) wait(ctx context.Context, ask uint64) error {
	i.tell(true)
	if err := i.run.Writer.Wait(ctx, i.mark.Import, ask); err != nil {
		return fmt.Errorf("wait for the coordinator's answer %d: %w; is an ebb running that owns all partitions?", ask, err)
	}

	return nil
}

func (i *importing) tell(waiting bool) {
	if i.run.Progress != nil {
		i.run.Progress(Progress{Rows: i.mark.Rows, TotalRows: max(i.run.Plan.Rows(), i.mark.Rows), Clock: i.mark.Clock, Waiting: waiting})
	}
}

// Abort ends an import that stopped, or one whose clock stands at its last
// row: live time goes on. What has been published stays. ErrNoImport where
// there is nothing to end.
func Abort(ctx context.Context, writer Writer, partitions int) (Mark, error) {
	mark, err := writer.Mark(ctx)
	if err != nil {
		return Mark{}, fmt.Errorf("read the mark of the last import: %w", err)
	}
	if mark.State != Open && (mark.State != Done || mark.ShiftMS != 0) {
		return mark, ErrNoImport
	}
	steps := controls(partitions, mark.Clock, pipeline.ControlEnd, pipeline.EndMark{Import: mark.Import, Aborted: mark.State == Open})
	for len(steps) > 0 {
		n := min(len(steps), BatchRecords)
		records := make([]pipeline.Record, n)
		for i, step := range steps[:n] {
			records[i] = step.Record
		}
		next := mark
		if steps = steps[n:]; len(steps) == 0 {
			next.State = Aborted
		}
		if err := writer.Append(ctx, records, next); err != nil {
			return mark, fmt.Errorf("end the import of %s: %w", mark.Source, err)
		}
		mark = next
	}

	return mark, nil
}
