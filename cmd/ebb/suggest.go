package main

import (
	"fmt"
	"strings"
)

// unknownSetting is the error for a key that no setting has. It names the
// setting that was probably meant.
func unknownSetting(key string, known []string) error {
	if isSection(known, key) {
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
	best, edits := "", max(2, len(key)/3)+1
	for _, name := range known {
		if d := levenshtein(key, name); d < edits {
			best, edits = name, d
		}
	}
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

// levenshtein is how many bytes to insert, delete or replace to turn a into b.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(row[j]+1, above+1, replaced)
			diagonal = above
		}
	}

	return row[len(b)]
}
