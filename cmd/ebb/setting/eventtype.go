package setting

import (
	"fmt"
	"strconv"
	"strings"

	"ebb/pipeline/vocabulary"
)

// EventType is an entry of the vocabulary setting.
type EventType struct{ vocabulary.TypeConfig }

// UnmarshalText reads
// TYPE=KIND/CHANNEL;stage=NAME;weight=NUMBER;scale=WORST..BEST;money=+;negative;qualifying=false;ends;contacts,
// of which all behind KIND may be left out, or TYPE=alias:TYPE/CHANNEL, of which
// the channel may be left out.
func (e *EventType) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ";")
	name, meaning, found := strings.Cut(parts[0], "=")
	kind, channel, _ := strings.Cut(strings.TrimSpace(meaning), "/")
	name = strings.TrimSpace(name)
	if !found || name == "" || kind == "" && len(parts) == 1 { // without a kind, a detail of a known type changes
		return fmt.Errorf("%q is no vocabulary entry; write TYPE=KIND/CHANNEL, such as quiz.finished=active/app", text)
	}

	entry := vocabulary.TypeConfig{Type: name, Kind: kind, Channel: channel}
	if of, alias := strings.CutPrefix(kind, "alias:"); alias {
		entry.Kind, entry.AliasOf = "", of
	}
	for _, part := range parts[1:] {
		if err := addDetail(&entry, strings.TrimSpace(part)); err != nil {
			return fmt.Errorf("vocabulary entry %q: %w", text, err)
		}
	}
	e.TypeConfig = entry

	return nil
}

func addDetail(entry *vocabulary.TypeConfig, detail string) error {
	key, value, _ := strings.Cut(detail, "=")
	switch key {
	case "stage":
		entry.Stage = value
	case "weight":
		weight, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("weight is %q; write a number, such as 2.5", value)
		}
		entry.Weight = &weight
	case "money":
		if _, err := vocabulary.ParseMoney(value); err != nil {
			return err
		}
		entry.Money = value
	case "scale":
		return addScale(entry, value)
	case "negative", "qualifying", "ends", "contacts":
		truth := value == "" || value == "true"
		if !truth && value != "false" {
			return fmt.Errorf("%s is %q; write true or false", key, value)
		}
		*map[string]**bool{
			"negative": &entry.Negative, "qualifying": &entry.Qualifying, "ends": &entry.Ends, "contacts": &entry.Contacts,
		}[key] = &truth
	default:
		return fmt.Errorf("%q is no detail; use stage=NAME, weight=NUMBER, scale=WORST..BEST, money=+ or -, negative, qualifying, ends or contacts", detail)
	}

	return nil
}

func addScale(entry *vocabulary.TypeConfig, value string) error {
	worst, best, _ := strings.Cut(value, "..")
	var scale vocabulary.Scale
	var err error
	if scale.Worst, err = strconv.ParseFloat(worst, 64); err == nil {
		scale.Best, err = strconv.ParseFloat(best, 64)
	}
	if err != nil {
		return fmt.Errorf("scale is %q; write the worst and the best score, such as 1..5", value)
	}
	entry.Scale = &scale

	return nil
}

// VocabularyEntries writes types the way that the setting vocabulary takes them.
func VocabularyEntries(types []vocabulary.TypeConfig) []string {
	entries := make([]string, len(types))
	for i := range types {
		entries[i] = types[i].Entry()
	}

	return entries
}

// Entry is an example of an entry, as the setting vocabulary takes it.
func Entry(t vocabulary.TypeConfig) string { return "'" + t.Entry() + "'" }

// MappingEntry is the same as an item of vocabulary.types in a mapping.
func MappingEntry(t vocabulary.TypeConfig) string {
	entry := "{type: " + strconv.Quote(t.Type) + ", kind: " + t.Kind
	if t.Qualifying != nil {
		entry += fmt.Sprintf(", qualifying: %v", *t.Qualifying)
	}

	return entry + "}"
}
