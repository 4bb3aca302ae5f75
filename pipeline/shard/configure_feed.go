package shard

import (
	"ebb/pipeline/meaning"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
)

// reconfigureFeed goes on with what is usual. What is counted otherwise from here
// on is learned anew, so that a change of the vocabulary is no silence.
func (s *Shard) reconfigureFeed(vocab *vocabulary.Vocabulary, to *meaning.Config) {
	moved := s.vocabulary.Moved(vocab)
	if !to.Feed.Enabled() && s.config.Feed.Enabled() {
		s.held.grace, s.held.graceEnd = nil, 0
	}
	s.feed.Reconfigure(to.Feed, len(vocab.ChannelNames), func(channel int) bool {
		return channel == silence.Whole && moved.Whole || channel != silence.Whole && moved.Channels[channel]
	})
	s.resume(s.clock)
}
