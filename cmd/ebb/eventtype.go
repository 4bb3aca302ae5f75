package main

import (
	"fmt"
	"strings"
)

// EventType is an entry of the vocabulary setting: TYPE=KIND/CHANNEL.
type EventType struct {
	Type    string
	Kind    string // passive, micro, active or exposure
	Channel string
}

// UnmarshalText reads TYPE=KIND/CHANNEL.
func (e *EventType) UnmarshalText(text []byte) error {
	name, rest, found := strings.Cut(strings.TrimSpace(string(text)), "=")
	kind, channel, both := strings.Cut(rest, "/")
	if !found || !both || name == "" || channel == "" {
		return fmt.Errorf("%q is no vocabulary entry; write TYPE=KIND/CHANNEL, such as quiz.finished=active/app", text)
	}
	switch kind {
	case "passive", "micro", "active", "exposure":
	default:
		return fmt.Errorf("vocabulary entry %q has the kind %q; use passive, micro, active or exposure", text, kind)
	}
	*e = EventType{Type: name, Kind: kind, Channel: channel}

	return nil
}

// String writes TYPE=KIND/CHANNEL.
func (e EventType) String() string { return e.Type + "=" + e.Kind + "/" + e.Channel }
