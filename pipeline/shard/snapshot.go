package shard

import (
	"errors"
	"fmt"
	"slices"

	"ebb/pipeline/meaning"
	"ebb/pipeline/section"
	"ebb/pipeline/vocabulary"
	"ebb/windows/codec"
)

// ErrSnapshot says that bytes are not a snapshot of this shard.
var ErrSnapshot = errors.New("not a usable snapshot")

// ErrNewer says that a snapshot is good, and that a newer program wrote it. It is
// no reason to make the state again from the stream, or to touch the snapshot.
var ErrNewer = section.ErrNewer

// Lineage is what a shard knows of the snapshot that it came from.
type Lineage struct {
	// Format is that of the snapshot; 0 where there was none.
	Format int

	since map[string]section.Since // by section: from when on it tells of the input, where that is not all of it
	kept  []section.Section        // that this program does not know; they are written back as they are
}

// Since says from which record on a section of the state tells of the input: of
// one that a snapshot did not hold yet. The zero Since is the partition's beginning.
func (l *Lineage) Since(name string) section.Since { return l.since[name] }

// Lineage says where the shard's state comes from.
func (s *Shard) Lineage() *Lineage { return &s.lineage }

// RestoreShard brings a shard back from its snapshot, under the configuration that
// was in force in it. Of config it takes what is fixed for the life of a stream.
// Bytes that are cut, changed, or of another partition give an error that wraps
// ErrSnapshot, and those of a newer program one that wraps ErrNewer.
func RestoreShard(config meaning.Config, partition int, data []byte) (*Shard, error) {
	return restoreParts(parts(), config, partition, data)
}

// restorer is a shard on its way back.
type restorer struct {
	own       meaning.Config
	partition int
	names     vocabulary.Dictionary
	shard     *Shard // as soon as the configuration is read
	relearn   bool   // what was learned is of other terms
}

func restoreParts(parts []part, config meaning.Config, partition int, data []byte) (*Shard, error) {
	format, sections, err := OpenSnapshot(data)
	if err != nil {
		return nil, err
	}
	r := &restorer{own: config, partition: partition}
	since := make(map[string]section.Since)
	var empty []string
	for i := range parts {
		p := &parts[i]
		at := slices.IndexFunc(sections, func(s section.Section) bool { return s.Name == p.name })
		if at < 0 {
			if !p.optional {
				return nil, fmt.Errorf("%w: section %q is missing", ErrSnapshot, p.name)
			}
			empty = append(empty, p.name)

			continue
		}
		next := &sections[at]
		if next.Version > p.version() {
			return nil, section.TooNew(fmt.Sprintf("section %q", p.name), "version", next.Version, p.version())
		}
		if p.optional && r.shard != nil && next.At != r.shard.sequence {
			empty = append(empty, p.name) // a program that does not know it went on without

			continue
		}
		switch err := p.read[next.Version-1](r, next.Body); {
		case errors.Is(err, errStartsEmpty):
			empty = append(empty, p.name)
		case err != nil:
			return nil, fmt.Errorf("%w: section %q: %w", ErrSnapshot, p.name, err)
		case next.Since != section.Since{}:
			since[p.name] = next.Since
		}
	}
	s := r.shard
	s.detector.countLevels()
	for _, name := range empty {
		since[name] = section.Since{Sequence: s.sequence, Clock: s.clock}
	}
	s.lineage = Lineage{Format: format, since: since}
	s.lineage.keep(parts, sections)

	return s, nil
}

// errStartsEmpty is what a reader says of a body that can't be carried over: the
// section starts empty, as if it were missing.
var errStartsEmpty = errors.New("it starts empty")

// keep takes the sections that no part knows.
func (l *Lineage) keep(parts []part, sections []section.Section) {
	for _, s := range sections {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == s.Name }) {
			s.Body = slices.Clone(s.Body) // the snapshot around it can go
			l.kept = append(l.kept, s)
		}
	}
}

// OpenSnapshot gives the sections of a snapshot of any format.
func OpenSnapshot(data []byte) (format int, sections []section.Section, err error) {
	data, err = unpackSnapshot(data)
	if err != nil {
		return 0, nil, err
	}
	format = section.FormatOf(data)
	if format == FormatFive {
		sections, err = openFormatFive(data)
	} else {
		sections, err = section.Parse(data)
	}
	if err != nil && !errors.Is(err, ErrNewer) {
		err = fmt.Errorf("%w: %w", ErrSnapshot, err)
	}

	return format, sections, err
}

// reading returns a reader of a section's body.
func reading(body []byte) codec.Reader { return codec.From(body, errBody) }

// errBody says that the body of a section is not what was written.
var errBody = errors.New("its bytes were cut or changed")
