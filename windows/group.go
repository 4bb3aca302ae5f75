package windows

import (
	"cmp"
	"fmt"
	"slices"
)

// MaxGroupWidth is how many keys a group may have.
const MaxGroupWidth = 64

// group is width consecutive keys whose rows are one row of several figures.
type group struct {
	first Key
	width int
}

// end is the key after the last one.
func (g group) end() Key { return g.first + Key(g.width) }

// Group declares that the keys first to first+width-1 are one row of several
// figures: each key brings its events and its sum, none counts customers. The
// caller declares a group when it gives out the keys, before any event of them.
//
// From then on, wherever Advance emits a row of one key of the group for a
// length and end, it emits in the same call, next to each other and by ascending
// key, a row for every key of the group whose figures there are not zero. So who
// joins the rows of a call takes zero for those that are missing, and has the
// whole vector as it stands now, also if only one of its keys was corrected. The
// vector exists at an end if and only if a row of any of its keys does; it may
// be emitted again without a change.
//
// Groups are not part of the bytes of the state: the caller declares them again
// after [Restore], before the next Advance. Reconfigure keeps them, and to
// declare the same group again changes nothing. The error wraps [ErrConfig], and
// then nothing has changed.
func (s *Set) Group(first Key, width int) error {
	switch {
	case width < 1 || width > MaxGroupWidth:
		return fmt.Errorf("%w: group of key %d: width %d, give 1 to %d", ErrConfig, first, width, MaxGroupWidth)
	case first >= MaxKeys || int(first) > MaxKeys-width:
		return fmt.Errorf("%w: group of key %d: width %d leads beyond the last key, use keys less than %d",
			ErrConfig, first, width, MaxKeys)
	case first < s.distinct:
		return fmt.Errorf("%w: group of key %d: keys less than %d count distinct customers, use others",
			ErrConfig, first, s.distinct)
	}

	g := group{first: first, width: width}
	at, found := s.findGroup(first)

	// The next group may begin in the middle of this one.
	found = found || at < len(s.groups) && s.groups[at].first < g.end()

	switch {
	case !found:
		s.groups = slices.Insert(s.groups, at, g)
		s.grow(g.end() - 1)

		return nil
	case s.groups[at] == g:
		return nil
	default:
		return fmt.Errorf("%w: group of key %d: width %d overlaps the group of key %d and width %d, use other keys",
			ErrConfig, first, width, s.groups[at].first, s.groups[at].width)
	}
}

// findGroup is the position of the group that holds a key, or else where such a
// group would stand.
func (s *Set) findGroup(key Key) (int, bool) {
	return slices.BinarySearchFunc(s.groups, key, func(g group, key Key) int {
		if g.first <= key && key < g.end() {
			return 0
		}

		return cmp.Compare(g.first, key)
	})
}

// groupOf is the group that holds a key; a key without one is alone.
func (s *Set) groupOf(key Key) group {
	if len(s.groups) > 0 {
		if at, ok := s.findGroup(key); ok {
			return s.groups[at]
		}
	}

	return group{first: key, width: 1}
}
