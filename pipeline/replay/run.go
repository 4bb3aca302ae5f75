package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ebb/pipeline"
)

// Progress says how far an import has come.
type Progress struct {
	Rows      uint64 // stored, those of an earlier run included
	TotalRows uint64 // about; line breaks inside of rows count
	Clock     int64  // of the last record, Unix ms, shifted
	Waiting   bool   // for the coordinator
}

// Run publishes an import.
type Run struct {
	Plan   *Plan
	Writer Writer // of the import Plan.Import

	// Resume goes on with an import where it stopped. Without it, one that has
	// begun before is an error.
	Resume bool

	// Progress is called behind every batch; nil for nobody.
	Progress func(Progress)
}

// Import publishes the rows and ticks of the plan in their order, in batches,
// and waits for the coordinator's answers in between, so that results don't
// depend on speed. After an error, a canceled context included, a Run with
// Resume goes on behind the last record that was stored.
func (r Run) Import(ctx context.Context) error {
	status := r.Writer.Status()
	if over, err := r.check(status); over || err != nil {
		return err
	}
	sequence, err := r.Plan.Open(status.ShiftMS)
	if err != nil {
		return err
	}
	defer sequence.Close()
	i := &importing{run: r, sequence: sequence}
	asked, err := i.skip(ctx, status.Records)
	if err == nil && asked > 0 {
		err = i.wait(ctx, asked) // the import may have stopped before the answer came
	}
	if err == nil {
		err = i.publish(ctx)
	}

	return err
}

// check tells whether there is anything left to do, or an error.
func (r Run) check(status Status) (over bool, err error) {
	switch {
	case status.Import != r.Plan.Import:
		return false, fmt.Errorf("%w: that of %s; resume with the file, mapping and options that it began with", ErrOtherFile, status.Source)
	case status.State == Aborted:
		return false, fmt.Errorf("%w: it was given up at row %d; use another stream to import %s again", ErrImported, status.Rows, status.Source)
	case status.State != Open && !r.Resume:
		return false, fmt.Errorf("%w: %s, %d rows; use another stream to import it again", ErrImported, status.Source, status.Rows)
	case status.State == Open && status.Records > 0 && !r.Resume:
		return false, fmt.Errorf("%w: %s stopped at row %d; go on with --resume, or give it up with --abort", ErrImportOpen, status.Source, status.Rows)
	}

	return status.State != Open, nil
}

// importing is an import on its way.
type importing struct {
	run      Run
	sequence *Sequence
	batch    []pipeline.Record
}

// next is the next row or tick: start and end marks are the Writer's.
func (i *importing) next() (Step, error) {
	for {
		step, err := i.sequence.Next()
		if err != nil || step.Record.Control == pipeline.ControlNone || step.Record.Control == pipeline.ControlTick {
			return step, err
		}
	}
}

// skip passes over the records that are stored and returns the last question
// among them.
func (i *importing) skip(ctx context.Context, stored uint64) (asked uint64, err error) {
	for n := range stored {
		step, err := i.next()
		if errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%w: %d records are stored, and %s has no more than %d", ErrOtherFile, stored, i.run.Plan.Source.Name, n)
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

func (i *importing) publish(ctx context.Context) error {
	for {
		step, err := i.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		i.batch = append(i.batch, step.Record)
		if len(i.batch) == BatchRecords || step.Ask > 0 {
			if err := i.flush(ctx); err != nil {
				return err
			}
		}
		if step.Ask > 0 {
			if err := i.wait(ctx, step.Ask); err != nil {
				return err
			}
		}
	}
	if err := i.flush(ctx); err != nil {
		return err
	}

	return i.end(ctx)
}

func (i *importing) end(ctx context.Context) error {
	end := i.run.Writer.Freeze
	if i.run.Plan.Options.ShiftToNow {
		end = i.run.Writer.End
	}
	if err := end(ctx); err != nil {
		return fmt.Errorf("end the import of %s, all rows of which are stored: %w; go on with --resume", i.run.Plan.Source.Name, err)
	}

	return nil
}

func (i *importing) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return i.stopped(err)
	}
	if len(i.batch) == 0 {
		return nil
	}
	if err := i.run.Writer.Append(ctx, i.batch); err != nil {
		return i.stopped(err)
	}
	i.batch = make([]pipeline.Record, 0, BatchRecords) // the old one is the Writer's
	i.tell(false)

	return nil
}

func (i *importing) stopped(err error) error {
	return fmt.Errorf("import of %s stopped at row %d: %w; go on with --resume", i.run.Plan.Source.Name, i.run.Writer.Status().Rows, err)
}

func (i *importing) wait(ctx context.Context, ask uint64) error {
	i.tell(true)
	if err := i.run.Writer.Wait(ctx, ask); err != nil {
		return i.stopped(fmt.Errorf("wait for the coordinator's answer %d: %w", ask, err))
	}

	return nil
}

func (i *importing) tell(waiting bool) {
	if i.run.Progress == nil {
		return
	}
	status := i.run.Writer.Status()
	total := max(i.run.Plan.Rows(), status.Rows)
	i.run.Progress(Progress{Rows: status.Rows, TotalRows: total, Clock: status.Clock, Waiting: waiting})
}
