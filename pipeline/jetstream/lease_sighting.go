package jetstream

import "time"

// sighting is how somebody who waits for a lease has last seen it. Only the
// time between two looks counts, so no clock needs to be right.
type sighting struct {
	revision uint64
	since    time.Time // when it was first seen at that revision
}

// free notes what was seen at now, and says whether the lease may be taken: it
// is nobody's, or has not been renewed for its time to live.
func (s *sighting) free(nonce string, revision uint64, now time.Time, ttl time.Duration) bool {
	if nonce == "" {
		return true
	}
	if revision != s.revision {
		s.revision, s.since = revision, now

		return false
	}

	return now.Sub(s.since) >= ttl
}
