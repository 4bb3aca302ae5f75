package shard

import (
	"encoding/json"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/windows/codec"
)

// writeFigures writes the place in the input and what was counted up to it.
func writeFigures(s *Shard, w *codec.Writer) {
	for _, n := range [...]int64{s.clock, s.figures.minute, s.reporter.interval, s.customers.day} {
		w.Int(n)
	}
	c := s.counts
	for _, n := range [...]uint64{
		uint64(s.partition), s.sequence, uint64(s.row), s.cuts, uint64(s.cutter.since),
		c.Processed, c.Duplicates, c.DeadLetters, c.LateDropped, c.Control, c.Raised, c.Cleared,
		c.Held, c.Released, c.Dropped, c.Alerts, c.TooOld, c.Left, c.RoomMade, c.Scanned,
	} {
		w.Uint(n)
	}
	w.Bool(s.imported.open)
	w.Text(s.imported.id)
}

func readFigures(s *Shard, body []byte) error {
	r := reading(body)
	s.clock, s.figures.minute, s.reporter.interval, s.customers.day = r.Int(), r.Int(), r.Int(), r.Int()
	partition := r.Uint()
	s.sequence, s.row, s.cuts = r.Uint(), int(r.UintTo(event.MaxRows, "row")), r.Uint()
	s.cutter.since = int(r.UintTo(uint64(s.config.CutRecords), "records since the last cut"))
	c := &s.counts
	for _, n := range [...]*uint64{
		&c.Processed, &c.Duplicates, &c.DeadLetters, &c.LateDropped, &c.Control, &c.Raised, &c.Cleared,
		&c.Held, &c.Released, &c.Dropped, &c.Alerts, &c.TooOld, &c.Left, &c.RoomMade, &c.Scanned,
	} {
		*n = r.Uint()
	}
	s.imported.open, s.imported.id = r.Bool("an open import"), r.Text()
	if err := r.End(); err != nil {
		return err
	}
	if partition != uint64(s.partition) {
		return fmt.Errorf("it is of partition %d, not %d", partition, s.partition)
	}

	return nil
}

// readClockOne reads what was written when events alone could wait.
func readClockOne(s *Shard, r *codec.Reader) {
	s.timing.ReadOne(r)
	s.counts.Leaps = s.timing.Leaps()
}

func readClock(s *Shard, r *codec.Reader) {
	s.timing.Read(r)
	s.counts.Leaps = s.timing.Leaps()
}

// writeModel writes the parameters of the model, behind the names of the terms that
// their places stand for.
func writeModel(s *Shard, w *codec.Writer) {
	writeTerms(w)
	w.Blob(codec.Must(json.Marshal(s.detector.model.Parameters())))
}

func (r *restorer) readModel(body []byte) error {
	from := reading(body)
	r.relearn = !sameTerms(&from)

	return r.readParameters(&from)
}

// readModelFive reads what format 5 knew.
func (r *restorer) readModelFive(body []byte) error {
	from := reading(body)
	r.relearn = !isTerms(termsOfFive())

	return r.readParameters(&from)
}

// readParameters reads those of the same terms. With others the model begins with
// the prior, as it did once.
func (r *restorer) readParameters(from *codec.Reader) error {
	learned := from.Blob()
	if err := from.End(); err != nil {
		return err
	}
	if r.relearn {
		return errStartsEmpty
	}
	var p churn.Parameters
	if err := json.Unmarshal(learned, &p); err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	if err := p.Validate(); p.Version > 0 && err != nil { // version 0 is the prior, whatever it is by now
		return fmt.Errorf("parameters: %w", err)
	}
	r.shard.detector.model.SetParameters(p)

	return nil
}

// writeSampler writes the rows to learn from, behind the names of their terms.
func writeSampler(s *Shard, w *codec.Writer) {
	writeTerms(w)
	*w = codec.To(s.detector.sampler.AppendBinary(w.Bytes()))
}

func (r *restorer) readSampler(body []byte) error {
	from := reading(body)
	if same := sameTerms(&from); from.Err() == nil && !same {
		return errStartsEmpty
	}

	return r.restoreSampler(&from)
}

func (r *restorer) readSamplerFive(body []byte) error {
	if !isTerms(termsOfFive()) {
		return errStartsEmpty
	}
	from := reading(body)

	return r.restoreSampler(&from)
}

func (r *restorer) restoreSampler(from *codec.Reader) error {
	rows := from.Take(uint64(from.Len()))
	if err := from.End(); err != nil {
		return err
	}

	return r.shard.detector.sampler.Restore(rows, r.shard.customers.Count)
}
