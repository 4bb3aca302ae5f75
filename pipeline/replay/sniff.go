package replay

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/vocabulary"
)

// maxProblems is how many bad rows a summary shows.
const maxProblems = 10

// Summary says what an import would publish. All times are Unix ms.
type Summary struct {
	Source    string `json:"source"`
	Mapping   string `json:"mapping"`
	Digest    string `json:"digest"`
	Rows      int64  `json:"rows"`
	Bad       int64  `json:"bad"` // rows that will be dead letters, or whose arrival can't be read
	Customers int    `json:"customers"`
	Engaging  int64  `json:"engaging"`  // rows that count as engagement
	Anonymous int64  `json:"anonymous"` // of these, ids that no customer comes with

	// LookAlikes are ids that differ from another only by case, blanks or the
	// normal form, Unclean those that hold something that can't be seen.
	LookAlikes int64 `json:"look_alikes"`
	Unclean    int64 `json:"unclean"`

	// DeadLetters counts the rows that the shards will refuse, by reason.
	DeadLetters map[string]int64 `json:"dead_letters"`

	FirstTime  int64 `json:"first_time"` // earliest event
	LastTime   int64 `json:"last_time"`  // latest event
	FirstClock int64 `json:"first_clock"`
	LastClock  int64 `json:"last_clock"`

	// Late and TooFarAhead are judged as the shards will.
	LatenessMS  int64 `json:"lateness_ms"`
	Late        int64 `json:"late"`
	TooFarAhead int64 `json:"too_far_ahead"`

	// LateUnder says how many rows would be late under other latenesses.
	LateUnder []LateUnder `json:"late_under"`

	// BiggestJump is the clock's longest step and the row behind it. One wrong
	// date far in the future makes all later rows late, and shows here.
	BiggestJumpMS  int64 `json:"biggest_jump_ms"`
	BiggestJumpRow int64 `json:"biggest_jump_row"`

	// Sorted says that the rows are sorted by time first, since OutOfOrder of
	// them would be late otherwise.
	Sorted     bool  `json:"sorted"`
	OutOfOrder int64 `json:"out_of_order"`

	// Distrusted counts the rows whose time can't be believed, by why.
	Distrusted map[string]int64 `json:"distrusted"`

	// Joins says which anonymous ids belong to customers, and how many rows count
	// for these.
	Joins Joins `json:"joins"`

	// Groups says how many rows were made one event each.
	Groups Groups `json:"groups"`

	// Notes are what a person should know of it, in sentences.
	Notes []string `json:"notes"`

	Encoding  string         `json:"encoding"`  // of the text, before it was read as UTF-8
	Repeated  int64          `json:"repeated"`  // rows with the id and time of another one of the customer; they count once
	Alike     int64          `json:"alike"`     // rows without an id that are as another one; each of them counts
	Money     []MoneySummary `json:"money"`     // by currency
	Worthless int64          `json:"worthless"` // rows of types that carry money, without a value

	Types    []TypeSummary `json:"types"`    // most rows first
	Problems []string      `json:"problems"` // of the first bad rows, one of those alike
}

// LateUnder is the number of late rows under one allowed lateness.
type LateUnder struct {
	LatenessMS int64 `json:"lateness_ms"`
	Late       int64 `json:"late"`
}

// TypeSummary is what the file has of one event type.
type TypeSummary struct {
	Type    string `json:"type"`
	Kind    string `json:"kind"`    // "unknown" where the vocabulary lacks the type
	Channel string `json:"channel"` // of rows that name none
	Rows    int64  `json:"rows"`
	Values  int64  `json:"values"` // rows with a value
}

// latenesses are the ones that a summary compares.
var latenesses = [...]time.Duration{10 * time.Minute, time.Hour, 24 * time.Hour, 72 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}

// Sniff reads a file and says what an import would make of it, without
// publishing. Customers are counted exactly, at 8 bytes and some each.
func Sniff(source Source, mapping *Mapping, vocab *vocabulary.Vocabulary, limits Limits) (Summary, error) {
	mapping.Know(vocab)
	limits = limits.Of(mapping)
	lateness, skew := limits.Lateness, limits.Skew
	known, err := readTimeline(source, mapping, limits)
	if err != nil {
		return Summary{}, err
	}
	timeline, identity, first := known.timeline, known.identity, known.timeline.First
	reader, err := NewReader(source, mapping, ReadOptions{Digest: identity.Digest, Clock: first, Timeline: timeline, Joins: known.joins, Groups: known.groups})
	if err != nil {
		return Summary{}, err
	}
	defer reader.Close()
	s := &sniffer{
		reader:     reader,
		decoder:    native.NewDecoder(event.MaxEventBytes),
		vocabulary: vocab,

		judge:     judge{lateness.Milliseconds(), skew.Milliseconds()},
		types:     make(map[string]*TypeSummary),
		customers: newAlike(),
		late:      make([]int64, len(latenesses)),
		summary: Summary{
			Source: source.Name, Mapping: mapping.Name, Digest: identity.Digest, LatenessMS: lateness.Milliseconds(),
			FirstClock: first, LastClock: first,
			Types: []TypeSummary{}, Problems: []string{}, DeadLetters: map[string]int64{},
			Sorted: timeline.Sorted, OutOfOrder: timeline.Late, Distrusted: map[string]int64{}, Notes: []string{},
		},
	}
	s.summary.Notes = append(s.summary.Notes, timeline.Words(source, mapping, limits)...)
	if known.groups != nil {
		s.summary.Groups = *known.groups
		s.summary.Notes = append(s.summary.Notes, known.groups.Words()...)
	}
	if known.joins != nil {
		s.summary.Joins = *known.joins
	}
	var row Row
	for {
		err := reader.Next(&row)
		if errors.Is(err, io.EOF) {
			return s.finish(mapping), nil
		}
		if err != nil {
			return Summary{}, err
		}
		s.add(&row)
	}
}

type sniffer struct {
	reader     *Reader
	decoder    *native.Decoder
	vocabulary *vocabulary.Vocabulary
	event      event.Event

	judge     judge
	types     map[string]*TypeSummary
	customers *alike
	late      []int64
	problems  problems
	money     moneySums
	repeats   repeats
	summary   Summary
}

func (s *sniffer) add(row *Row) {
	sum := &s.summary
	sum.Rows++
	s.refuse(row)
	if row.Doubt != Believed {
		sum.Distrusted[row.Doubt.String()]++
	}
	if row.Problem != nil {
		sum.Bad++
		s.problems.add(row.Problem)
	}
	if !row.Mapped {
		return
	}
	if len(row.Customer) > 0 {
		s.customers.add(row.Customer)
	}
	t := s.types[string(row.Type)]
	if t == nil {
		t = &TypeSummary{Type: string(row.Type)}
		s.types[t.Type] = t
	}
	t.Rows++
	if row.HasAmount {
		t.Values++
	}
	if row.Timed {
		s.addTime(row)
	}
}

// refuse counts the row if the shards will, at any clock.
func (s *sniffer) refuse(row *Row) {
	err := s.decoder.Decode(row.Body, &s.event)
	var class vocabulary.Class
	if err == nil {
		class, err = s.vocabulary.Classify(&s.event)
	}
	if err == nil {
		if s.repeats.add(row, &s.event) {
			s.money.add(&s.event, class)
		}
		if class.Qualifying {
			s.summary.Engaging++
		}
	}
	var refusal *event.Refusal
	if errors.As(err, &refusal) {
		s.summary.DeadLetters[refusal.Reason.String()]++
		s.reader.report(row, err)
	}
}

func (s *sniffer) addTime(row *Row) {
	sum := &s.summary
	if sum.FirstTime == 0 || row.Time < sum.FirstTime {
		sum.FirstTime = row.Time
	}
	sum.LastTime = max(sum.LastTime, row.Time)
	switch s.judge.of(payload{time: row.Time, timed: true}, row.Clock) {
	case late:
		sum.Late++
	case tooFarAhead:
		sum.TooFarAhead++
	}
	for i, lateness := range latenesses {
		if row.Time < row.Clock-lateness.Milliseconds() {
			s.late[i]++
		}
	}
	if jump := row.Clock - sum.LastClock; jump > sum.BiggestJumpMS {
		sum.BiggestJumpMS, sum.BiggestJumpRow = jump, row.Number
	}
	sum.LastClock = row.Clock
}

func (s *sniffer) finish(mapping *Mapping) Summary {
	channels := s.vocabulary.Channels()
	for _, t := range s.types {
		t.Kind, t.Channel = vocabulary.Unknown.String(), vocabulary.ChannelNone
		if class, err := s.vocabulary.Classify(&event.Event{Type: []byte(t.Type), Channel: []byte(mapping.Constants[fieldChannel.String()])}); err == nil {
			t.Kind, t.Channel = class.Kind.String(), channels[class.Channel]
		}
		s.summary.Types = append(s.summary.Types, *t)
	}
	slices.SortFunc(s.summary.Types, func(a, b TypeSummary) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Type, b.Type))
	})
	s.summary.Customers, s.summary.Anonymous = len(s.customers.exact), s.customers.alone
	s.summary.LookAlikes, s.summary.Unclean = s.customers.same, s.customers.unclean
	s.summary.Joins.Rows = s.reader.Joined()
	s.summary.Notes = append(s.summary.Notes, s.summary.Joins.Words()...)
	s.summary.Notes = append(s.summary.Notes, s.customers.words()...)
	if others := s.reader.Others(); others != "" {
		s.summary.Notes = append(s.summary.Notes, others)
	}
	s.summary.Problems = s.problems.words()
	s.summary.Money, s.summary.Worthless = s.money.summaries(), s.money.worthless
	s.summary.Repeated, s.summary.Alike = s.repeats.repeated, s.repeats.alike
	s.summary.Encoding = s.reader.encoding
	s.summary.Notes = append(s.summary.Notes, s.summary.words()...)
	if s.repeats.full {
		s.summary.Notes = append(s.summary.Notes, fmt.Sprintf("Rows were compared with the first %d different ones.", mostRepeats))
	}
	for i, lateness := range latenesses {
		s.summary.LateUnder = append(s.summary.LateUnder, LateUnder{lateness.Milliseconds(), s.late[i]})
	}

	return s.summary
}
