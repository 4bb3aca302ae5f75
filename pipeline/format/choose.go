package format

import (
	"strings"

	"ebb/pipeline/format/cloudevents"
)

// isBinary tells a CloudEvent whose attributes are in headers.
func isBinary(headers map[string][]string) bool {
	return len(headers) > 0 && cloudevents.Header(headers, cloudevents.Prefix+"specversion") != ""
}

// byHeader is the format of a message as far as its headers tell it.
func (r *Reader) byHeader(headers map[string][]string) Format {
	if r.format != Auto && r.format != ByHeader {
		return r.format
	}
	media, _, _ := strings.Cut(strings.ToLower(cloudevents.Header(headers, "Content-Type")), ";")
	switch media = strings.TrimSpace(media); {
	case strings.HasPrefix(media, "application/cloudevents"):
		return CloudEvents
	case media == "application/vnd.segment+json":
		return Segment
	case r.format == ByHeader:
		return Native
	}

	return Auto
}

// Slots of the names that tell a format.
const (
	isCloudEvent = iota + 1
	isSegment
	isNative
)

// lookKind finds the names that only one of the formats has.
func lookKind(_ int, name []byte) (slot, opens int) {
	switch string(name) {
	case "specversion":
		return isCloudEvent, 0
	case "userId", "anonymousId", "messageId", "previousId", "groupId", "event", "traits", "originalTimestamp", "timestamp", "user_id":
		return isSegment, 0
	case "customer", "anonymous_id", "time":
		return isNative, 0
	}

	return 0, 0
}

// byContent is the format of one event by its fields. What has none of any format
// is native, and refused as such.
func (r *Reader) byContent(raw []byte) Format {
	if !r.kind.Pick(raw) {
		return Native // which says why not
	}
	switch got := &r.kind.Got; {
	case got[isCloudEvent].Raw != nil:
		return CloudEvents
	case got[isNative].Raw == nil && got[isSegment].Raw != nil:
		return Segment
	}

	return Native
}
