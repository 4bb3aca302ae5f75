// Package own runs partitions: it claims them, brings their shards back, feeds them, and
// makes durable what they emit.
//
// It promises that a cut is committed only after its outputs are stored, that nothing is
// published twice whatever crashes and whatever answers get lost, and that only one owner
// of a partition can publish and commit. It talks to no server: the ports in ports.go do.
//
// Read ports.go and commit.go first: how outputs become durable. Then instance.go,
// recover.go for how an owner begins, reading.go for how records come, saver.go for how
// snapshots are stored beside them, and adopt.go for how a configuration is announced.
package own
