package shard

import (
	"encoding/json"

	"ebb/pipeline/meaning"
	"ebb/windows/codec"
)

// settings are the configuration in force.
type settings struct {
	config  meaning.Config
	force   meaning.Force // without Hash
	encoded []byte        // config as JSON; nil before it is needed
	hash    string        // of these bytes
}

// Force says which configuration is in force.
func (s *settings) Force() meaning.Force {
	force := s.force
	s.json()
	force.Hash = s.hash

	return force
}

// json is the configuration in force, encoded once.
func (s *settings) json() []byte {
	if s.encoded == nil {
		s.encoded = codec.Must(json.Marshal(s.config))
		s.hash = meaning.HashOf(s.encoded)
	}

	return s.encoded
}

// change puts another configuration into force.
func (s *settings) change(to *meaning.Config) { s.config, s.encoded = *to, nil }
