package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"ebb/cmd/ebb/term"
)

// printForce says where the version is in force, in a few lines for any number of
// partitions.
func (s *configStatus) printForce(w *term.Writer) {
	others := map[uint64][]int{} // partitions by version
	var first, last *configPartition
	for i := range s.Partitions {
		p := &s.Partitions[i]
		if p.Version != s.Version {
			others[p.Version] = append(others[p.Version], p.Partition)

			continue
		}
		if p.Since == 0 {
			continue
		}
		if first == nil || p.Since < first.Since {
			first = p
		}
		if last == nil || p.Since > last.Since {
			last = p
		}
	}
	n := len(s.Partitions)
	for _, list := range others {
		n -= len(list)
	}
	if n == len(s.Partitions) {
		w.Line("# In force in all %d partitions.", n)
	} else {
		w.Line("# In force in %d of %d partitions; a running `ebb run` sees to the others.", n, len(s.Partitions))
	}
	for _, version := range slices.Sorted(maps.Keys(others)) {
		w.Line("# Version %d still: %s.", version, partitionsInWords(others[version]))
	}
	if first == nil {
		return
	}
	if first == last {
		w.Line("# Since record %d, when the clock was %s.", first.Since, term.TimeText(first.Time))

		return
	}
	w.Line("# Since record %d, when the clock was %s,", first.Since, term.TimeText(first.Time))
	w.Line("# to record %d, when it was %s; --json says which where.", last.Since, term.TimeText(last.Time))
}

// partitionsInWords are ascending partitions, such as "partitions 0 to 3, 7, 9".
func partitionsInWords(list []int) string {
	var parts []string
	for i := 0; i < len(list); {
		end := i
		for end+1 < len(list) && list[end+1] == list[end]+1 {
			end++
		}
		part := strconv.Itoa(list[i])
		if end > i {
			part += " to " + strconv.Itoa(list[end])
		}
		parts = append(parts, part)
		i = end + 1
	}
	word := "partitions "
	if len(list) == 1 {
		word = "partition "
	}

	return word + strings.Join(parts, ", ")
}
