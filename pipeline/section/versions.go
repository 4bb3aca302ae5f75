package section

import (
	"fmt"
	"strconv"
	"strings"
)

// Versions says in one line which format a snapshot has, and the name and version
// of each of its sections: "6 configuration.1 customers.2". It can be kept where a
// snapshot is only named, so that nobody has to fetch it to know whether it can be
// read.
type Versions string

// VersionsOf are those of heads.
func VersionsOf(heads []Head) Versions {
	text := strconv.Itoa(Format)
	for i := range heads {
		text += fmt.Sprintf(" %s.%d", heads[i].Name, heads[i].Version)
	}

	return Versions(text)
}

// Format is that of the snapshot; 0 where that is not known.
func (v Versions) Format() int {
	format, _, _ := strings.Cut(string(v), " ")
	n, err := strconv.Atoi(format)
	if err != nil {
		return 0
	}

	return n
}

// Check says whether a program that knows sections up to these versions can read
// the snapshot. Sections that it does not know at all are no obstacle. The error
// wraps ErrNewer.
func (v Versions) Check(known map[string]int) error {
	if format := v.Format(); format > Format {
		return TooNew("the snapshot", "format", format, Format)
	}
	for i, field := range strings.Fields(string(v)) {
		name, version, _ := strings.Cut(field, ".")
		n, err := strconv.Atoi(version)
		if newest, ok := known[name]; i > 0 && ok && err == nil && n > newest {
			return TooNew(fmt.Sprintf("section %q", name), "version", n, newest)
		}
	}

	return nil
}
