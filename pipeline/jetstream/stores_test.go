package jetstream

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

func TestManifestsCompareAndSet(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	manifests, err := NewManifests(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}

	if got, revision, err := manifests.Load(ctx, 4); err != nil || revision != 0 || got != (own.Manifest{}) {
		t.Errorf("Load before the first Save = %+v, %d, %v", got, revision, err)
	}
	first := own.Manifest{Partition: 4, Generation: 1, Nonce: "one", Cursor: 10, Markers: [shard.Streams]uint64{1, 2, 3, 4}}
	r1, err := manifests.Save(ctx, first, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manifests.Save(ctx, first, 0); !errors.Is(err, own.ErrFenced) {
		t.Errorf("Save as the first again = %v, want ErrFenced", err)
	}
	second := first
	second.Generation, second.Nonce = 2, "two"
	r2, err := manifests.Save(ctx, second, r1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := manifests.Save(ctx, first, r1); !errors.Is(err, own.ErrFenced) {
		t.Errorf("Save over an old revision = %v, want ErrFenced", err)
	}
	if got, revision, err := manifests.Load(ctx, 4); err != nil || revision != r2 || got != second {
		t.Errorf("Load = %+v, %d, %v, want %+v, %d", got, revision, err, second, r2)
	}
	if _, revision, err := manifests.Load(ctx, 5); err != nil || revision != 0 {
		t.Errorf("Load of another partition = revision %d, %v", revision, err)
	}
}

func TestManifestsThatWereDeletedOrDamaged(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	manifests, err := NewManifests(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := js.KeyValue(ctx, layout.Manifests)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := manifests.Save(ctx, own.Manifest{Cursor: 1}, 0); err != nil {
		t.Fatal(err)
	}
	if err := bucket.Delete(ctx, "p.0"); err != nil {
		t.Fatal(err)
	}
	got, revision, err := manifests.Load(ctx, 0)
	if err != nil || got != (own.Manifest{}) || revision == 0 {
		t.Errorf("Load after a deletion = %+v, %d, %v", got, revision, err)
	}
	if _, err := manifests.Save(ctx, own.Manifest{Cursor: 2}, revision); err != nil {
		t.Errorf("Save after a deletion = %v", err)
	}

	strange, err := bucket.Put(ctx, "p.1", []byte("{"))
	if err != nil {
		t.Fatal(err)
	}
	if got, revision, err := manifests.Load(ctx, 1); err != nil || got != (own.Manifest{}) || revision != strange {
		t.Errorf("Load of what is no manifest = %+v, %d, %v, want none at %d", got, revision, err, strange)
	}
}

func TestSaveWithoutAnAnswerIsAnUnknownOutcome(t *testing.T) {
	js, layout := provisioned(t)
	proxy := startDeafProxy(t, js.Conn().ConnectedUrl())
	behind := connect(t, proxy.url())
	manifests, err := NewManifests(t.Context(), behind, layout)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := manifests.Load(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	proxy.deaf.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := manifests.Save(ctx, own.Manifest{Nonce: "mine"}, 0); !errors.Is(err, ErrUnknownOutcome) {
		t.Errorf("Save = %v, want ErrUnknownOutcome", err)
	}

	there, err := NewManifests(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := there.Load(t.Context(), 0); err != nil || got.Nonce != "mine" {
		t.Errorf("Load = %+v, %v, want the nonce that was saved", got, err)
	}
}

func TestSnapshots(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	snapshots, err := NewSnapshots(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}

	large := make([]byte, 3<<20+17)
	random := rand.NewChaCha8([32]byte{1})
	if _, err := random.Read(large); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"p.3/1234": large, "empty": {}, "small": []byte("x")} {
		if err := snapshots.Put(ctx, name, []byte("replaced")); err != nil {
			t.Fatal(err)
		}
		if err := snapshots.Put(ctx, name, data); err != nil {
			t.Fatal(err)
		}
		if got, err := snapshots.Get(ctx, name); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(data))
		}
		for range 2 {
			if err := snapshots.Delete(ctx, name); err != nil {
				t.Errorf("%s: delete: %v", name, err)
			}
		}
		if _, err := snapshots.Get(ctx, name); !errors.Is(err, natsjs.ErrObjectNotFound) {
			t.Errorf("%s: Get after Delete = %v", name, err)
		}
	}
	if err := snapshots.Put(ctx, "", nil); err == nil {
		t.Error("a snapshot without a name was stored")
	}
}

func TestBucketsThatAreNotThere(t *testing.T) {
	js := connect(t, localtest.NATS(t))
	if _, err := NewManifests(t.Context(), js, Layout{}); !errors.Is(err, natsjs.ErrBucketNotFound) {
		t.Errorf("NewManifests = %v", err)
	}
	if _, err := NewSnapshots(t.Context(), js, Layout{}); !errors.Is(err, natsjs.ErrBucketNotFound) {
		t.Errorf("NewSnapshots = %v", err)
	}
}
