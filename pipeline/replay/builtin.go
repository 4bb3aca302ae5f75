package replay

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// shipped holds the mappings that come with ebb, one file each.
//
//go:embed mappings/*.yaml
var shipped embed.FS

// The generic mappings: of files that no other mapping is made for.
const (
	nativeMapping = "native"
	csvMapping    = "csv"
	plainMapping  = "plain" // without event types
)

// MappingNames lists the mappings that come with ebb.
func MappingNames() []string {
	files, _ := fs.Glob(shipped, "mappings/*.yaml") // the pattern is well formed
	for i, file := range files {
		files[i] = strings.TrimSuffix(path.Base(file), ".yaml")
	}

	return files
}

// ShippedMapping returns the mapping that comes with ebb under this name.
func ShippedMapping(name string) (*Mapping, error) {
	data, err := shipped.ReadFile("mappings/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no mapping is called %q; %s, or write a file name that ends in .yaml", name, suggest(name, MappingNames()))
	}

	return ParseMapping(data)
}

// LoadMapping takes the name of a mapping that comes with ebb, or the name of
// a YAML file, or nothing, to choose by the source.
func LoadMapping(nameOrFile string, source Source) (*Mapping, error) {
	if nameOrFile == "" {
		return Detect(source)
	}
	if !strings.ContainsAny(nameOrFile, "./\\") {
		return ShippedMapping(nameOrFile)
	}
	file, err := os.Open(nameOrFile)
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxMappingBytes+1))
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", nameOrFile, err)
	}
	m, err := ParseMapping(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", nameOrFile, err)
	}

	return m, nil
}

// Detect chooses a mapping by the file's name and its first line: an object is
// a native event; a header has to have the columns of a mapping made for files
// of this name, or those of a generic one.
func Detect(source Source) (*Mapping, error) {
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := asText(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	rows := newCSVRows(text, 0)
	header, err := readHeader(rows)
	if begin := bytes.TrimLeft(rows.raw, " \t"); len(begin) > 0 && (begin[0] == '{' || begin[0] == '[') {
		return detectJSON(source)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	named := slices.DeleteFunc(MappingNames(), func(name string) bool {
		return slices.Contains([]string{nativeMapping, csvMapping, plainMapping}, name)
	})
	for _, name := range append(named, csvMapping, plainMapping) {
		m, err := ShippedMapping(name)
		if err != nil {
			return nil, err
		}
		if name == csvMapping {
			m.takeTypes(header)
		}
		if m.matches(source.Name, header) {
			return m, nil
		}
	}

	if mapping := proposal(CSV, header); mapping != "" {
		return nil, fmt.Errorf("%s: no mapping fits the columns %s; %w, here probably %s", source.Name, firstOf(header), ErrNoMapping, mapping)
	}

	return nil, fmt.Errorf("%s: no mapping fits the columns %s; name the columns event_time and customer_id, or %w", source.Name, firstOf(header), ErrNoMapping)
}

// takeTypes takes the column of types under another of its usual names, where a
// file has none of the mapping's own. What may as well name a person is left out.
func (m *Mapping) takeTypes(header []string) {
	own := m.Fields[fieldType.String()]
	if slices.Contains(header, own) {
		return
	}
	for _, name := range []string{"event_name", "event", "type"} {
		if slices.Contains(header, name) {
			m.Fields[fieldType.String()] = name
			m.Match.Columns[slices.Index(m.Match.Columns, own)] = name

			return
		}
	}
}

// ErrNoMapping says that a file needs a mapping of its own.
var ErrNoMapping = errors.New("write a mapping (fields: time, customer and type name the columns; without a column of types, constants: {type: order.completed}) and name it with --mapping FILE")

// matches tells whether a file's name and header are those the mapping is for.
// A mapping without file names is for files of any name.
func (m *Mapping) matches(name string, header []string) bool {
	begins := len(m.Match.Files) == 0 || slices.ContainsFunc(m.Match.Files, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	lacks := func(column string) bool { return !slices.Contains(header, column) }

	return begins && !slices.ContainsFunc(m.Match.Columns, lacks)
}
