package jetstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// incompressible is so many bytes of noise.
func incompressible(t testing.TB, seed byte, size int) []byte {
	t.Helper()
	data := make([]byte, size)
	if _, err := rand.NewChaCha8([32]byte{seed}).Read(data); err != nil {
		t.Fatal(err)
	}

	return data
}

// slowLine forwards connections to a server, and its answers no faster than so
// many bytes a second.
func slowLine(t *testing.T, server string, rate int) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			upstream, err := net.Dial("tcp", strings.TrimPrefix(server, "nats://"))
			if err != nil {
				client.Close()

				return
			}
			done.Go(func() { _, _ = io.Copy(upstream, client); upstream.Close() })
			done.Go(func() {
				defer client.Close()
				buffer := make([]byte, 256<<10)
				for {
					n, err := upstream.Read(buffer)
					if err != nil {
						return
					}
					time.Sleep(time.Duration(n) * time.Second / time.Duration(rate))
					if _, err := client.Write(buffer[:n]); err != nil {
						return
					}
				}
			})
		}
	})
	t.Cleanup(func() { listener.Close(); done.Wait() })

	return "nats://" + listener.Addr().String()
}

// How long a snapshot may take to come follows its size: the client's time for
// one request has nothing to do with it.
func TestSnapshotsComeOverASlowLine(t *testing.T) {
	js, layout := provisioned(t)
	there, err := NewSnapshots(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	want := incompressible(t, 2, 6<<20)
	if err := there.Put(t.Context(), "p.0.7.1", want); err != nil {
		t.Fatal(err)
	}

	far := connect(t, slowLine(t, js.Conn().ConnectedUrl(), 4<<20))
	impatient, err := natsjs.New(far.Conn(), natsjs.WithDefaultTimeout(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	here, err := NewSnapshots(t.Context(), impatient, layout)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	got, err := here.Get(t.Context(), "p.0.7.1")
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes of %d, %v", len(got), len(want), err)
	}
	if took := time.Since(begin); took < 500*time.Millisecond {
		t.Errorf("it took %v, which proves nothing", took)
	}
}

// More than a server lets wait for one client comes at once, over a line that
// is slower than the server: what is asked for stays within bounds, so the
// server has no reason to cut the client off.
func TestManyLargeSnapshotsAtOnce(t *testing.T) {
	js, layout := provisioned(t)
	snapshots, err := NewSnapshots(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	const parts, size = 4, 20 << 20
	for i := range parts {
		if err := snapshots.Put(t.Context(), "p."+strconv.Itoa(i), incompressible(t, byte(i), size)); err != nil {
			t.Fatal(err)
		}
	}
	far := connect(t, slowLine(t, js.Conn().ConnectedUrl(), 256<<20))
	from, err := NewSnapshots(t.Context(), far, layout)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range parts {
		group.Go(func() {
			data, err := from.Get(t.Context(), "p."+strconv.Itoa(i))
			if err != nil || len(data) != size {
				t.Errorf("snapshot %d: %d bytes, %v", i, len(data), err)
			}
		})
	}
	group.Wait()
	if again := far.Conn().Stats().Reconnects; again > 0 {
		t.Errorf("the server cut the client off %d times", again)
	}
}

func TestSnapshotsThatAreNotThereOrDamaged(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	snapshots, err := NewSnapshots(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshots.Get(ctx, "p.0"); !errors.Is(err, own.ErrNoSnapshot) {
		t.Errorf("never stored: %v", err)
	}

	stream, err := js.Stream(ctx, objectStream(layout.Snapshots))
	if err != nil {
		t.Fatal(err)
	}
	chunksOf := func(name string) string {
		if err := snapshots.Put(ctx, name, incompressible(t, 3, 1<<20)); err != nil {
			t.Fatal(err)
		}
		info, err := snapshots.info(ctx, name)
		if err != nil {
			t.Fatal(err)
		}

		return chunkSubject(layout.Snapshots, info.NUID)
	}
	if err := stream.Purge(ctx, natsjs.WithPurgeSubject(chunksOf("p.1")), natsjs.WithPurgeKeep(3)); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshots.Get(ctx, "p.1"); !errors.Is(err, own.ErrNoSnapshot) {
		t.Errorf("a part of the chunks is gone: %v", err)
	}
	subject := chunksOf("p.2")
	if err := stream.Purge(ctx, natsjs.WithPurgeSubject(subject), natsjs.WithPurgeKeep(7)); err != nil {
		t.Fatal(err)
	}
	publishRaw(t, js, subject, nil, "other bytes")
	if _, err := snapshots.Get(ctx, "p.2"); !errors.Is(err, shard.ErrSnapshot) {
		t.Errorf("a chunk is another: %v", err)
	}
	if err := js.DeleteStream(ctx, objectStream(layout.Snapshots)); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshots.Get(ctx, "p.0"); !errors.Is(err, own.ErrNoSnapshot) {
		t.Errorf("the store is gone: %v", err)
	}
}

// A store that was deleted while ebb runs is made again by the next snapshot.
func TestASnapshotMakesItsStoreAgain(t *testing.T) {
	js, layout := provisioned(t)
	snapshots, err := NewSnapshots(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), objectStream(layout.Snapshots)); err != nil {
		t.Fatal(err)
	}
	if err := snapshots.Put(t.Context(), "p.0", []byte("state")); err != nil {
		t.Fatal(err)
	}
	if got, err := snapshots.Get(t.Context(), "p.0"); err != nil || string(got) != "state" {
		t.Errorf("%q, %v", got, err)
	}
}

// A server that restarts while a snapshot comes is no reason to give up.
func TestASnapshotOutlastsARestartOfTheServer(t *testing.T) {
	server := startServer(t)
	js := connect(t, server.server.URL())
	layout := Layout{}.WithDefaults()
	provision(t, js, layout)
	snapshots, err := NewSnapshots(t.Context(), js, layout)
	if err != nil {
		t.Fatal(err)
	}
	want := incompressible(t, 4, 4<<20)
	if err := snapshots.Put(t.Context(), "p.0", want); err != nil {
		t.Fatal(err)
	}
	server.stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	got := make(chan error, 1)
	go func() {
		data, err := snapshots.Get(ctx, "p.0")
		if err == nil && !bytes.Equal(data, want) {
			err = errors.New("other bytes")
		}
		got <- err
	}()
	time.Sleep(200 * time.Millisecond)
	server.start()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

// What a crash left goes: snapshots that no manifest names, chunks without an
// object. Other people's objects stay, and what is still being stored.
func TestSweepRemovesWhatNobodyNames(t *testing.T) {
	js, layout := provisioned(t)
	ctx := t.Context()
	snapshots, err := NewSnapshots(ctx, js, layout)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"p.0.7.1", "p.0.9.2", "p.1.3", "notes"} {
		if err := snapshots.Put(ctx, name, incompressible(t, 5, 300<<10)); err != nil {
			t.Fatal(err)
		}
	}
	publishRaw(t, js, chunkSubject(layout.Snapshots, "UPLOADING"), nil, "a chunk")

	fenced := func(context.Context) (func(string) bool, error) { return nil, own.ErrFenced }
	if _, err := snapshots.Sweep(ctx, fenced); !errors.Is(err, own.ErrFenced) {
		t.Errorf("swept although another owns the partitions: %v", err)
	}
	keep := func(context.Context) (func(string) bool, error) {
		return func(name string) bool { return name == "p.0.9.2" }, nil
	}
	if removed, err := snapshots.Sweep(ctx, keep); err != nil || removed != 2 {
		t.Errorf("%d removed, %v, want 2", removed, err)
	}
	for name, there := range map[string]bool{"p.0.7.1": false, "p.0.9.2": true, "p.1.3": false, "notes": true} {
		if _, err := snapshots.Get(ctx, name); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Three chunks each of the two that stay, what is said of them, and the
	// upload: nothing else is left.
	if got := streamMessages(t, js, objectStream(layout.Snapshots)); got != 2*3+2+1 {
		t.Errorf("%d messages are left in the store, want 9", got)
	}
}

func streamMessages(t testing.TB, js natsjs.JetStream, name string) uint64 {
	t.Helper()
	stream, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}

	return stream.CachedInfo().State.Msgs
}

// Left counts the records of one partition, in all lanes.
func TestLeftCountsTheRecordsOfAPartition(t *testing.T) {
	js, layout := provisioned(t)
	input := NewInput(js, layout)
	publishEvents(t, js, layout, 0, 40)
	if err := input.Tick(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	records := readRecords(t, open(t, js, layout, 1), 41)
	for partition := range layout.Partitions {
		for _, from := range []uint64{1, 20, 41, 42} {
			want := uint64(0)
			for _, record := range records {
				if record.Partition == partition && record.Sequence >= from {
					want++
				}
			}
			if got, err := input.Left(t.Context(), partition, from); err != nil || got != want {
				t.Errorf("partition %d from %d: %d, %v, want %d", partition, from, got, err, want)
			}
		}
	}
	if first, err := input.First(t.Context()); err != nil || first != 1 {
		t.Errorf("First = %d, %v", first, err)
	}
}
