package setting

import (
	"fmt"
	"strings"

	"ebb/pipeline/spelling"
)

// unknownSetting is the error for a key that no setting has. It names the
// setting that was probably meant.
func unknownSetting(key string, known []string) error {
	if IsSection(known, key) {
		return fmt.Errorf("%s is a section, not a value; put its settings below it, such as %s", key, firstOf(known, key))
	}
	if name, ok := suggest(key, known); ok {
		return fmt.Errorf("there is no setting %s; did you mean %s?", key, name)
	}

	return fmt.Errorf("there is no setting %s; deploy/ebb.example.yaml lists all of them", key)
}

// suggest returns the nearest name to key: at most two edits or a third of the
// key away, or else the one setting with the same last element.
func suggest(key string, known []string) (string, bool) {
	best := spelling.Nearest(key, known, max(2, len(key)/3))
	if best != "" {
		return best, true
	}

	for _, name := range known {
		if lastElement(name) == lastElement(key) {
			if best != "" {
				return "", false
			}
			best = name
		}
	}

	return best, best != ""
}

func lastElement(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

func firstOf(known []string, section string) string {
	for _, name := range known {
		if strings.HasPrefix(name, section+".") {
			return name
		}
	}

	return section
}
