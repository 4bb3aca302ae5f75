package jetstream

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/shard"
)

// keySeal is where the bucket of manifests holds the key of the seals.
const keySeal = "seal"

// Headers that carry a seal, where the body can't.
const (
	headerSeal   = "Ebb-Seal"
	headerImport = "Ebb-Import" // of history: <sequence of the import's first marker>.<seal>
)

// sealBytes is how much of a seal is kept: it can't be guessed.
const sealBytes = 16

// sealKey is what only those know who may read the bucket of manifests. What
// ebb says to itself over NATS carries a seal made with it, so that a
// stranger's message on one of its subjects is told from its own.
//
// What was stored before the key was made has no seal, or one of a key that was
// deleted: it is taken as it is.
type sealKey struct {
	Key   []byte            `json:"key"`
	Since map[string]uint64 `json:"since"` // by stream: the first sequence that needs a seal
}

// sum is the seal of bytes that are meant for a subject, in hexadecimal digits.
func (k *sealKey) sum(subject string, parts ...[]byte) string {
	mac := hmac.New(sha256.New, k.Key)
	mac.Write([]byte(subject))
	for _, part := range parts {
		mac.Write([]byte{0})
		mac.Write(part)
	}

	return hex.EncodeToString(mac.Sum(nil)[:sealBytes])
}

func (k *sealKey) holds(seal, subject string, parts ...[]byte) bool {
	return hmac.Equal([]byte(seal), []byte(k.sum(subject, parts...)))
}

// before reports whether a message was stored before the key was made.
func (k *sealKey) before(stream string, sequence uint64) bool { return sequence < k.Since[stream] }

// sealField begins a sealed body. The seal is of the bytes after it.
const sealField = `{"seal":"`

// sealBody puts a seal into a JSON object that is not empty.
func (k *sealKey) sealBody(subject string, body []byte) []byte {
	rest := body[1:]
	sealed := make([]byte, 0, len(sealField)+2*sealBytes+2+len(rest))
	sealed = append(sealed, sealField...)
	sealed = append(sealed, k.sum(subject, rest)...)
	sealed = append(sealed, `",`...)

	return append(sealed, rest...)
}

// sealed reports whether a body carries the seal of its subject.
func (k *sealKey) sealed(subject string, body []byte) bool {
	rest, ok := bytes.CutPrefix(body, []byte(sealField))
	if !ok || len(rest) < 2*sealBytes+2 || string(rest[2*sealBytes:2*sealBytes+2]) != `",` {
		return false
	}

	return k.holds(string(rest[:2*sealBytes]), subject, rest[2*sealBytes+2:])
}

// token is what the history of one import carries. It begins with the sequence
// of the import's first marker, which no other import has.
func (k *sealKey) token(opened uint64) string {
	number := strconv.FormatUint(opened, 10)

	return number + "." + k.sum("import", []byte(number))
}

// opened reads a token; false if it is not ebb's.
func (k *sealKey) opened(token string) (uint64, bool) {
	number, seal, _ := strings.Cut(token, ".")
	opened, ok := parseNumber(number)

	return opened, ok && k.holds(seal, "import", []byte(number))
}

// keyring reads the key when it is first needed, and keeps it. Its methods may
// be called from several goroutines.
type keyring struct {
	js     natsjs.JetStream
	layout Layout

	mu  sync.Mutex
	key *sealKey
}

func newKeyring(js natsjs.JetStream, layout Layout) *keyring { return &keyring{js: js, layout: layout} }

func (r *keyring) get(ctx context.Context) (*sealKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.key != nil {
		return r.key, nil
	}

	key, found, err := readKey(ctx, r.js, r.layout)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("bucket %s holds no key %s, by which ebb knows its own messages; start `ebb run`, which makes it",
			r.layout.Manifests, keySeal)
	}
	r.key = key

	return key, nil
}

// readKey reads the newest key that is one: whoever overwrites it does no more
// than put a message beside it.
func readKey(ctx context.Context, js natsjs.JetStream, layout Layout) (*sealKey, bool, error) {
	bucket := leader{js, bucketStream(layout.Manifests)}
	found, err := search{
		leader: bucket, subject: "$KV." + layout.Manifests + "." + keySeal,
		own: func(message *stored) (uint64, bool) { return 0, parseKey(message.Data) != nil },
	}.last(ctx, 0)
	if err != nil || !found.own() {
		return nil, false, err
	}

	return parseKey(found.Data), true, nil
}

func parseKey(data []byte) *sealKey {
	var key sealKey
	if json.Unmarshal(data, &key) != nil || len(key.Key) < sealBytes {
		return nil
	}

	return &key
}

// provisionKey makes the key if there is none. Of two that make one at the same
// time, the bucket keeps the first.
func provisionKey(ctx context.Context, js natsjs.JetStream, bucket natsjs.KeyValue, layout Layout) error {
	if _, found, err := readKey(ctx, js, layout); err != nil || found {
		return err
	}
	key := sealKey{Key: make([]byte, 2*sealBytes), Since: map[string]uint64{}}
	if _, err := rand.Read(key.Key); err != nil {
		return err
	}
	names := []string{layout.Stream, bucketStream(layout.Manifests)}
	for stream := range shard.Stream(shard.Streams) {
		names = append(names, layout.StreamName(stream))
	}
	for _, name := range names {
		state, err := leader{js, name}.state(ctx)
		if err != nil {
			return err
		}
		key.Since[name] = state.Last + 1
	}
	data, err := json.Marshal(key)
	if err != nil {
		return err
	}
	_, err = bucket.Create(ctx, keySeal, data)
	if errors.Is(err, natsjs.ErrKeyExists) { // another instance was faster, or something else stands there
		if _, found, err := readKey(ctx, js, layout); err != nil || found {
			return err
		}
		_, err = bucket.Put(ctx, keySeal, data)

		return err
	}

	return err
}
