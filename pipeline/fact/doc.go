// Package fact is what shards and the coordinator say to each other, as bodies of
// records and of messages: statistics and the parameters learned from them, candidates
// for alerts and the shares of the budget, the marks of imports.
//
// It promises nothing but the forms, which replays depend on. Read control.go first.
package fact
