// Package collect takes events over HTTP in the shape of Segment's tracking API, and
// publishes them to the input.
//
// It promises that what it answers 200 to is stored in JetStream, once however often a
// client tries: a call is known by its messageId. What can't be stored now is answered
// with 429 or 503 and Retry-After, and nothing is kept in memory for later, so that
// clients, which do keep it, send it again. A bad call is answered with 400 and why; bad
// ones within a batch become dead letters, and the good ones beside them count.
//
// It does not judge events: that is what partitions do. Write keys tell who may send,
// and are never logged.
//
// Read handler.go first, then store.go.
package collect
