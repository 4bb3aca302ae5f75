package pipeline

import "ebb/pipeline/feed"

// reconfigureFeed goes on with what is usual. What is counted otherwise from here
// on is learned anew, so that a change of the vocabulary is no silence.
func (s *Shard) reconfigureFeed(vocabulary *Vocabulary, to *Config) {
	moved := s.vocabulary.moved(vocabulary)
	if !to.Feed.Enabled() && s.config.Feed.Enabled() {
		s.held.grace, s.held.graceEnd = nil, 0
	}
	s.feed.Reconfigure(to.Feed, len(vocabulary.channels), func(channel int) bool {
		return channel == feed.Whole && moved.whole || channel != feed.Whole && moved.channels[channel]
	})
	s.resume(s.clock)
}
