package verify

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Settings are what the results depend on beside the input: those of the
// pipeline that is to be proved.
type Settings struct {
	// Era is when the input stream was made, in Unix ms. The rows of this era
	// are proved, and that readers take no row of another one where it covers
	// the tables. Rows of older eras before that are not looked at.
	Era int64

	Partitions int

	erased    []uint16 // partitions that are left out
	anyJoined bool     // some anonymous customer has joined a known one
	Lateness  time.Duration
	Skew      time.Duration

	// Version is that of the configuration with which every partition began; the
	// other fields say what it is. Changes are all later ones, by ascending version.
	// Where one is in force follows from the records of the input.
	Version uint64
	Changes []Change

	// KeepID is how long an id is remembered where duplicates are told by id
	// alone, in slices of SliceID. 0: by id and time.
	KeepID  time.Duration
	SliceID time.Duration

	// Keep is how long customers stay without an event, KeepAnonymous how long
	// anonymous ones do, as it applies; 0: for ever.
	Keep          time.Duration
	KeepAnonymous time.Duration

	MaxCustomers int // of a partition; beyond it some make room for others. 0: not known
	MaxKeys      int // of a partition, with which it tells rows of metrics apart. 0: not known

	Zone string // of days and weeks, by its IANA name; "" is UTC

	CutInterval   time.Duration
	CutRecords    int
	MaxEventBytes int

	// ForgetByCommand: events that have their customer forgotten are dead letters.
	ForgetByCommand bool

	RejectUnknown bool // events of types outside the vocabulary are dead letters
	Types         []Type
	Channels      []string // those that events may name, other and none included
	Currencies    []string // ISO 4217
	Currency      string   // the only one that counts as a customer's value; "" for all

	Windows []Window

	Metrics []string // that are on
	Rollups []Rollup // of users

	Horizon time.Duration // of the risk

	// ScannerWithin is how soon after a message reading it or following a link in
	// it is not taken for a person's doing; 0: never.
	ScannerWithin time.Duration
	// The rules by which customers are at risk beside the threshold of all, as in
	// churn.Config; 0 for none.
	Unusual     float64
	ContactCost float64
	Uplift      float64

	// Words are what the texts of signals are put together from, in their
	// language. Which of them a history asks for is derived.
	Words map[string]string

	// Only names the tables to compare, where not all are to be.
	Only []string

	leftOut []string // rollups that are not compared, see Report.Unleveled

	// ChunkEvents bounds the accepted events that one statement looks at,
	// unless one partition has more; default 500,000. It bounds the memory.
	ChunkEvents uint64
}

// wants says whether one of the tables is to be compared.
func (s *Settings) wants(tables ...string) bool {
	return len(s.Only) == 0 || slices.ContainsFunc(tables, func(table string) bool { return slices.Contains(s.Only, table) })
}

// Change is a later configuration. Of its settings those count that a change can
// change.
type Change struct {
	Version  uint64
	Settings Settings
}

// all are the configurations by version, the first one first.
func (s *Settings) all() []Change {
	return append([]Change{{s.Version, *s}}, s.Changes...)
}

// story is what the history of a customer depends on.
type story struct {
	horizon, keep, keepAnonymous, scanner time.Duration
	currency                              string
}

func (s *Settings) story() story {
	return story{s.Horizon, s.Keep, s.KeepAnonymous, s.ScannerWithin, s.Currency}
}

// stories numbers the stories of the configurations, from 1 on, by version.
func (s *Settings) stories() map[uint64]uint32 {
	numbers, seen := make(map[uint64]uint32), make(map[story]uint32)
	for _, c := range s.all() {
		of := c.Settings.story()
		if seen[of] == 0 {
			seen[of] = uint32(len(seen) + 1)
		}
		numbers[c.Version] = seen[of]
	}

	return numbers
}

// of is the configuration of a version.
func (s *Settings) of(version uint64) *Settings {
	for i := range s.Changes {
		if s.Changes[i].Version == version {
			return &s.Changes[i].Settings
		}
	}

	return s
}

// Type is a name under which events come and how they count.
type Type struct {
	Name       string // as producers write it; an alias, or the type's own
	Type       string // as it stands in rows
	Kind       string // passive, micro, active or exposure
	Channel    string // of events that name none
	Stage      string // of the journey, none where it has none
	Qualifying bool   // by a person, it counts against silence
	Ends       bool   // by a person, it ends the relation
	Negative   bool   // by a person, it speaks against the relation
	Contacts   bool   // it is a message of the company
	Money      int8   // 1: its value is paid, -1: given back
	Worst      float64
	Best       float64 // score; tells nothing where it is Worst
	BySurvey   bool    // the scale is that of the survey in the properties, where that has one
	Weight     float64
}

// Window is a window length.
type Window struct {
	Name  string
	Size  time.Duration
	Slide time.Duration
}

func (s *Settings) setDefaults() {
	if s.ChunkEvents == 0 {
		s.ChunkEvents = 500_000
	}
}

func (s *Settings) check() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("verify: "+format, args...))
		}
	}
	check(s.Era >= 0, "era is %d, below 0", s.Era)
	check(s.Partitions >= 1 && s.Partitions <= 1<<15, "partitions is %d; it has to be 1 to 32768", s.Partitions)
	check(s.Lateness >= 0, "lateness is %s, below 0", s.Lateness)
	check((s.KeepID > 0) == (s.SliceID > 0) && s.KeepID >= 0, "keep id is %s in slices of %s; give both or none", s.KeepID, s.SliceID)
	check(s.Skew >= 0, "skew is %s, below 0", s.Skew)
	check(s.Keep >= 0 && s.KeepAnonymous >= 0, "keep is %s, keep anonymous %s; neither may be below 0", s.Keep, s.KeepAnonymous)
	check(s.CutInterval >= time.Millisecond, "cut interval is %s; it has to be at least 1ms", s.CutInterval)
	check(s.CutRecords >= 1, "cut records is %d; it has to be at least 1", s.CutRecords)
	check(s.MaxEventBytes >= 1, "max event bytes is %d; it has to be at least 1", s.MaxEventBytes)
	check(len(s.Types) > 0, "no types; give the vocabulary")
	check(s.Horizon >= time.Minute, "horizon is %s; it has to be at least 1m", s.Horizon)
	check(len(s.Words) > 0, "no words; give the dictionary of the language")
	check(len(s.Windows) > 0, "no windows; give at least one")
	for _, w := range s.Windows {
		check(w.Slide >= time.Millisecond && w.Size >= w.Slide && w.Size%w.Slide == 0,
			"window %q is %s by %s; the length has to be a multiple of the slide", w.Name, w.Size, w.Slide)
	}

	last := s.Version
	for i := range s.Changes {
		c := &s.Changes[i]
		check(c.Version > last, "version %d comes after %d; give them in order", c.Version, last)
		check(c.Settings.KeepID == s.KeepID && c.Settings.SliceID == s.SliceID,
			"version %d tells duplicates in another way; what is one across such a change can't be proved", c.Version)
		last = c.Version
		other := c.Settings
		other.Changes = nil
		problems = append(problems, other.check())
	}

	return errors.Join(problems...)
}

// verdicts is the file that tells duplicates from others.
func (s *Settings) verdicts() string {
	if s.KeepID > 0 {
		return "verdicts_by_id.sql"
	}

	return "verdicts.sql"
}

// parameters are those of all statements. A statement uses some of them.
func (s *Settings) parameters() map[string]string {
	return map[string]string{
		"era":            strconv.FormatInt(s.Era, 10),
		"erased":         list(s.erased),
		"partitions":     strconv.Itoa(s.Partitions),
		"version":        strconv.FormatUint(s.Version, 10),
		"keep":           milliseconds(s.KeepID),
		"stay":           milliseconds(s.Keep),
		"stay_anonymous": milliseconds(s.KeepAnonymous),
		"slice":          milliseconds(s.SliceID),
		"horizon":        milliseconds(s.Horizon),
		"scanner":        milliseconds(s.ScannerWithin),
		"span":           "0",
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
