package jetstream

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ebb/pipeline/shard"
)

// Limits says how much of a stream is kept. What is older or beyond is removed
// from its front. A stream that is there keeps what an operator has set on the
// server where these are 0.
type Limits struct {
	MaxAge   time.Duration // 0: for a new stream 35 days
	LeastAge time.Duration // without MaxAge: at least so long, also a stream that is there
	MaxBytes int64         // 0: for a new stream no limit by size; -1: no limit
}

// Layout names the streams, subjects and buckets of one installation. The zero
// value of each field means its default. Two installations on one NATS account
// differ in Prefix, Stream, Manifests and Snapshots.
type Layout struct {
	Prefix     string // first token of all subjects; default "engagement"
	Stream     string // the input stream, and the first part of the others' names; default "ENGAGEMENT"
	Partitions int    // 1..1024, fixed for the life of the stream; default 16
	Replicas   int    // 1..5; 0: for new streams 1, and for those there what they have

	Input       Limits // the default is the longest window and a week to notice a fault
	Outputs     Limits // rollups and signals
	DeadLetters Limits
	Statistics  Limits

	Manifests string // bucket; default "ebb_manifests"
	Snapshots string // bucket; default "ebb_snapshots"
	Leases    string // bucket, with a time to live; default "ebb_leases"

	// Sources says that events of sources are brought in, for which rights are needed.
	Sources bool
}

const (
	defaultPrefix     = "engagement"
	defaultStream     = "ENGAGEMENT"
	defaultPartitions = 16
	defaultMaxAge     = 35 * 24 * time.Hour
	defaultManifests  = "ebb_manifests"
	defaultSnapshots  = "ebb_snapshots"
	defaultLeases     = "ebb_leases"

	maxPartitions = 1024
)

// WithDefaults returns the layout with its zero fields set.
func (l Layout) WithDefaults() Layout {
	l.Prefix = orDefault(l.Prefix, defaultPrefix)
	l.Stream = orDefault(l.Stream, defaultStream)
	l.Partitions = orDefault(l.Partitions, defaultPartitions)
	l.Manifests = orDefault(l.Manifests, defaultManifests)
	l.Snapshots = orDefault(l.Snapshots, defaultSnapshots)
	l.Leases = orDefault(l.Leases, defaultLeases)

	return l
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}

	return value
}

var (
	prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	namePattern   = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// Validate reports the first field that no server would take. It expects a
// layout with its defaults set.
func (l Layout) Validate() error {
	switch {
	case !prefixPattern.MatchString(l.Prefix):
		return fmt.Errorf("prefix %q: only letters, digits, _ and - in tokens joined by dots", l.Prefix)
	case !namePattern.MatchString(l.Stream):
		return fmt.Errorf("stream %q: only letters, digits, _ and -", l.Stream)
	case l.Partitions < 1 || l.Partitions > maxPartitions:
		return fmt.Errorf("partitions %d: must be 1 to %d", l.Partitions, maxPartitions)
	case l.Replicas < 0 || l.Replicas > 5:
		return fmt.Errorf("replicas %d: must be 1 to 5, and odd to survive the loss of a server", l.Replicas)
	case !namePattern.MatchString(l.Manifests):
		return fmt.Errorf("manifests bucket %q: only letters, digits, _ and -", l.Manifests)
	case !namePattern.MatchString(l.Snapshots):
		return fmt.Errorf("snapshots bucket %q: only letters, digits, _ and -", l.Snapshots)
	case !namePattern.MatchString(l.Leases):
		return fmt.Errorf("leases bucket %q: only letters, digits, _ and -", l.Leases)
	}

	return nil
}

// StreamName is the name of an output stream on the server. It expects a layout
// with its defaults set, as the other methods do.
func (l Layout) StreamName(stream shard.Stream) string {
	return l.Stream + [...]string{"_ROLLUPS", "_SIGNALS", "_DEADLETTERS", "_STATISTICS"}[stream]
}

// MarkerSubject is the one subject of a partition's marker on an output stream. It is
// none of those that services subscribe to.
func (l Layout) MarkerSubject(stream shard.Stream, partition int) string {
	return l.markerSubjects(stream, strconv.Itoa(partition))
}

func (l Layout) markerSubjects(stream shard.Stream, wildcard string) string {
	return l.Prefix + ".marker." + stream.String() + "." + wildcard
}

// formerMarkerSubject is where earlier versions kept the marker, among the outputs.
func (l Layout) formerMarkerSubject(stream shard.Stream, partition int) string {
	return l.Prefix + "." + stream.String() + ".marker." + strconv.Itoa(partition)
}

// The lanes of the input stream, as the token after the prefix.
const (
	laneEvent   = "p"
	laneControl = "c"
	laneHistory = "h"
)

func (l Layout) laneSubject(lane string, partition int) string {
	return l.Prefix + "." + lane + "." + strconv.Itoa(partition)
}

// answerSubject is where the coordinator's answers to an import's questions are
// kept, on the stream of statistics: the importer puts them into the input.
func (l Layout) answerSubject(partition int) string {
	return l.answerSubjects("") + strconv.Itoa(partition)
}

func (l Layout) answerSubjects(wildcard string) string { return l.Prefix + ".s.answer." + wildcard }

func (l Layout) importSubject() string { return l.Prefix + ".import" }

// transform is the subject under which the server stores what producers send.
func (l Layout) transform() string {
	return fmt.Sprintf("%s.%s.{{partition(%d,1)}}", l.Prefix, laneEvent, l.Partitions)
}

func (l Layout) checkPartition(partition int) error {
	if partition < 0 || partition >= l.Partitions {
		return fmt.Errorf("partition %d: the stream %s has %d, numbered from 0", partition, l.Stream, l.Partitions)
	}

	return nil
}

// Owns says whether a stream is one of the layout's.
func (l Layout) Owns(stream string) bool {
	streams, buckets, snapshots := l.names()

	return slices.Contains(streams, stream) || slices.Contains(buckets, stream) || stream == snapshots || stream == l.stageStream()
}

// Overlap says whether some subject is one of both patterns.
func Overlap(a, b string) bool {
	of, and := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(of) && i < len(and); i++ {
		switch {
		case of[i] == ">" || and[i] == ">":
			return true
		case of[i] != and[i] && of[i] != "*" && and[i] != "*":
			return false
		}
	}

	return len(of) == len(and)
}
