package customers

import "ebb/windows/codec"

// RecentSet remembers ids alone, such as of who has left, so that who returns can be told
// from who is new. Two ids with the same hash are taken for one.
type RecentSet struct{ Recent[struct{}] }

// Add remembers an id.
func (s *RecentSet) Add(id []byte) { s.Put(id, struct{}{}) }

// Has says whether an id was added, as far as it is remembered.
func (s *RecentSet) Has(id []byte) bool {
	_, has := s.Get(id)

	return has
}

// Capture shares what is remembered: what it returns appends it, once, while more comes.
func (s *RecentSet) Capture() func(dst []byte) []byte {
	return s.Recent.Capture(func(*codec.Writer, struct{}) {})
}

// Read reads what Capture appended.
func (s *RecentSet) Read(r *codec.Reader) {
	s.Recent.Read(r, 0, func(*codec.Reader) struct{} { return struct{}{} })
}
