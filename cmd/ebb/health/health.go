// Package health says whether an instance works, and what hinders it: a small
// set of named conditions, each with the time when it began and what to do.
//
// Ready means that processing goes on. A condition that stops it takes the
// readiness away; one that only degrades, such as a ClickHouse that is away,
// does not. The package asks nobody: who notices a condition sets and clears it.
package health

import (
	"slices"
	"sync"
	"time"
)

// Name is one of the conditions.
type Name string

// The conditions. Those from Starting to ReadingStalled stop the processing.
const (
	Starting       Name = "starting"         // not yet so far
	WaitingForNATS Name = "waiting_for_nats" // no connection, no answer, or no leader
	StandingBy     Name = "standing_by"      // another instance runs
	Restoring      Name = "restoring"        // snapshots are read
	Stopping       Name = "stopping"         // told to stop
	CommitStalled  Name = "commit_stalled"   // a cut can't be stored
	ReadingStalled Name = "reading_stalled"  // records wait in the stream and are not read
	StorageFull    Name = "storage_full"     // NATS stores nothing more

	LeaseUnrenewed Name = "lease_unrenewed"   // another could take over
	Retrying       Name = "retrying"          // writes to NATS fail again and again
	SinkAway       Name = "clickhouse_away"   // rows wait in NATS
	SinkBehind     Name = "clickhouse_behind" // rows wait in NATS for long
	ClockBehind    Name = "clock_behind"      // a server's clock was set back, and windows wait
	SourceAway     Name = "source_away"       // a source can't be read, or needs a person
	SourceHistory  Name = "source_history"    // the past of sources is imported
	Erasing        Name = "erasing_fails"     // somebody was forgotten, and not all that is stored is erased
)

// Names lists the conditions in the order in which they are shown.
func Names() []Name {
	return []Name{
		Starting, WaitingForNATS, StandingBy, Restoring, Stopping, CommitStalled, ReadingStalled, StorageFull,
		LeaseUnrenewed, Retrying, SinkAway, SinkBehind, ClockBehind, SourceAway, SourceHistory, Erasing,
	}
}

// Stops says whether processing stands still while the condition holds.
func (n Name) Stops() bool {
	return !slices.Contains([]Name{LeaseUnrenewed, Retrying, SinkAway, SinkBehind, ClockBehind, SourceAway, SourceHistory, Erasing}, n)
}

// Condition is something that hinders.
type Condition struct {
	Name   Name      `json:"name"`
	Stops  bool      `json:"stops_processing"`
	Since  time.Time `json:"since"`
	Text   string    `json:"text"`             // what is the matter, for people
	Remedy string    `json:"remedy,omitempty"` // what to do; empty where it goes by itself
}

// Report is how an instance stands.
type Report struct {
	Ready      bool        `json:"ready"`
	Status     string      `json:"status"`        // ok, degraded or not ready
	Partitions []int       `json:"partitions"`    // that this instance runs
	Of         int         `json:"of_partitions"` // how many there are; 0 while that is not known
	Conditions []Condition `json:"conditions"`
}

// StandsBy says whether nothing hinders the instance but that another one runs.
func (r Report) StandsBy() bool {
	stands := false
	for _, c := range r.Conditions {
		switch {
		case c.Name == StandingBy:
			stands = true
		case c.Stops:
			return false
		}
	}

	return stands
}

// Board holds the conditions of one instance. Its methods may be called from
// several goroutines.
type Board struct {
	changed func(c Condition, holds bool)
	now     func() time.Time

	mu   sync.Mutex
	held map[Name]Condition
	runs []int // partitions
	of   int
}

// New returns a board without conditions. changed is called when one begins and
// when it ends, not when its text changes; nil: nobody listens.
func New(changed func(c Condition, holds bool)) *Board {
	if changed == nil {
		changed = func(Condition, bool) {}
	}

	return &Board{changed: changed, now: time.Now, held: make(map[Name]Condition)}
}

// Set says that a condition holds: since now, or since it was first set.
func (b *Board) Set(name Name, text, remedy string) { b.SetSince(name, b.now(), text, remedy) }

// SetSince says that a condition has held since a time. Of two times the
// earlier one counts.
func (b *Board) SetSince(name Name, since time.Time, text, remedy string) {
	c := Condition{Name: name, Stops: name.Stops(), Since: since.UTC().Truncate(time.Millisecond), Text: text, Remedy: remedy}
	b.mu.Lock()
	before, known := b.held[name]
	if known && before.Since.Before(c.Since) {
		c.Since = before.Since
	}
	b.held[name] = c
	b.mu.Unlock()
	if !known {
		b.changed(c, true)
	}
}

// Clear says that conditions no longer hold.
func (b *Board) Clear(names ...Name) {
	for _, name := range names {
		b.mu.Lock()
		c, known := b.held[name]
		delete(b.held, name)
		b.mu.Unlock()
		if known {
			b.changed(c, false)
		}
	}
}

// Only clears every condition but those named.
func (b *Board) Only(names ...Name) {
	for _, name := range Names() {
		if !slices.Contains(names, name) {
			b.Clear(name)
		}
	}
}

// Run says which partitions the instance runs, of how many.
func (b *Board) Run(partitions []int, of int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs, b.of = slices.Clone(partitions), of
}

// Report says what holds.
func (b *Board) Report() Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	report := Report{Ready: true, Status: "ok", Partitions: slices.Concat([]int{}, b.runs), Of: b.of, Conditions: []Condition{}}
	for _, name := range Names() {
		c, held := b.held[name]
		if !held {
			continue
		}
		report.Conditions = append(report.Conditions, c)
		report.Ready = report.Ready && !c.Stops
		report.Status = "degraded"
	}
	if !report.Ready {
		report.Status = "not ready"
	}

	return report
}
