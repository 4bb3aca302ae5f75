package forget_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ebb/pipeline/forget"
	"ebb/windows/codec"
)

// Hashes go through JSON, and what is none is refused.
func TestHashesAsText(t *testing.T) {
	hash := forget.NewHasher([]byte("a key of 16 bytes")).Of([]byte("c-17"))
	text, err := json.Marshal(map[string]forget.Hash{"customer": hash})
	if err != nil || !strings.Contains(string(text), hash.String()) {
		t.Fatalf("%s, %v", text, err)
	}
	var back map[string]forget.Hash
	if err := json.Unmarshal(text, &back); err != nil || back["customer"] != hash {
		t.Errorf("%v, %v", back, err)
	}
	if other := forget.NewHasher([]byte("another key of it")).Of([]byte("c-17")); other == hash {
		t.Error("a hash does not depend on the key")
	}
	for _, wrong := range []string{"", "c-17", hash.String()[2:], hash.String() + "00", strings.Repeat("g", 32)} {
		if err := new(forget.Hash).UnmarshalText([]byte(wrong)); err == nil {
			t.Errorf("%q is taken for a hash", wrong)
		}
	}
}

// A copy has a life of its own, and a state in which a tombstone stands twice is refused.
func TestTombstonesAreRead(t *testing.T) {
	hasher := forget.NewHasher([]byte("key"))
	var stones forget.Tombstones
	stones.Add(hasher.Of([]byte("a")), 5)
	copied := stones.Clone()
	copied.Add(hasher.Of([]byte("b")), 7)
	if until, ok := stones.Until(hasher.Of([]byte("b"))); ok || stones.Len() != 1 || copied.Len() != 2 {
		t.Errorf("until %d, %v; %d and %d tombstones", until, ok, stones.Len(), copied.Len())
	}
	var w codec.Writer
	stones.Write(&w)
	one := w.Bytes()
	twice := append([]byte{2}, append(one[1:len(one):len(one)], one[1:]...)...)
	for _, broken := range [][]byte{twice, one[:len(one)-1], one[:4]} {
		r := codec.From(broken, errors.New("broken"))
		new(forget.Tombstones).Read(&r)
		if r.Err() == nil {
			t.Errorf("%x is read", broken)
		}
	}
}
