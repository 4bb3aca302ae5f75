package replay

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"ebb/pipeline/vocabulary"

	"go.yaml.in/yaml/v3"
)

// knownKeys are the keys of a mapping, and of its parts with fixed keys.
func knownKeys(part string) []string {
	switch part {
	case "":
		return []string{"name", "description", "format", "match", "delimiter", "fields", "optional", "constants", "types", "group",
			"vocabulary", "nulls", "numbers", "encoding", "keep_blanks", "anonymous", "time", "lateness", "skew", "duplicates", "rest", "ignore"}
	case "match":
		return []string{"files", "columns"}
	case "numbers":
		return []string{"decimal", "group"}
	case "time":
		return []string{"formats", "zone", "order", "outliers"}
	case "fields", "constants":
		return fieldNames()
	case "vocabulary":
		return []string{"unknown_types", "channels", "types"}
	case "vocabulary.types":
		return []string{"type", "kind", "channel", "stage", "negative", "weight", "qualifying", "money", "ends", "contacts", "scale", "alias_of"}
	}

	return nil
}

// checkKeys refuses keys that a mapping doesn't have, with the line and the
// name that was probably meant.
func checkKeys(root *yaml.Node) error {
	if root.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: a mapping is a YAML document with keys such as name and fields", root.Line)
	}

	return errors.Join(unknownKeys("", root)...)
}

func unknownKeys(part string, node *yaml.Node) []error {
	var problems []error
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			problems = append(problems, unknownKeys(part, item)...)
		}
	}
	if node.Kind != yaml.MappingNode {
		return problems // the decoder says what is wrong with the type
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if names := knownKeys(part); names != nil && !slices.Contains(names, key.Value) {
			problems = append(problems, fmt.Errorf("line %d: unknown key %q%s; %s", key.Line, key.Value, under(part), suggest(key.Value, names)))

			continue
		}
		switch {
		case part == "":
			problems = append(problems, unknownKeys(key.Value, value)...)
		case part == "vocabulary" && key.Value == "types":
			problems = append(problems, unknownKeys("vocabulary.types", value)...)
		}
	}

	return problems
}

func under(part string) string {
	if part == "" {
		return ""
	}

	return " under " + part
}

// Validate says everything that is wrong with the mapping, by key.
func (m *Mapping) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(m.Name != "", "name is empty; give the mapping a name such as webshop")
	formats := []string{string(CSV), string(NDJSON), string(Native), string(Segment), string(CloudEvents), string(Auto)}
	check(slices.Contains(formats, string(m.Format)), "format is %q; %s", m.Format, suggest(string(m.Format), formats))
	rests := []string{string(RestProperties), string(RestDrop)}
	check(slices.Contains(rests, string(m.Rest)), "rest is %q; %s", m.Rest, suggest(string(m.Rest), rests))
	check(m.Delimiter == "" || len(m.Delimiter) == 1 && m.Delimiter[0] < 0x80 && !strings.ContainsAny(m.Delimiter, "\"\r\n"),
		"delimiter is %q; write one character, such as \";\" or \"\\t\"", m.Delimiter)
	orders := []string{string(AutoOrder), string(FileOrder), string(TimeOrder)}
	check(slices.Contains(orders, string(m.Time.Order)), "time.order is %q; %s", m.Time.Order, suggest(string(m.Time.Order), orders))
	outliers := []string{string(RefuseOutliers), string(KeepOutliers)}
	check(slices.Contains(outliers, string(m.Time.Outliers)), "time.outliers is %q; %s", m.Time.Outliers, suggest(string(m.Time.Outliers), outliers))
	choices := []string{string(JoinAnonymous), string(KeepAnonymous)}
	check(m.Anonymous == "" || slices.Contains(choices, string(m.Anonymous)), "anonymous is %q; %s", m.Anonymous, suggest(string(m.Anonymous), choices))
	for _, word := range m.Nulls {
		check(word != "" && len(word) <= maxNullWord, "nulls has %q; write words of 1 to %d bytes", word, maxNullWord)
	}
	for _, err := range []error{m.Numbers.check(), checkEncoding(m.Encoding)} {
		if err != nil {
			problems = append(problems, err)
		}
	}
	duplicates := []string{byTime, byID}
	check(m.Duplicates == "" || slices.Contains(duplicates, m.Duplicates), "duplicates is %q; %s", m.Duplicates, suggest(m.Duplicates, duplicates))
	_, err := m.Time.parser()
	check(err == nil, "time: %w", err)
	problems = append(problems, m.checkFields()...)
	problems = append(problems, m.checkVocabulary()...)

	return errors.Join(problems...)
}

func (m *Mapping) checkFields() []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		if _, ok := fieldOf(name); !ok {
			problems = append(problems, fmt.Errorf("fields.%s is not a field of an event; %s", name, suggest(name, fieldNames())))
		} else if m.Fields[name] == "" {
			problems = append(problems, fmt.Errorf("fields.%s is empty; name a column or a path, or remove the key", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Constants)) {
		if err := checkConstant(name, m.Constants[name]); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, m.checkOptional()...)
	if m.Format.isEvents() {
		if m.Group != "" {
			problems = append(problems, fmt.Errorf("group is %q, but format %s takes events as they are; use format ndjson to group lines", m.Group, m.Format))
		}
		others := maps.Clone(m.Fields)
		delete(others, fieldArrival.String())
		if len(others)+len(m.Constants)+len(m.Types)+len(m.Ignore) > 0 {
			problems = append(problems, fmt.Errorf("format %s takes events as they are, without constants, types, ignore or fields other than arrival; use format ndjson to change them", m.Format))
		}

		return problems
	}
	problems = append(problems, m.checkWorth()...)
	for _, needed := range [][]field{{fieldTime}, {fieldType}, {fieldCustomer, fieldAnonymousID}} {
		if !slices.ContainsFunc(needed, m.fills) {
			otherwise := ""
			if needed[0] == fieldType {
				otherwise = ", or write constants: {type: order.completed} where all rows are of one type"
			}
			problems = append(problems, fmt.Errorf("fields.%s is missing; name the column or path that holds it%s", needed[0], otherwise))
		}
	}
	if m.Fields["properties"] != "" && m.Rest == RestProperties {
		problems = append(problems, errors.New("rest is properties, but fields.properties fills them already; remove one of the two"))
	}
	if m.Fields["properties"] != "" && m.Format == CSV {
		problems = append(problems, errors.New("fields.properties needs a JSON object; in a CSV file the columns that no field takes become properties"))
	}

	return problems
}

// checkWorth checks that there is one way to find the value of a row.
func (m *Mapping) checkWorth() []error {
	var problems []error
	quantity, price := m.fills(fieldQuantity), m.fills(fieldPrice)
	switch {
	case quantity != price:
		problems = append(problems, errors.New("fields.quantity and fields.price are multiplied to be the value; name both, or value alone"))
	case quantity && m.fills(fieldValue):
		problems = append(problems, errors.New("fields.value is there beside quantity and price, whose product is the value; remove one or the other"))
	}
	if m.Group == "" && m.Fields[fieldGroup.String()] != "" {
		problems = append(problems, fmt.Errorf("fields.group is no field of an event; write group: %s beside fields", m.Fields[fieldGroup.String()]))
	}
	if m.Constants[fieldGroup.String()] != "" {
		problems = append(problems, errors.New("constants.group would make one event of all rows; remove it"))
	}

	return problems
}

func (m *Mapping) checkOptional() []error {
	var problems []error
	for _, name := range m.Optional {
		switch f, ok := fieldOf(name); {
		case !ok:
			problems = append(problems, fmt.Errorf("optional: %s is not a field of an event; %s", name, suggest(name, fieldNames())))
		case m.Fields[name] == "":
			problems = append(problems, fmt.Errorf("optional: fields.%s names no column; name one, or remove it from optional", name))
		case (f == fieldTime || f == fieldType || f == fieldCustomer) && m.Constants[name] == "":
			problems = append(problems, fmt.Errorf("optional: every event needs a %s; remove it from optional", name))
		}
	}

	return problems
}

// fills tells whether the mapping gives the field a value. A time can't be
// the same in all rows.
func (m *Mapping) fills(f field) bool {
	return m.Fields[f.String()] != "" || f != fieldTime && m.Constants[f.String()] != ""
}

func checkConstant(name, value string) error {
	f, ok := fieldOf(name)
	if !ok {
		return fmt.Errorf("constants.%s is not a field of an event; %s", name, suggest(name, fieldNames()))
	}
	switch f.kind() {
	case kindTime, kindObject:
		return fmt.Errorf("constants.%s can't be the same in all rows; use fields.%s", name, name)
	case kindNumber:
		if _, ok := appendNumber(nil, []byte(value)); !ok {
			return fmt.Errorf("constants.%s is %q; write a number", name, value)
		}
	case kindTruth:
		if _, ok := appendTruth(nil, []byte(value)); !ok {
			return fmt.Errorf("constants.%s is %q; write true or false", name, value)
		}
	}
	if f == fieldTypeKind {
		if _, ok := parseKind([]byte(value)); !ok {
			return fmt.Errorf("constants.kind is %q; write passive, micro, active or exposure", value)
		}
	}
	if f == fieldID {
		return errors.New("constants.id can't be the same in all rows; leave it out, and rows get an id from the file and their number")
	}
	if f == fieldCurrency && !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(value) {
		return fmt.Errorf("constants.currency is %q; write an ISO 4217 code such as USD", value)
	}

	return nil
}

func (m *Mapping) checkVocabulary() []error {
	var problems []error
	if _, err := vocabulary.NewVocabulary(m.Vocabulary); err != nil {
		problems = append(problems, err)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Types)) {
		if m.Types[name] == "" {
			problems = append(problems, fmt.Errorf("types.%q is empty; name the event type that it means", name))
		}
	}

	return problems
}

// parser compiles the formats.
func (t Times) parser() (*timeParser, error) {
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone is %q; write an IANA name such as Europe/Berlin: %w", t.Zone, err)
	}
	p := &timeParser{zone: newLocalZone(zone)}
	for _, name := range t.Formats {
		format, err := parseTimeFormat(name)
		if err != nil {
			return nil, fmt.Errorf("formats: %w", err)
		}
		p.formats = append(p.formats, format)
	}
	if len(p.formats) == 0 {
		return nil, fmt.Errorf("formats is empty; choose one of %s", strings.Join(timeFormatNames(), ", "))
	}

	return p, nil
}
