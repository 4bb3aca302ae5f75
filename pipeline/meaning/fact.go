package meaning

// Fact is the body of a configuration record.
type Fact struct {
	Version uint64 `json:"version"` // from 1
	Config  Config `json:"config"`
}

// Force says which configuration is in force in a partition.
type Force struct {
	Version uint64 `json:"version"`        // 0: the one that the partition began with has none
	Since   uint64 `json:"since,omitzero"` // sequence of the record that brought it; 0: the partition began with it
	Clock   int64  `json:"clock,omitzero"` // the partition's clock then, Unix ms
	Hash    string `json:"hash"`           // see Config.Hash
}
