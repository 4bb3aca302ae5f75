// Package words shows the vocabulary in force to people and programs: its types,
// what becomes of one, and the types of a stream that it lacks. It asks no server.
package words

import (
	"fmt"
	"slices"
	"strings"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/spelling"
	"ebb/pipeline/vocabulary"
)

// Report is a vocabulary.
type Report struct {
	Types        []Type   `json:"types"` // by name
	Channels     []string `json:"channels"`
	UnknownTypes string   `json:"unknown_types"` // accept or reject
	Seen         *Seen    `json:"seen,omitempty"`
	NotAsked     string   `json:"not_asked,omitempty"` // why Seen is missing
}

// Type is one of its types.
type Type struct {
	Type       string            `json:"type"`
	Kind       string            `json:"kind"`
	Channel    string            `json:"channel"` // of events that name none
	Stage      string            `json:"stage"`
	Weight     float64           `json:"weight"`
	Negative   bool              `json:"negative"`
	Qualifying bool              `json:"qualifying"` // counts against silence
	Money      string            `json:"money"`      // of the value: +, - or none
	Ends       bool              `json:"ends"`       // the relation
	Contacts   bool              `json:"contacts"`   // is a message that the company sends
	Scale      *vocabulary.Scale `json:"scale,omitempty"`
	Aliases    []Alias           `json:"aliases"`
}

// Alias is another name of a type.
type Alias struct {
	Name    string `json:"name"`
	Channel string `json:"channel"`
}

// Seen says which types of a stream the vocabulary lacks.
type Seen struct {
	Events  int64     `json:"events"` // that were read, the newest of the stream
	Unknown []Unknown `json:"unknown"`
}

// Unknown is a type that the vocabulary lacks.
type Unknown struct {
	Type   string `json:"type"`
	Events int64  `json:"events"`
	Entry  string `json:"entry"`                  // for the setting vocabulary; the kind is for people to say
	Near   string `json:"did_you_mean,omitempty"` // a name that the vocabulary has
}

// New is the report of a vocabulary.
func New(v *vocabulary.Vocabulary) *Report {
	r := &Report{Channels: v.Channels(), UnknownTypes: vocabulary.AcceptUnknown}
	if v.RejectsUnknown() {
		r.UnknownTypes = vocabulary.RejectUnknown
	}
	aliases := v.Aliases()
	types := v.Types()
	for i := range types {
		t := &types[i]
		if t.Kind == vocabulary.Unknown {
			continue // of former configurations, or the one for all others
		}
		of := Type{
			Type: t.Name, Kind: t.Kind.String(), Channel: t.Channel, Stage: t.Stage.String(), Weight: t.Weight, Negative: t.Negative,
			Qualifying: t.Qualifying, Money: t.Money.String(), Ends: t.Ends, Contacts: t.Contacts, Aliases: []Alias{},
		}
		if t.Scale != (vocabulary.Scale{}) {
			of.Scale = &t.Scale
		}
		for _, a := range aliases {
			if a.Of == t.Name {
				of.Aliases = append(of.Aliases, Alias{a.Name, a.Channel})
			}
		}
		r.Types = append(r.Types, of)
	}
	slices.SortFunc(r.Types, func(a, b Type) int { return strings.Compare(a.Type, b.Type) })

	return r
}

// Names are the names of all types and aliases.
func (r *Report) Names() []string {
	var names []string
	for i := range r.Types {
		names = append(names, r.Types[i].Type)
		for _, a := range r.Types[i].Aliases {
			names = append(names, a.Name)
		}
	}

	return names
}

// Find is the type of this name, or of this alias, with the channel of its events.
func (r *Report) Find(name string) (*Type, string, bool) {
	for i := range r.Types {
		t := &r.Types[i]
		if t.Type == name {
			return t, t.Channel, true
		}
		for _, a := range t.Aliases {
			if a.Name == name {
				return t, a.Channel, true
			}
		}
	}

	return nil, "", false
}

// Near are up to three names that this one was probably meant to be.
func (r *Report) Near(name string) []string {
	names := r.Names()
	if i := slices.IndexFunc(names, func(other string) bool { return strings.EqualFold(plain(other), plain(name)) }); i >= 0 {
		return names[i : i+1]
	}
	near := spelling.Near(name, names, max(2, len(name)/4))

	return near[:min(len(near), 3)]
}

// plain is a name without what people write differently.
func plain(name string) string {
	return strings.NewReplacer("_", " ", ".", " ", "-", " ").Replace(name)
}

// Lack adds the types that the vocabulary lacks, of those that were seen.
func (r *Report) Lack(events int64, seen map[string]int64) {
	r.Seen = &Seen{Events: events, Unknown: []Unknown{}}
	for name, count := range seen {
		if _, _, known := r.Find(name); known {
			continue
		}
		u := Unknown{Type: name, Events: count, Entry: setting.Entry(vocabulary.TypeConfig{Type: name, Kind: "active"})}
		if near := r.Near(name); len(near) > 0 {
			u.Near = near[0]
			if t, _, _ := r.Find(near[0]); strings.EqualFold(plain(near[0]), plain(name)) {
				u.Entry = setting.Entry(vocabulary.TypeConfig{Type: name, AliasOf: t.Type})
			}
		}
		r.Seen.Unknown = append(r.Seen.Unknown, u)
	}
	slices.SortFunc(r.Seen.Unknown, func(a, b Unknown) int {
		if a.Events != b.Events {
			return int(b.Events - a.Events)
		}

		return strings.Compare(a.Type, b.Type)
	})
}

// Missing says what becomes of a type that the vocabulary lacks, and what to do.
func (r *Report) Missing(name string) error {
	becomes := "its events count under the kind and type unknown, and never as engagement"
	if r.UnknownTypes == vocabulary.RejectUnknown {
		becomes = "its events become dead letters (unknown_types: reject)"
	}
	remedy := fmt.Sprintf("add it: vocabulary: [%s]", setting.Entry(vocabulary.TypeConfig{Type: name, Kind: "active"}))
	if near := r.Near(name); len(near) > 0 {
		remedy = fmt.Sprintf("did you mean %s? Else %s", strings.Join(near, ", "), remedy)
	}

	return fmt.Errorf("the vocabulary has no type %q: %s; %s", name, becomes, remedy)
}
