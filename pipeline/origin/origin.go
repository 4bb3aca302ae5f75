// Package origin says when a stream began. A stream that is restored from a backup
// is made anew for its server, and goes on for all who count by when it began: rows
// are of the same era, and cursors of the same stream.
package origin

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Key is under which the metadata of a restored stream keeps when it began (RFC 3339).
const Key = "ebb_began"

// Of is when a stream began: by its metadata if it was restored, else when the server
// made it.
func Of(info *jetstream.StreamInfo) time.Time {
	if began, err := time.Parse(time.RFC3339Nano, info.Config.Metadata[Key]); err == nil && began.Before(info.Created) {
		return began.UTC()
	}

	return info.Created
}
