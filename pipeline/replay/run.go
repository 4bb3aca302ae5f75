package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/event"
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

	// Compared is called behind the last row of a file with what of its ids looks
	// wrong; nil for nobody.
	Compared func(IDs)
}

// Import publishes the rows and ticks of the plan in their order, in batches,
// and puts the coordinator's answers at their places in between, so that
// results don't depend on speed. After an error, a canceled context included, a Run with
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
	if r.Compared != nil {
		sequence.compareIDs()
	}
	i := &importing{run: r, sequence: sequence}
	i.packing = newPacking(r.Plan.Options.Partitions, status.PackRows, i.rowOrTick)
	if err := i.skip(ctx, status.Records); err != nil {
		return err
	}

	if err := i.publish(ctx); err != nil {
		return err
	}
	if sequence.people != nil {
		r.Compared(sequence.people.ids())
	}

	return nil
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
	packing  *packing
}

// rowOrTick is the next row or tick: start and end marks are the Writer's.
func (i *importing) rowOrTick() (Step, error) {
	for {
		step, err := i.sequence.Next()
		if err != nil || step.Record.Control == event.ControlNone || step.Record.Control == event.ControlTick {
			return step, err
		}
	}
}

// skip passes over the rows and ticks that are stored.
func (i *importing) skip(ctx context.Context, stored uint64) error {
	passed := uint64(0)
	for passed < stored {
		step, err := i.packing.next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %d records are stored, and %s has no more than %d", ErrOtherFile, stored, i.run.Plan.Source.Name, passed)
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		passed += uint64(max(step.Record.Rows, 1))
	}
	if passed > stored {
		return fmt.Errorf("%w: %d records are stored, and no record of %s ends there", ErrOtherFile, stored, i.run.Plan.Source.Name)
	}

	return nil
}

// portion is what is appended at once.
type portion struct {
	await   uint64 // question whose answers stand before the records, 0 for none
	records []event.Record
	bytes   int
}

// How many portions are read while one is published, and how many bytes one has,
// but for its last record.
const (
	readAhead    = 4
	portionBytes = 2 << 20
)

// publish reads and publishes side by side.
func (i *importing) publish(ctx context.Context) error {
	group, work := errgroup.WithContext(ctx)
	portions := make(chan portion, readAhead)
	group.Go(func() error {
		defer close(portions)

		return i.read(work, portions)
	})
	group.Go(func() error {
		for p := range portions {
			if err := i.append(work, p); err != nil {
				return err
			}
		}

		return nil
	})
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}

		return i.stopped(err)
	}

	return i.end(ctx)
}

// read makes portions of all that follows.
func (i *importing) read(ctx context.Context, portions chan<- portion) error {
	var next portion
	hand := func() error {
		if len(next.records) == 0 {
			return nil
		}
		select {
		case portions <- next:
			next = portion{}

			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		step, err := i.packing.next()
		if errors.Is(err, io.EOF) {
			return hand()
		}
		if err != nil {
			return err
		}
		if step.Await > 0 {
			if err := hand(); err != nil {
				return err
			}
			next.await = step.Await
		}
		next.records = append(next.records, step.Record)
		next.bytes += len(step.Record.Data)
		if len(next.records) == BatchRecords || next.bytes >= portionBytes {
			if err := hand(); err != nil {
				return err
			}
		}
	}
}

func (i *importing) append(ctx context.Context, p portion) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.await > 0 {
		i.tell(true)
		if err := i.run.Writer.Answers(ctx, p.await); err != nil {
			return fmt.Errorf("wait for the coordinator's answer %d: %w", p.await, err)
		}
	}
	if err := i.run.Writer.Append(ctx, p.records); err != nil {
		return err
	}
	i.tell(false)

	return nil
}

func (i *importing) end(ctx context.Context) error {
	end := i.run.Writer.Freeze
	if i.run.Plan.Options.ShiftToNow || i.run.Plan.Options.LiveFollows {
		end = i.run.Writer.End
	}
	if err := end(ctx); err != nil {
		return fmt.Errorf("end the import of %s, all rows of which are published: %w; go on with --resume", i.run.Plan.Source.Name, err)
	}
	i.tell(false)

	return nil
}

func (i *importing) stopped(err error) error {
	return fmt.Errorf("import of %s stopped at row %d: %w; go on with --resume", i.run.Plan.Source.Name, i.run.Writer.Status().Rows, err)
}

func (i *importing) tell(waiting bool) {
	if i.run.Progress == nil {
		return
	}
	status := i.run.Writer.Status()
	total := max(i.run.Plan.Rows(), status.Rows)
	i.run.Progress(Progress{Rows: status.Rows, TotalRows: total, Clock: status.Clock, Waiting: waiting})
}
