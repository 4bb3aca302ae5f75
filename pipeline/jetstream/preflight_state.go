package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/preflight"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
)

// checkManifests finds partitions that another configuration or a newer program
// began, and says what the configuration would change.
func checkManifests(ctx context.Context, js natsjs.JetStream, layout Layout, config meaning.Config) ([]preflight.Finding, error) {
	const name = "configuration"
	info, err := streamInfo(ctx, js, bucketStream(layout.Manifests))
	if err != nil {
		return nil, err
	}
	if info == nil {
		return []preflight.Finding{preflight.Found(name, "nothing was processed yet")}, nil
	}
	manifests, err := NewManifests(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	var formats []int
	for partition := range layout.Partitions {
		manifest, _, err := manifests.Load(ctx, partition)
		if err != nil {
			return nil, err
		}
		switch err := own.CheckManifest(manifest, config); {
		case errors.Is(err, shard.ErrNewer):
			return []preflight.Finding{preflight.Fail(stateName, "a newer ebb wrote the snapshots that are stored", err.Error())}, nil
		case err != nil:
			return []preflight.Finding{preflight.Fail(name, "these settings can't go on with what is stored", err.Error())}, nil
		}
		if format := manifest.SnapshotFormat(); format > 0 {
			formats = append(formats, format)
		}
	}
	settings, err := checkConfig(ctx, js, layout, config)
	if err != nil {
		return nil, err
	}

	return []preflight.Finding{foundFormats(formats), settings}, nil
}

// stateName is the finding about snapshots.
const stateName = "state"

func foundFormats(formats []int) preflight.Finding {
	if len(formats) == 0 {
		return preflight.Found(stateName, "there are no snapshots yet")
	}
	slices.Sort(formats)
	var names []string
	for _, format := range slices.Compact(formats) {
		names = append(names, strconv.Itoa(format))
	}

	return preflight.Found(stateName, fmt.Sprintf("%d snapshots of format %s, which this ebb reads; it writes format %d",
		len(formats), strings.Join(names, " and "), section.Format))
}
