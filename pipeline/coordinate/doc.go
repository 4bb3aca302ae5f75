// Package coordinate decides what one shard can't know alone: what the detector has
// learned from all, and who of all candidates is within the alert budget.
//
// It promises that its answers depend on the shards' messages alone, in whatever order
// partitions are heard, so that whoever runs it, and however often it begins anew,
// answers the same. Read coordinate.go first, then alerts.go and run.go.
package coordinate
