package collect

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strings"
)

// MinKeyBytes is how long a write key is at least.
const MinKeyBytes = 16

// Keys are the write keys. They are kept as hashes.
type Keys struct {
	hashes [][sha256.Size]byte
}

// ParseKeys reads a key a line; blank lines, and lines that begin with #, say nothing.
func ParseKeys(text []byte) (*Keys, error) {
	k := &Keys{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		key := strings.TrimSpace(lines.Text())
		if key == "" || key[0] == '#' {
			continue
		}
		if len(key) < MinKeyBytes {
			return nil, fmt.Errorf("line %d: a write key has %d bytes; use at least %d, such as `openssl rand -hex 16` gives", number, len(key), MinKeyBytes)
		}
		k.hashes = append(k.hashes, sha256.Sum256([]byte(key)))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(k.hashes) == 0 {
		return nil, fmt.Errorf("it holds no write key; write one a line, such as `openssl rand -hex 16` gives")
	}

	return k, nil
}

// Has says whether a key is one. How long it takes does not depend on which, and not on
// how much of it is right.
func (k *Keys) Has(key string) bool {
	hash, found := sha256.Sum256([]byte(key)), 0
	for i := range k.hashes {
		found |= subtle.ConstantTimeCompare(hash[:], k.hashes[i][:])
	}

	return found == 1
}
