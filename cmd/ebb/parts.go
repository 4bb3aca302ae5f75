package main

import "ebb/pipeline"

// The parts of the configuration. Each setting belongs to one.
const (
	partIdentity  = "identity"  // fixed for the life of a stream
	partMeaning   = "meaning"   // changes what is published: a record of the input brings it into force
	partOperation = "operation" // how this instance runs: in no hash, in force at its start
)

// partOf is the part that a setting belongs to.
func partOf(name string) string {
	switch name {
	case "stream.prefix", "stream.partitions", "churn.holdout":
		return partIdentity
	}
	config := pipeline.DefaultConfig()
	config.Vocabulary.Channels, config.Vocabulary.Types = []string{"a"}, []pipeline.TypeConfig{{Type: "a"}}
	for _, setting := range config.Settings() {
		if setting.Name == name {
			return partMeaning
		}
	}

	return partOperation
}
