package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Draft is a mapping that a file seems to need, for people to check.
type Draft struct {
	Text    string   // the mapping as YAML; "" where the file needs none
	Mapping *Mapping // that Text says
	Notes   []string // what could not be told, in sentences
}

// draftRows is how many rows tell how a file is written.
const draftRows = 1000

// sample is the beginning of a file as names and their texts.
type sample struct {
	format   Format
	encoding string
	names    []string
	texts    map[string][]string // those that are not empty
	rows     int
	beyond   int // columns that are not looked at
}

// DraftMapping proposes a mapping by the names of columns, or of members at any
// depth, and by what stands in the first rows. ErrNoMapping where it can't be told
// who and when.
func DraftMapping(source Source) (*Draft, error) {
	if found, err := Detect(source); err == nil && found.Format.isEvents() && readsAny(source, found) {
		return &Draft{Mapping: found, Notes: []string{fmt.Sprintf("The file needs no mapping: its lines are events (format %s).", found.Format)}}, nil
	}
	s, err := takeSample(source)
	if err != nil {
		return nil, err
	}
	d := &drafting{sample: s, fields: make(map[field]string)}
	if s.beyond > 0 {
		d.notes = append(d.notes, fmt.Sprintf("Of %d columns the first %d were looked at.", len(s.names)+s.beyond, len(s.names)))
	}
	d.name()
	if d.fields[fieldTime] == "" || d.fields[fieldCustomer] == "" && d.fields[fieldAnonymousID] == "" {
		return nil, fmt.Errorf("%s: it can't be told which of %s says when, and which who; %w", source.Name, firstOf(s.names), ErrNoMapping)
	}
	draft := &Draft{Text: d.text(source.Name), Notes: d.notes}
	draft.Mapping, err = ParseMapping([]byte(draft.Text))

	return draft, err
}

// readsAny says whether some of the first rows are events by a mapping.
func readsAny(source Source, m *Mapping) bool {
	reader, err := NewReader(source, m, ReadOptions{})
	if err != nil {
		return false
	}
	defer reader.Close()
	var row Row
	for range likelyLines {
		if reader.Next(&row) != nil {
			return false
		}
		if row.Mapped && row.Problem == nil {
			return true
		}
	}

	return false
}

// takeSample reads the first rows.
func takeSample(source Source) (*sample, error) {
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s := &sample{format: CSV, texts: make(map[string][]string)}
	begin, rest := peeked(file)
	if _, _, wide := utf16Of(begin); !wide && !utf8.Valid(begin[:max(len(begin)-utf8.UTFMax, 0)]) {
		s.encoding = "windows-1252"
	}
	text, err := asText(decoded(rest, s.encoding))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	begin, text = peeked(text)
	if first := strings.TrimLeft(string(begin), " \t\r\n"); first != "" && (first[0] == '{' || first[0] == '[') {
		s.format = NDJSON
		err = s.takeJSON(text)
	} else {
		err = s.takeCSV(text)
	}
	if err == nil && s.rows == 0 {
		err = errors.New("it has no rows")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}

	return s, nil
}

func (s *sample) takeCSV(text io.Reader) error {
	rows := newCSVRows(text, 0)
	header, err := readHeader(rows)
	if err != nil {
		return err
	}
	s.names = header[:min(len(header), mostNames)]
	s.beyond = len(header) - len(s.names)
	for s.rows < draftRows {
		switch err := rows.next(); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errOpenQuote), errors.Is(err, errAfterQuote), errors.Is(err, errLongRow):
			continue
		case err != nil:
			return err
		}
		if len(rows.cells) != len(header) {
			continue
		}
		s.rows++
		for i, name := range s.names {
			s.add(name, string(rows.cells[i]))
		}
	}

	return nil
}

func (s *sample) takeJSON(text io.Reader) error {
	rows, walker := &jsonLines{lines: newLineBuffer(asLines(text))}, new(jsonWalker)
	for s.rows < draftRows {
		err := rows.next()
		if errors.Is(err, errLongRow) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if walker.object(rows.raw, s.member("", walker)) == nil {
			s.rows++
		}
	}

	return nil
}

// member takes a member, and those within it by their paths.
func (s *sample) member(path string, walker *jsonWalker) func(name, value []byte) error {
	return func(name, value []byte) error {
		whole := path + string(name)
		switch jsontext.Value(value).Kind() {
		case '{':
			return walker.inside().members(value, s.member(whole+".", walker.inside()))
		case '[', 'n':
			return nil
		case '"':
			if plain, err := jsontext.AppendUnquote(nil, value); err == nil {
				value = plain
			}
		}
		if !slices.Contains(s.names, whole) && len(s.names) < mostNames {
			s.names = append(s.names, whole)
		}
		s.add(whole, string(value))

		return nil
	}
}

// mostTold is how many names an error lists.
const mostTold = 50

// firstOf lists names for people.
func firstOf(names []string) string {
	if len(names) <= mostTold {
		return strings.Join(names, ", ")
	}

	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostTold], ", "), len(names)-mostTold)
}

// mostNames bounds the columns and paths of a file that are looked at.
const mostNames = 500

func (s *sample) add(name, text string) {
	text = strings.TrimSpace(text)
	if text == "" || slices.Contains(nullWords(), text) {
		return
	}
	s.texts[name] = append(s.texts[name], text)
}
