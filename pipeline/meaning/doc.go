// Package meaning is the part of the configuration that changes what is published:
// vocabulary, windows, lateness, the detector, alerts, limits.
//
// It promises that two configurations with the same Hash publish the same, and says of
// two others in words what differs. A configuration is input: a Fact in a partition's
// control lane puts it into force from there on. Read config.go first, then fact.go and
// differences.go.
package meaning
