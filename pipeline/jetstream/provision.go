package jetstream

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/shard"
)

// ErrPartitions says that a stream exists with another number of partitions.
var ErrPartitions = errors.New("the stream has another number of partitions")

// duplicateWindow is how long the input stream remembers message ids. It only
// spares work: a shard finds duplicates by customer, id and time.
const duplicateWindow = 2 * time.Minute

// leastPayload is the server's default. Dead letters and messages of rows are
// made to fit it.
const leastPayload = 1 << 20

// Provision creates the streams and buckets of a layout, or checks that those
// there can serve it and gives them the layout's limits and replicas. It may be
// called any number of times, and by several instances at once.
//
// ErrPartitions: the input stream was made for another number of partitions,
// which is fixed for the life of a stream.
func Provision(ctx context.Context, js natsjs.JetStream, layout Layout) error {
	layout = layout.WithDefaults()
	if err := layout.Validate(); err != nil {
		return err
	}

	if have := js.Conn().MaxPayload(); have < leastPayload {
		return fmt.Errorf("the server takes messages of at most %d bytes, and some will have %d; "+
			"set its max_payload to 1MB or more", have, leastPayload)
	}
	for _, want := range layout.streams() {
		if err := provisionStream(ctx, js, want, layout); err != nil {
			return fmt.Errorf("stream %s: %w", want.Name, err)
		}
	}
	if err := provisionManifests(ctx, js, layout); err != nil {
		return fmt.Errorf("bucket %s: %w", layout.Manifests, err)
	}
	if err := provisionSnapshots(ctx, js, layout); err != nil {
		return fmt.Errorf("bucket %s: %w", layout.Snapshots, err)
	}

	return nil
}

// streams lists what Provision creates.
func (l Layout) streams() []natsjs.StreamConfig {
	input := natsjs.StreamConfig{
		Name:        l.Stream,
		Description: "Engagement events, control records and imported history",
		Subjects: []string{
			l.Prefix + ".events.*",
			l.Prefix + "." + laneControl + ".*",
			l.Prefix + "." + laneHistory + ".*",
			l.importSubject(),
			l.sourceSubject("*"),
		},
		SubjectTransform: &natsjs.SubjectTransformConfig{Source: l.Prefix + ".events.*", Destination: l.transform()},
		Duplicates:       duplicateWindow,
	}
	l.limit(&input, l.Input)

	all := []natsjs.StreamConfig{input}
	for stream := range shard.Stream(shard.Streams) {
		all = append(all, l.outputStream(stream))
	}

	return all
}

func (l Layout) outputStream(stream shard.Stream) natsjs.StreamConfig {
	subjects := []string{l.Prefix + "." + stream.String() + ".>", l.markerSubjects(stream, "*")}
	if stream == shard.Statistics {
		subjects = []string{l.Prefix + ".s.*", l.Prefix + ".s.marker.*", l.answerSubjects("*"), l.markerSubjects(stream, "*")}
	}

	config := natsjs.StreamConfig{
		Name:        l.StreamName(stream),
		Description: "Outputs of ebb, with a marker per partition",
		Subjects:    subjects,
		Duplicates:  duplicateWindow,
		// Rows are JSON with much in common; blocks are compressed when full,
		// off the path of a publish.
		Compression: natsjs.S2Compression,
	}
	l.limit(&config, l.limitsOf(config.Name))

	return config
}

// limitsOf are those that the layout sets for a stream.
func (l Layout) limitsOf(name string) Limits {
	switch name {
	case l.Stream:
		return l.Input
	case l.StreamName(shard.DeadLetters):
		return l.DeadLetters
	case l.StreamName(shard.Statistics):
		return l.Statistics
	}

	return l.Outputs
}

// limit sets what all streams share.
func (l Layout) limit(config *natsjs.StreamConfig, limits Limits) {
	config.Retention = natsjs.LimitsPolicy
	config.Discard = natsjs.DiscardOld
	config.Storage = natsjs.FileStorage
	config.Replicas = orDefault(l.Replicas, 1)
	config.MaxAge = orDefault(limits.MaxAge, max(defaultMaxAge, limits.LeastAge))
	config.MaxBytes = orDefault(limits.MaxBytes, -1)
	config.AllowAtomicPublish = true
	config.Duplicates = min(config.Duplicates, config.MaxAge)
}

func provisionStream(ctx context.Context, js natsjs.JetStream, want natsjs.StreamConfig, layout Layout) error {
	existing, err := js.Stream(ctx, want.Name)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		_, err = js.CreateStream(ctx, want)
		if errors.Is(err, natsjs.ErrStreamNameAlreadyInUse) { // another instance was faster
			return provisionStream(ctx, js, want, layout)
		}

		return explainCreate(err)
	}
	if err != nil {
		return err
	}

	have := existing.CachedInfo().Config
	if err := checkStream(have, want, layout.Partitions); err != nil {
		return err
	}

	merged := layout.merge(have, want)
	if sameStream(have, merged) {
		return nil
	}
	if err := updateStream(ctx, js, have, merged); err != nil {
		return fmt.Errorf("change its limits, replicas or flags: %w", err)
	}

	return nil
}

// explainCreate adds what to do to the refusals a first start meets.
func explainCreate(err error) error {
	var api *natsjs.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &api) && api.ErrorCode == natsjs.JSErrCodeJetStreamNotEnabledForAccount:
		return fmt.Errorf("%w; enable JetStream for the account these credentials belong to", err)
	case errors.As(err, &api) && api.ErrorCode == codeSubjectsOverlap:
		return fmt.Errorf("%w; another stream holds these subjects: choose another prefix, or remove that stream", err)
	}

	return err
}

// checkStream refuses a stream that an update cannot turn into the wanted one.
func checkStream(have, want natsjs.StreamConfig, partitions int) error {
	if want.SubjectTransform != nil {
		if err := checkTransform(have.SubjectTransform, want.SubjectTransform, partitions); err != nil {
			return err
		}
	}
	for _, subject := range want.Subjects {
		if !slices.Contains(have.Subjects, subject) && !added(subject) {
			return fmt.Errorf("it exists without the subject %s (it has %q); "+
				"choose another stream name, or add the subject to it", subject, have.Subjects)
		}
	}
	if have.Retention != natsjs.LimitsPolicy {
		return fmt.Errorf("it exists with retention %s, which deletes what some reader still needs; "+
			"choose another stream name", have.Retention)
	}

	return nil
}

var partitionPattern = regexp.MustCompile(`\{\{\s*partition\((\d+),`)

func checkTransform(have, want *natsjs.SubjectTransformConfig, partitions int) error {
	if have == nil {
		return fmt.Errorf("it exists without the subject transform %s → %s, so events have no partition; "+
			"choose another stream name, or add the transform to it", want.Source, want.Destination)
	}
	if have.Source == want.Source && have.Destination == want.Destination {
		return nil
	}
	if found := partitionPattern.FindStringSubmatch(have.Destination); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil && n != partitions {
			return fmt.Errorf("%w: it was made with %d, the configuration says %d; "+
				"set partitions to %d, or choose another stream name and prefix and import the history again",
				ErrPartitions, n, partitions, n)
		}
	}

	return fmt.Errorf("it exists with the subject transform %s → %s, not %s → %s; choose another stream name",
		have.Source, have.Destination, want.Source, want.Destination)
}

// added is a subject that streams of earlier versions lack and are given.
func added(subject string) bool {
	if strings.HasSuffix(subject, Layout{}.answerSubjects("*")) || strings.HasSuffix(subject, Layout{}.sourceSubject("*")) {
		return true
	}
	for stream := range shard.Stream(shard.Streams) {
		if strings.HasSuffix(subject, Layout{}.markerSubjects(stream, "*")) {
			return true
		}
	}

	return false
}

// merge changes what the layout sets, and keeps the rest as an operator has set
// it on the server: limits, replicas, placement, storage and all else.
func (l Layout) merge(have, want natsjs.StreamConfig) natsjs.StreamConfig {
	limits := l.limitsOf(have.Name)
	for _, subject := range want.Subjects {
		if !slices.Contains(have.Subjects, subject) && added(subject) {
			have.Subjects = append(slices.Clone(have.Subjects), subject)
		}
	}
	have.AllowAtomicPublish = true
	have.Replicas = orDefault(l.Replicas, have.Replicas)
	if have.MaxAge > 0 { // 0 is for ever
		have.MaxAge = max(have.MaxAge, limits.LeastAge)
	}
	have.MaxAge = orDefault(limits.MaxAge, have.MaxAge)
	have.MaxBytes = orDefault(limits.MaxBytes, have.MaxBytes)
	if have.MaxAge > 0 {
		have.Duplicates = min(have.Duplicates, have.MaxAge) // or the server refuses it
	}

	return have
}

func sameStream(a, b natsjs.StreamConfig) bool {
	return len(a.Subjects) == len(b.Subjects) && a.AllowAtomicPublish == b.AllowAtomicPublish && a.Replicas == b.Replicas &&
		a.MaxAge == b.MaxAge && a.MaxBytes == b.MaxBytes && a.Duplicates == b.Duplicates
}
