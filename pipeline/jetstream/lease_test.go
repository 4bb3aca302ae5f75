package jetstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
)

// A lease is free when it is nobody's, or when nobody has renewed it for its
// time to live; nothing but the own clock is asked.
func TestLeaseIsFreeOnceItIsNotRenewed(t *testing.T) {
	const ttl = 6 * time.Second
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	looks := []struct {
		after    time.Duration
		nonce    string
		revision uint64
		free     bool
	}{
		{0, "a", 7, false}, // however old it is: who looks for the first time can't know
		{5900 * time.Millisecond, "a", 7, false},
		{6 * time.Second, "a", 8, false}, // renewed at the last moment
		{11 * time.Second, "a", 8, false},
		{12 * time.Second, "a", 8, true},
		{12 * time.Second, "b", 9, false}, // another was faster
		{13 * time.Second, "", 10, true},  // released
		{14 * time.Second, "", 0, true},   // forgotten by the bucket
	}
	var seen sighting
	for _, look := range looks {
		if got := seen.free(look.nonce, look.revision, start.Add(look.after), ttl); got != look.free {
			t.Errorf("after %s, revision %d of %q: free is %v", look.after, look.revision, look.nonce, got)
		}
	}
}

// contender is somebody who wants the lease, with a connection of their own.
func contender(t *testing.T, url, nonce string, ttl time.Duration, observer LeaseObserver) *Lease {
	t.Helper()
	holder := Holder{Host: "host-" + nonce, PID: 1, Nonce: nonce, Started: time.Now()}

	return NewLease(connect(t, url), Layout{}, holder, ttl, observer)
}

// acquire acquires in the background.
func acquire(t *testing.T, l *Lease) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- l.Acquire(t.Context()) }()

	return done
}

func taken(t *testing.T, done <-chan error, within time.Duration) {
	t.Helper()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(within):
		t.Fatalf("the lease was not taken within %s", within)
	}
}

func TestLeaseGoesToWhoStandsByWhenItIsReleased(t *testing.T) {
	url := localtest.NATS(t)
	first := contender(t, url, "a", time.Hour, LeaseObserver{})
	taken(t, acquire(t, first), 10*time.Second)
	waiting := make(chan Holder, 10)
	second := contender(t, url, "b", time.Minute, LeaseObserver{Waiting: func(h Holder) { waiting <- h }})
	done := acquire(t, second)
	if got := <-waiting; got.String() != "host-a (pid 1)" {
		t.Errorf("waiting for %s", got)
	}
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	taken(t, done, 20*time.Second)
	if err := first.Release(t.Context()); err != nil {
		t.Errorf("released twice: %v", err)
	}
	if held, _, err := second.load(t.Context()); err != nil || held.Nonce != "b" {
		t.Errorf("the lease is %+v's, %v", held, err)
	}
}

// Whoever stops while they take the lease, at any moment, can release it.
func TestLeaseThatIsTakenAtTheEndIsReleased(t *testing.T) {
	url := localtest.NATS(t)
	for i := range 200 {
		ctx, stop := context.WithCancel(t.Context())
		begin := sync.OnceFunc(func() { time.AfterFunc(time.Duration(i)*5*time.Microsecond, stop) })
		first := contender(t, url, fmt.Sprint("a", i), time.Hour, LeaseObserver{Worked: begin}) // it has looked, and writes
		_ = first.Acquire(ctx)                                                                  // it holds the lease, or does not: which depends on the machine
		if err := first.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		if holder, _, err := first.load(t.Context()); err != nil || holder.Nonce != "" {
			t.Fatalf("stopped %d µs after it looked, it leaves the lease to %q, %v", 5*i, holder.Nonce, err)
		}
		stop()
	}
}

// Who stops while a renewal is on its way releases the lease all the same; and leaves it
// to another who has it by then.
func TestLeaseIsReleasedBehindARenewalNobodyWaitedFor(t *testing.T) {
	url := localtest.NATS(t)
	first := contender(t, url, "a", time.Hour, LeaseObserver{})
	taken(t, acquire(t, first), 10*time.Second)
	renewal := contender(t, url, "a", time.Hour, LeaseObserver{})
	if err := renewal.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := contender(t, url, "b", time.Hour, LeaseObserver{})
	taken(t, acquire(t, second), 10*time.Second)
	if err := renewal.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if held, _, err := second.load(t.Context()); err != nil || held.Nonce != "b" {
		t.Errorf("the lease is %+v's, %v", held, err)
	}
}

func TestLeaseExpiresUnlessItIsKept(t *testing.T) {
	const ttl = time.Second
	url := localtest.NATS(t)
	first := contender(t, url, "a", ttl, LeaseObserver{})
	taken(t, acquire(t, first), 10*time.Second)
	keeping, die := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- first.Keep(keeping) }()

	done := acquire(t, contender(t, url, "b", ttl, LeaseObserver{}))
	select {
	case err := <-done:
		t.Fatalf("a lease that is kept was taken: %v", err)
	case <-time.After(3 * ttl):
	}
	die()
	if err := <-kept; err != nil {
		t.Errorf("the end of keeping: %v", err)
	}
	taken(t, done, 20*time.Second)
}

func TestHolderLearnsThatTheLeaseIsLost(t *testing.T) {
	url := localtest.NATS(t)
	first := contender(t, url, "a", 300*time.Millisecond, LeaseObserver{})
	taken(t, acquire(t, first), 10*time.Second)
	if err := contender(t, url, "b", 0, LeaseObserver{}).Seize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Keep(t.Context()); !errors.Is(err, ErrLeaseLost) {
		t.Errorf("keeping ended with %v, want %v", err, ErrLeaseLost)
	}
}

// Neither a server that is away nor a bucket that somebody deletes takes the
// lease from its holder.
func TestLeaseSurvivesAnOutageAndALostBucket(t *testing.T) {
	server := startServer(t)
	failed := make(chan error, 100)
	lease := contender(t, server.server.URL(), "a", 600*time.Millisecond, LeaseObserver{Failed: func(err error) {
		select {
		case failed <- err:
		default:
		}
	}})
	taken(t, acquire(t, lease), 10*time.Second)
	keeping, stop := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- lease.Keep(keeping) }()

	server.stop()
	if err := <-failed; err == nil {
		t.Error("a failure without a reason")
	}
	time.Sleep(2 * lease.ttl)
	server.start()
	js := connect(t, server.server.URL())
	held := func() bool {
		got, _, err := NewLease(js, Layout{}, Holder{}, time.Second, LeaseObserver{}).load(t.Context())

		return err == nil && got.Nonce == "a"
	}
	within(t, "the lease after the outage", held)
	if err := js.DeleteKeyValue(t.Context(), lease.layout.Leases); err != nil && !errors.Is(err, natsjs.ErrStreamNotFound) {
		t.Fatal(err)
	}
	within(t, "the lease in a new bucket", held)
	stop()
	if err := <-kept; err != nil {
		t.Errorf("keeping ended with %v", err)
	}
}

func within(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// Installations on one account have leases of their own.
func TestLeasesOfTwoInstallationsAreApart(t *testing.T) {
	js := connect(t, localtest.NATS(t))
	for _, layout := range []Layout{{}, {Prefix: "shop", Stream: "SHOP"}} {
		lease := NewLease(js, layout, Holder{Nonce: layout.Prefix + "x"}, 0, LeaseObserver{})
		taken(t, acquire(t, lease), 5*time.Second)
	}
}
