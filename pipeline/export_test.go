package pipeline

import (
	"ebb/pipeline/coordinate"
	"ebb/pipeline/fact"
	"ebb/pipeline/own"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
)

// Sections are those of a snapshot.
func Sections(snapshot []byte) ([]section.Section, error) {
	_, sections, err := shard.OpenSnapshot(snapshot)

	return sections, err
}

// SealSections makes a snapshot of sections, with right lengths and checksums, so
// that tests reach the codecs behind them.
func SealSections(sections []section.Section) []byte {
	snapshot := section.Begin(nil)
	for _, s := range sections {
		snapshot = section.Append(snapshot, s.Head, func(dst []byte) []byte { return append(dst, s.Body...) })
	}

	return section.End(snapshot, len(sections))
}

// Fingerprint is what manifests say of a record's bytes.
func Fingerprint(data []byte) string { return own.Fingerprint(data) }

// Shares shares the alert budget out by currency.
func Shares(customers map[string]int, budget int) map[string]int {
	return coordinate.Shares(customers, budget)
}

// SelectBest is how the Allotter chooses.
func SelectBest(lists [][]fact.Worth, n int) []int { return coordinate.SelectBest(lists, n) }
