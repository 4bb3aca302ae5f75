package shard

import (
	"encoding/json"
	"fmt"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/windows/codec"
)

// appendFigures appends the place in the input and what was counted up to it.
func (s *Shard) appendFigures(dst []byte) []byte {
	w := codec.To(dst)
	for _, n := range [...]int64{s.clock, s.minute, s.interval, s.day} {
		w.Int(n)
	}
	c := s.counts
	for _, n := range [...]uint64{
		uint64(s.partition), s.sequence, uint64(s.row), s.cuts, uint64(s.sinceCut),
		c.Processed, c.Duplicates, c.DeadLetters, c.LateDropped, c.Control, c.Raised, c.Cleared,
		c.Held, c.Released, c.Dropped, c.Alerts, c.Forgotten, c.Left, c.RoomMade, c.Scanned,
	} {
		w.Uint(n)
	}
	w.Bool(s.imported.open)
	w.Text(s.imported.id)

	return w.Bytes()
}

func (s *Shard) readFigures(body []byte) error {
	r := reading(body)
	s.clock, s.minute, s.interval, s.day = r.Int(), r.Int(), r.Int(), r.Int()
	partition := r.Uint()
	s.sequence, s.row, s.cuts = r.Uint(), int(r.UintTo(event.MaxRows, "row")), r.Uint()
	s.sinceCut = int(r.UintTo(uint64(s.config.CutRecords), "records since the last cut"))
	c := &s.counts
	for _, n := range [...]*uint64{
		&c.Processed, &c.Duplicates, &c.DeadLetters, &c.LateDropped, &c.Control, &c.Raised, &c.Cleared,
		&c.Held, &c.Released, &c.Dropped, &c.Alerts, &c.Forgotten, &c.Left, &c.RoomMade, &c.Scanned,
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

// appendModel appends the parameters of the model, behind the names of the terms
// that their places stand for.
func (s *Shard) appendModel(dst []byte) []byte {
	w := codec.To(dst)
	writeTerms(&w)
	w.Blob(codec.Must(json.Marshal(s.model.Parameters())))

	return w.Bytes()
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
	r.shard.model.SetParameters(p)

	return nil
}

// appendSampler appends the rows to learn from, behind the names of their terms.
func (s *Shard) appendSampler(dst []byte) []byte {
	w := codec.To(dst)
	writeTerms(&w)

	return s.sampler.AppendBinary(w.Bytes())
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

	return r.shard.sampler.Restore(rows, r.shard.customers.Count)
}
