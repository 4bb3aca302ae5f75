package section

import (
	"encoding/binary"
	"fmt"
	"strings"

	"ebb/windows/codec"
)

// FormatOf says which format bytes have that begin like a snapshot: 0 where they
// don't.
func FormatOf(data []byte) int {
	if len(data) <= len(Magic) || !strings.HasPrefix(string(data[:len(Magic)]), Magic) {
		return 0
	}

	return int(data[len(Magic)])
}

// Parse reads all sections, in order. Their bodies are shared with data, so it
// takes no memory but for the list. The error wraps ErrDamaged or ErrNewer.
func Parse(data []byte) ([]Section, error) {
	if err := checkHeader(data); err != nil {
		return nil, err
	}
	var sections []Section
	names := make(map[string]bool)
	rest := data[headerSize:]
	for {
		next, left, err := parseOne(rest, sections)
		if err != nil {
			return nil, err
		}
		if next.Name == endName {
			return sections, checkEnd(next.Body, left, sections)
		}
		if err := CheckName(next.Name); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if names[next.Name] {
			return nil, fmt.Errorf("%w: section %q stands twice", ErrDamaged, next.Name)
		}
		names[next.Name] = true
		sections, rest = append(sections, next), left
	}
}

func checkHeader(data []byte) error {
	format := FormatOf(data)
	switch {
	case format == 0:
		return fmt.Errorf("%w: it does not begin like a snapshot", ErrDamaged)
	case len(data) < headerSize || binary.LittleEndian.Uint32(data[headerSize-4:]) != headerSum(data[:headerSize-4]):
		return fmt.Errorf("%w: what stands in front of the first section was cut or changed", ErrDamaged)
	case format > Format:
		return TooNew("the snapshot", "format", format, Format)
	case format < Format:
		return fmt.Errorf("%w: format %d can't begin like this", ErrDamaged, format)
	}

	return nil
}

// TooNew is the error about something of a version that this program is too old
// to read.
func TooNew(what, unit string, held, known int) error {
	return fmt.Errorf("%w: %s is of %s %d, and this ebb reads %s %d and older; "+
		"run the ebb that wrote it, or a newer one, which goes on from there: nothing is lost",
		ErrNewer, what, unit, held, unit, known)
}

// parseOne reads the first section of rest, behind those before it.
func parseOne(rest []byte, before []Section) (next Section, left []byte, err error) {
	r := codec.From(rest, ErrDamaged)
	next.Name = string(r.Take(r.UintTo(maxNameBytes, "the bytes of a name")))
	next.Version = int(r.UintTo(maxVersion, "version"))
	next.Since = Since{Sequence: r.Uint(), Clock: r.Int()}
	next.At = r.Uint()
	size := r.Fixed64()
	head := rest[:len(rest)-r.Len()]
	sum := r.Fixed64()
	if err := r.Err(); err != nil {
		return next, nil, fmt.Errorf("the head of %s: %w", place(next.Name, before), err)
	}
	if size > uint64(r.Len()) {
		return next, nil, fmt.Errorf("%w: %s is cut: %d bytes of %d are there", ErrDamaged, place(next.Name, before), r.Len(), size)
	}
	next.Body = r.Take(size)
	if checksum(head, next.Body) != sum {
		return next, nil, fmt.Errorf("%w: the checksum of %s is wrong, its bytes were changed", ErrDamaged, place(next.Name, before))
	}
	if next.Version == 0 {
		return next, nil, fmt.Errorf("%w: %s has no version", ErrDamaged, place(next.Name, before))
	}

	return next, rest[len(rest)-r.Len():], nil
}

// place names a section, whose name may be what is wrong.
func place(name string, before []Section) string {
	text := fmt.Sprintf("section %d", len(before)+1)
	if name != "" {
		text = fmt.Sprintf("section %.80q", name)
	}
	if len(before) == 0 {
		return text + ", the first"
	}

	return fmt.Sprintf("%s, which stands behind %q", text, before[len(before)-1].Name)
}

func checkEnd(body, left []byte, sections []Section) error {
	last := ""
	if len(sections) > 0 {
		last = sections[len(sections)-1].Name
	}
	r := codec.From(body, ErrDamaged)
	if n := r.Uint(); r.End() != nil || n != uint64(len(sections)) {
		return fmt.Errorf("%w: %d sections are there up to %q, and there were %d", ErrDamaged, len(sections), last, n)
	}
	if len(left) > 0 {
		return fmt.Errorf("%w: %d bytes stand behind the end, which follows section %q", ErrDamaged, len(left), last)
	}

	return nil
}
