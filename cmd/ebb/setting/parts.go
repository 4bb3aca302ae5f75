package setting

import (
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

// The parts of the configuration. Each setting belongs to one.
const (
	PartIdentity  = "identity"  // fixed for the life of a stream
	PartMeaning   = "meaning"   // changes what is published: a record of the input brings it into force
	PartOperation = "operation" // how this instance runs: in no hash, in force at its start
)

// PartOf is the part that a setting belongs to.
func PartOf(name string) string {
	switch name {
	case "stream.prefix", "stream.partitions", "churn.holdout":
		return PartIdentity
	}
	config := meaning.DefaultConfig()
	config.Vocabulary.Channels, config.Vocabulary.Types = []string{"a"}, []vocabulary.TypeConfig{{Type: "a"}}
	config.Rollups = []metric.Rollup{{Name: "a"}}
	for _, setting := range config.Settings() {
		if setting.Name == name {
			return PartMeaning
		}
	}

	return PartOperation
}
