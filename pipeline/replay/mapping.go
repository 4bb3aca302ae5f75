package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ebb/pipeline/format"
	"ebb/pipeline/meaning"
	"ebb/pipeline/vocabulary"

	"go.yaml.in/yaml/v3"
)

// Format is the shape of a file.
type Format string

// The formats.
const (
	CSV    Format = "csv"    // a header row, then one event a row
	NDJSON Format = "ndjson" // one JSON object a line
	Native Format = "native" // NDJSON whose lines are native events already; foreign.go has others
)

// Rest says what becomes of columns or members that no field takes.
type Rest string

// The choices for the rest.
const (
	RestProperties Rest = "properties" // they become the event's properties
	RestDrop       Rest = "drop"
)

// Mapping says how the rows of a file become native events.
type Mapping struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	Format      Format `yaml:"format"` // default csv
	Match       Match  `yaml:"match"`

	// Delimiter between the columns of a CSV file, one ASCII character; by
	// default the comma, semicolon, tab or bar that the header has most of.
	Delimiter string `yaml:"delimiter"`

	// Fields names the source of each native field: a column of the CSV file,
	// or a path into the JSON object, with dots ("context.page.url") or as a
	// JSON Pointer (RFC 6901, "/context/page/url"). The field arrival is the
	// time at which the event became known: the record's clock. The field kind
	// tells the kind (passive, micro, active or exposure) of types that the
	// vocabulary lacks; a Survey learns them. The fields quantity and price are
	// multiplied to be the value.
	Fields map[string]string `yaml:"fields"`

	// Optional names fields whose column a CSV file may lack.
	Optional []string `yaml:"optional" json:",omitempty"`

	// Constants are the values of native fields that have no source, or whose
	// source is empty in a row. A currency is written only beside a value.
	Constants map[string]string `yaml:"constants"`

	// Types translates event types of the file to those of the vocabulary;
	// types that are not listed stay as they are.
	Types map[string]string `yaml:"types"`

	// Vocabulary adds to the default vocabulary what the file's events need.
	Vocabulary vocabulary.Config `yaml:"vocabulary"`

	// Nulls are words that stand for no value in any column, compared as they
	// are; default NULL, null, None, nil, undefined, NaN, \N, N/A and their
	// like. An empty list takes all words for values. Native events keep theirs.
	Nulls []string `yaml:"nulls" json:",omitempty"`

	// KeepBlanks leaves blanks and characters without a width around values;
	// otherwise they are cut off. Native events keep theirs.
	KeepBlanks bool `yaml:"keep_blanks" json:",omitempty"`

	// Anonymous says what becomes of rows with an anonymous_id and no customer:
	// join, the default, counts them for the customer whom other rows of the file
	// name beside the id; keep makes each anonymous id a customer of its own. See
	// Joins for what happens on shared devices, and for the bounds.
	Anonymous Anonymous `yaml:"anonymous" json:",omitempty"`

	Numbers Numbers `yaml:"numbers" json:",omitzero"`

	// Encoding of the text: utf-8, the default; latin-1 (iso-8859-1), iso-8859-2,
	// iso-8859-15, windows-1250, windows-1251, windows-1252, utf-16, utf-16le or
	// utf-16be. UTF-16 with a mark is found out.
	Encoding string `yaml:"encoding" json:",omitempty"`

	Time Times `yaml:"time"`

	// Group names a column, or a path: rows that say the same there are one event, such
	// as the lines of an order, worth the sum of their values, which are quantity times
	// price where these fields are named. See Groups.
	Group string `yaml:"group" json:",omitempty"`

	// Lateness and Skew say how late or early against the clock an event may
	// be; nil leaves it to the configuration.
	Lateness *Span `yaml:"lateness"`
	Skew     *Span `yaml:"skew"`

	// Duplicates says what makes two events of a customer the same: time, their
	// id and time; or id, for a source that repeats events with new times. Empty
	// leaves it to the configuration.
	Duplicates string `yaml:"duplicates" json:",omitempty"`

	known format.Types // of the vocabulary; nil where it isn't asked

	Rest   Rest     `yaml:"rest"`   // default properties, or drop where a field fills the properties
	Ignore []string `yaml:"ignore"` // columns or top-level members that are left out of the rest
}

// Match says for which files a mapping is chosen when none is named: those
// whose base name begins with one of Files, if there are any, and whose header
// has all the Columns.
type Match struct {
	Files   []string `yaml:"files"`
	Columns []string `yaml:"columns"`
}

// Times says how the times of a file are written.
type Times struct {
	// Formats are tried in order: rfc3339, unix, unix_ms, unix_us, unix_ns, a
	// pattern such as "dd/MM/yyyy HH:mm:ss" or a Go layout such as
	// "2006-01-02 15:04:05". Default rfc3339, also with a blank for T or before the
	// offset, and with offsets such as +0000.
	Formats []string `yaml:"formats"`

	// Zone is the time zone of times without an offset, by its IANA name;
	// default UTC. Local times that exist twice, where clocks are put back, are
	// told apart by the order of the rows; where it doesn't tell, and where a
	// local time doesn't exist, the row is refused.
	Zone string `yaml:"zone"`

	// Order says in which order rows are read: auto, that of the file unless
	// many rows would be late; file; or time, sorted. Default auto.
	Order Order `yaml:"order" json:",omitempty"`

	// Outliers says what becomes of rows whose time can't be believed; see
	// Timeline. Default refuse.
	Outliers Outliers `yaml:"outliers" json:",omitempty"`
}

// Order is the order in which the rows of a file are read.
type Order string

// The orders.
const (
	AutoOrder Order = "auto"
	FileOrder Order = "file"
	TimeOrder Order = "time"
)

// Outliers says what becomes of rows whose time can't be believed.
type Outliers string

// The choices for outliers.
const (
	RefuseOutliers Outliers = "refuse" // they become dead letters
	KeepOutliers   Outliers = "keep"   // they count, and move the clock
)

// DuplicatesOver is what the mapping says of duplicates, else what the
// configuration does.
func (m *Mapping) DuplicatesOver(configured meaning.Duplicates) meaning.Duplicates {
	switch {
	case m.Duplicates == byID && !configured.ByID:
		configured.ByID, configured.Keep = true, meaning.DefaultKeepByID
	case m.Duplicates == byTime:
		configured.ByID, configured.Keep = false, 0
	}

	return configured
}

// What Mapping.Duplicates may be.
const (
	byID   = "id"
	byTime = "time"
)

// Span is a duration written as Go writes it: 72h, 10m.
type Span time.Duration

// UnmarshalYAML reads "72h". The error names the value and the remedy.
func (s *Span) UnmarshalYAML(node *yaml.Node) error {
	d, err := time.ParseDuration(node.Value)
	if err != nil || d < 0 {
		return fmt.Errorf("line %d: %q is not a length of time; write it like 72h or 10m", node.Line, node.Value)
	}
	*s = Span(d)

	return nil
}

// MaxMappingBytes is the largest mapping file that is read.
const MaxMappingBytes = 256 << 10

// ParseMapping reads a mapping from YAML and validates it. Errors name the
// key, the value and the remedy.
func ParseMapping(data []byte) (*Mapping, error) {
	if len(data) > MaxMappingBytes {
		return nil, fmt.Errorf("mapping: %d bytes, the limit is %d", len(data), MaxMappingBytes)
	}
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("mapping: the file is empty; write at least the keys name and fields")
		}

		return nil, fmt.Errorf("mapping: %w", err)
	}
	if err := checkKeys(root.Content[0]); err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	m := new(Mapping)
	if err := root.Decode(m); err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	m.setDefaults()
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("mapping %s: %w", m.Name, err)
	}

	return m, nil
}

func (m *Mapping) setDefaults() {
	if m.Format == "" {
		m.Format = CSV
	}
	if m.Rest == "" {
		m.Rest = RestProperties
		if m.Fields[fieldProperties.String()] != "" {
			m.Rest = RestDrop
		}
	}
	if m.Group != "" {
		if m.Fields == nil {
			m.Fields = make(map[string]string)
		}
		m.Fields[fieldGroup.String()] = m.Group
	}
	if m.Nulls == nil {
		m.Nulls = nullWords()
	}
	if len(m.Time.Formats) == 0 {
		m.Time.Formats = []string{"rfc3339"}
	}
	if m.Time.Zone == "" {
		m.Time.Zone = "UTC"
	}
	if m.Time.Order == "" {
		m.Time.Order = AutoOrder
	}
	if m.Time.Outliers == "" {
		m.Time.Outliers = RefuseOutliers
	}
}

// AddTo returns the configured vocabulary with what the mapping adds. Where
// both name a type, the configuration has the say.
func (m *Mapping) AddTo(configured vocabulary.Config) vocabulary.Config {
	merged := configured
	merged.Types = slices.Clone(configured.Types)
	for _, t := range m.Vocabulary.Types {
		if !slices.ContainsFunc(configured.Types, func(c vocabulary.TypeConfig) bool { return c.Type == t.Type }) {
			merged.Types = append(merged.Types, t)
		}
	}
	merged.Channels = slices.Clone(configured.Channels)
	for _, channel := range m.Vocabulary.Channels {
		if !slices.Contains(merged.Channels, channel) {
			merged.Channels = append(merged.Channels, channel)
		}
	}
	if merged.UnknownTypes == "" {
		merged.UnknownTypes = m.Vocabulary.UnknownTypes
	}

	return merged
}
