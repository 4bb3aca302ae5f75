package jetstream

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
)

// cluster starts servers that keep streams together, and returns the address of
// one of them.
func cluster(t *testing.T, size int) string {
	t.Helper()
	var first *server.Server
	for i := range size {
		options := &server.Options{
			ServerName: fmt.Sprint("s-", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: t.TempDir(), JetStreamMaxStore: 1 << 30, JetStreamMaxMemory: 1 << 28,
			Cluster: server.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: server.RANDOM_PORT},
		}
		if first != nil {
			options.Routes = []*url.URL{{Scheme: "nats", Host: first.ClusterAddr().String()}}
		} else {
			// Without a route the first would take itself for a server alone.
			options.Routes = []*url.URL{{Scheme: "nats", Host: "127.0.0.1:1"}}
		}
		s, err := server.NewServer(options)
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		if !s.ReadyForConnections(20 * time.Second) {
			t.Fatal("the server is not ready")
		}
		if first == nil {
			first = s
		}
	}

	return first.ClientURL()
}

// replicas are those of a stream. One that moves may not answer at once.
func replicas(t *testing.T, js natsjs.JetStream, name string) int {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		stream, err := js.Stream(t.Context(), name)
		if err == nil {
			return stream.CachedInfo().Config.Replicas
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

// Who raises stream.replicas is safe from the loss of a server as a whole: the
// buckets follow as the streams do, and 0 leaves them as they are.
func TestAllThatThereIsFollowsTheReplicas(t *testing.T) {
	js := connect(t, cluster(t, 3))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // until the servers have a leader
		info, err := js.AccountInfo(t.Context())
		if err == nil && info != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no leader: %v", err)
		}
	}
	for _, test := range []struct{ set, want int }{{1, 1}, {3, 3}, {0, 3}, {1, 1}} {
		layout := Layout{Replicas: test.set, Partitions: 2}.WithDefaults()
		provision(t, js, layout)
		lease := NewLease(js, layout, Holder{Nonce: fmt.Sprint(test.set)}, time.Second, LeaseObserver{})
		if _, err := lease.bucket(t.Context()); err != nil {
			t.Fatal(err)
		}
		streams, buckets, snapshots := layout.names()
		for _, name := range append(append(streams, buckets...), snapshots) {
			if name == bucketStream(sinkBucket) {
				continue // the sink makes it
			}
			if got := replicas(t, js, name); got != test.want {
				t.Errorf("stream.replicas %d: %s has %d", test.set, name, got)
			}
		}
	}
}

// A server alone keeps one copy, and a bucket that can't follow is named.
func TestABucketThatCantFollowIsNamed(t *testing.T) {
	js := connect(t, localtest.NATS(t))
	layout := Layout{Partitions: 2}.WithDefaults()
	provision(t, js, layout)
	layout.Replicas = 3
	for what, err := range map[string]error{
		"manifests": provisionManifests(t.Context(), js, layout),
		"snapshots": provisionSnapshots(t.Context(), js, layout),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
