package jetstream

import "sync"

// Stranger is a message that someone other than ebb published where only ebb
// does. It is passed over. The permissions in deploy/nats keep strangers out.
type Stranger struct {
	Subject  string
	Sequence uint64 // in the subject's stream
}

// strangers tells of each once.
type strangers struct {
	tell func(Stranger) // nil: nobody is told

	mu   sync.Mutex
	seen map[string]uint64 // by subject: the newest that was told of
}

func (s *strangers) met(stranger Stranger) {
	if s == nil || s.tell == nil {
		return
	}
	s.mu.Lock()
	again := s.seen[stranger.Subject] >= stranger.Sequence
	if !again {
		if s.seen == nil {
			s.seen = make(map[string]uint64)
		}
		s.seen[stranger.Subject] = stranger.Sequence
	}
	s.mu.Unlock()

	if !again {
		s.tell(stranger)
	}
}
