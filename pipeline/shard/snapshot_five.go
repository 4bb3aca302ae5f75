package shard

import (
	"encoding/binary"
	"fmt"

	"ebb/pipeline/section"
	"ebb/windows/codec"

	"github.com/zeebo/xxh3"
)

// Format 5 was the last one before there were sections with names: bodies in a
// fixed order, each behind its length in 8 bytes, and the XXH3 checksum of all. Its
// bodies are the first versions of sections.

// FormatFive is the number of that format.
const FormatFive = 5

// openFormatFive gives a snapshot of format 5 as sections.
func openFormatFive(data []byte) ([]section.Section, error) {
	const header, sum = len(section.Magic) + 1, 8
	if len(data) < header+sum {
		return nil, fmt.Errorf("%w: %d bytes of format 5", section.ErrDamaged, len(data))
	}
	body, end := data[:len(data)-sum], data[len(data)-sum:]
	r := codec.From(body[header:], section.ErrDamaged)
	var sections []section.Section
	for _, name := range []string{
		"configuration", "figures", "clock", "keys", "customers", "timers", "sampler", "feed", "held", "alerts", "expired",
		"losses", "departed", "windows", "identities", "former-identities", "pending",
	} {
		part := r.Take(r.Fixed64())
		if r.Err() != nil {
			return nil, fmt.Errorf("section %q: %w", name, r.Err())
		}
		sections = append(sections, section.Section{Head: section.Head{Name: name, Version: 1}, Body: part})
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("behind section %q: %w", sections[len(sections)-1].Name, err)
	}
	if xxh3.Hash(body) != binary.LittleEndian.Uint64(end) {
		return nil, fmt.Errorf("%w: the checksum of format 5, which is of all sections together, is wrong: bytes were changed", section.ErrDamaged)
	}

	return splitFive(sections)
}

// splitFive gives those parts of format 5 a section of their own that have one now:
// the dictionary stood behind the configuration, and the parameters of the model
// behind the figures.
func splitFive(sections []section.Section) ([]section.Section, error) {
	configuration, figures := &sections[0], &sections[1]
	at := codec.From(configuration.Body, section.ErrDamaged)
	at.Uint()
	at.Uint()
	at.Int()
	at.Int()
	at.Blob()
	names := at.Take(uint64(at.Len()))
	if at.Err() != nil {
		return nil, fmt.Errorf("section %q: %w", configuration.Name, at.Err())
	}
	configuration.Body = configuration.Body[:len(configuration.Body)-len(names)]

	at = codec.From(figures.Body, section.ErrDamaged)
	for range 4 {
		at.Int()
	}
	at.Uint() // partition
	sequence := at.Uint()
	for range 18 {
		at.Uint()
	}
	at.Byte()
	at.Blob()
	parameters := at.Take(uint64(at.Len()))
	if at.Err() != nil {
		return nil, fmt.Errorf("section %q: %w", figures.Name, at.Err())
	}
	figures.Body = figures.Body[:len(figures.Body)-len(parameters)]

	sections = append(sections,
		section.Section{Head: section.Head{Name: "dictionary", Version: 1}, Body: names},
		section.Section{Head: section.Head{Name: "model", Version: 1}, Body: parameters})
	for i := range sections {
		sections[i].At = sequence
	}

	return sections, nil
}
