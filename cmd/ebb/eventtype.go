package main

import (
	"fmt"
	"strconv"
	"strings"

	"ebb/pipeline"
)

// EventType is an entry of the vocabulary setting.
type EventType struct{ pipeline.TypeConfig }

// UnmarshalText reads TYPE=KIND/CHANNEL;stage=NAME;weight=NUMBER;negative;qualifying=false, of
// which all behind KIND may be left out, or TYPE=alias:TYPE/CHANNEL, of which
// the channel may be left out.
func (e *EventType) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ";")
	name, meaning, found := strings.Cut(parts[0], "=")
	kind, channel, _ := strings.Cut(strings.TrimSpace(meaning), "/")
	name = strings.TrimSpace(name)
	if !found || name == "" || kind == "" {
		return fmt.Errorf("%q is no vocabulary entry; write TYPE=KIND/CHANNEL, such as quiz.finished=active/app", text)
	}

	entry := pipeline.TypeConfig{Type: name, Kind: kind, Channel: channel}
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

func addDetail(entry *pipeline.TypeConfig, detail string) error {
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
	case "negative", "qualifying":
		truth := value == "" || value == "true"
		if !truth && value != "false" {
			return fmt.Errorf("%s is %q; write true or false", key, value)
		}
		if key == "negative" {
			entry.Negative = &truth
		} else {
			entry.Qualifying = &truth
		}
	default:
		return fmt.Errorf("%q is no detail; use stage=NAME, weight=NUMBER, negative or qualifying", detail)
	}

	return nil
}
