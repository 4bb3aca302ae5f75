package replay

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"ebb/pipeline/event"

	"github.com/zeebo/xxh3"
)

// Anonymous says what becomes of rows that have an anonymous id and no
// customer; see Joins.
type Anonymous string

// The choices for anonymous ids.
const (
	JoinAnonymous Anonymous = "join" // they count for the customer whom other rows name beside the id
	KeepAnonymous Anonymous = "keep" // each anonymous id is a customer of its own
)

// Bounds of what is remembered of anonymous ids: about 100 bytes for one with a
// customer, 350 MB in all.
const (
	maxJoins   = 1 << 21  // anonymous ids that come with a customer
	maxShared  = 1 << 18  // of these, such that come with several
	maxNames   = 96 << 20 // bytes of ids of customers
	maxSignIns = 1 << 22  // sign-ins of shared ids: in a file in the order of time the first of each customer's in a row, else all
	maxPeople  = 16       // customers of one anonymous id: beyond it is nobody's
)

// Joins says to which customers the anonymous ids of a file belong, by the rows
// that hold both: who browsed before they signed in is one customer, not two.
//
// A row that has an anonymous id and no customer of its own (or one that is the
// anonymous id again, as in exports with a distinct_id) counts for the customer
// with whom the id comes elsewhere in the file. Where it comes with several, as
// on a device that people share or pass on, a row counts for who signed in last
// before it, by the times of the events, and before the first sign-in for the
// first. Of two at the same moment it is the one whose id comes first in the
// order of bytes. Rows whose time can't be believed are no sign-ins then. An id
// that comes with more than 16 customers is that of a till, or a word for
// nobody: it stays anonymous.
//
// So whose a row is follows from the rows of the file, in any order. What is
// remembered is bounded: of more than 2 million anonymous ids that come with a
// customer, or 260 thousand that come with several, the first in the file are
// joined, and Beyond counts the others. And it is this file alone: sign-ins that
// an export keeps in a table of their own belong into it as rows.
type Joins struct {
	AnonymousIDs int64 `json:"anonymous_ids"` // that belong to customers; 0 where no row needs it
	Customers    int64 `json:"customers"`     // to whom they belong
	Rows         int64 `json:"rows"`          // that were joined; 0 before the file is read
	Shared       int64 `json:"shared"`        // anonymous ids of several customers
	Crowded      int64 `json:"crowded"`       // of too many, which stay anonymous

	// Beyond counts rows with both ids that came when as many anonymous ids
	// were known as are kept, and BeyondRow is the first, of BeyondID. Those ids
	// stay anonymous.
	Beyond    int64  `json:"beyond"`
	BeyondRow int64  `json:"beyond_row"`
	BeyondID  string `json:"beyond_id"`

	alone           int64 // rows with an anonymous id and no customer
	sharedExamples  []string
	crowdedExamples []string

	customers map[xxh3.Uint128]uint32   // of anonymous ids: where the name is
	names     []byte                    // each with its length before it
	shared    map[xxh3.Uint128]*signIns // of anonymous ids with several customers
}

// nobody is the place of the name of an id that stays anonymous.
const nobody = ^uint32(0)

// of returns the customer of a row, nil for nobody. at is the row's time, not
// shifted.
func (j *Joins) of(anonymous []byte, at int64, timed bool) []byte {
	key := xxh3.Hash128(anonymous)
	place, ok := j.customers[key]
	if !ok || place == nobody {
		return nil
	}
	if s := j.shared[key]; s != nil {
		if !timed || len(s.list) == 0 {
			return nil
		}
		i := sort.Search(len(s.list), func(i int) bool { return s.list[i].at > at })
		place = s.list[max(i-1, 0)].name
	}

	return j.name(place)
}

func (j *Joins) name(place uint32) []byte {
	begin := int(place) + 1
	end := begin + int(j.names[place]) + 1

	return j.names[begin:end:end]
}

// any tells whether there are rows that may be joined.
func (j *Joins) any() bool { return j != nil && j.alone > 0 && j.AnonymousIDs > 0 }

// Words says to a person what was joined, in sentences; none where nothing was.
func (j *Joins) Words() []string {
	if j == nil || j.alone == 0 {
		return nil
	}
	var words []string
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if j.AnonymousIDs > 0 {
		are := fmt.Sprintf("%s %s by rows that hold both", number(j.AnonymousIDs, "anonymous id is", "anonymous ids are"), number(j.Customers, "customer", "customers"))
		if j.Rows > 0 {
			say("%s; %s joined.", are, number(j.Rows, "row was", "rows were"))
		} else {
			say("%s, and are joined.", are)
		}
	}
	if j.Shared > 0 {
		say("%s to several customers (%s): a row without a customer counts for who signed in last before it.",
			number(j.Shared, "anonymous id belongs", "anonymous ids belong"), strings.Join(j.sharedExamples, ", "))
	}
	if j.Crowded > 0 {
		say("%s to more than %d customers (%s), as that of a till does, or a word for nobody: rows without a customer stay anonymous.",
			number(j.Crowded, "anonymous id belongs", "anonymous ids belong"), maxPeople, strings.Join(j.crowdedExamples, ", "))
	}
	if j.Beyond > 0 {
		say("There are more anonymous ids with a customer than are kept (%d, of these %d with several): those of %s, from row %d (%s) on, "+
			"stay customers of their own. Write the customer into their rows before the import.",
			maxJoins, maxShared, number(j.Beyond, "row", "rows"), j.BeyondRow, quotedID([]byte(j.BeyondID)))
	}

	return words
}

func number(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}

	return fmt.Sprintf("%d %s", n, many)
}

// join puts the customer on a row that has none of its own, or tells who
// collects whose anonymous ids are.
func (r *Reader) join(row *Row) bool {
	d := &r.draft
	anonymous, customer := d.text[fieldAnonymousID], d.text[fieldCustomer]
	switch {
	case r.people == nil && r.joins == nil, d.composed[fieldAnonymousID], d.composed[fieldCustomer], !isID(anonymous, event.MaxAnonymousBytes):
		return false
	case isAnonymousAgain(customer, anonymous):
		customer = nil
	case len(customer) > 0 && !isID(customer, event.MaxCustomerBytes):
		return false
	}
	if r.people != nil {
		r.people(row, anonymous, customer)

		return false
	}
	if len(customer) > 0 {
		return false
	}
	known := r.joins.of(anonymous, row.Time-r.options.ShiftMS, row.Timed)
	if known == nil {
		return false
	}
	d.text[fieldCustomer] = known
	r.joined++

	return true
}

// isID tells whether a shard would take the text for somebody's id.
func isID(text []byte, most int) bool {
	return len(text) > 0 && len(text) <= most && utf8.Valid(text) && !event.IsNullWord(text) && !event.IsBlank(text)
}

// isAnonymousAgain tells a customer that is the anonymous id once more, as a
// distinct_id is before people sign in.
func isAnonymousAgain(customer, anonymous []byte) bool {
	return bytes.Equal(bytes.TrimPrefix(customer, []byte("$device:")), anonymous)
}

// joins says whether the mapping lets rows be joined.
func (m *Mapping) joins() bool {
	both := m.Fields[fieldCustomer.String()] != "" && m.Fields[fieldAnonymousID.String()] != ""

	return m.Anonymous != KeepAnonymous && (m.Format.isEvents() || both)
}
