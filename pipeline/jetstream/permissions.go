package jetstream

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"ebb/pipeline/shard"
)

// Permissions are the subjects that a NATS user needs.
type Permissions struct {
	Publish   []string `json:"publish"`
	Subscribe []string `json:"subscribe"`
}

// sinkBucket holds the cursors of the sinks, and sinkConsumer is what its
// durable consumers are called.
const (
	sinkBucket   = "ebb_sinks"
	sinkConsumer = "clickhouse"
)

// Permissions lists what the user of `ebb run` needs, and of the commands
// beside it, but for the events that producers publish. domain is the JetStream
// domain, "" for the server's own.
func (l Layout) Permissions(domain string) Permissions {
	api := "$JS.API."
	if domain != "" {
		api = "$JS." + domain + ".API."
	}
	var needed Permissions
	add := func(subjects ...string) { needed.Publish = append(needed.Publish, subjects...) }

	add(api + "INFO")
	streams, buckets, snapshots := l.names()
	for _, name := range slices.Concat(streams, buckets, []string{snapshots}) {
		add(api+"STREAM.INFO."+name, api+"STREAM.CREATE."+name, api+"STREAM.UPDATE."+name, api+"STREAM.MSG.GET."+name,
			api+"CONSUMER.CREATE."+name+".>", api+"CONSUMER.MSG.NEXT."+name+".*", api+"CONSUMER.DELETE."+name+".*", api+"CONSUMER.INFO."+name+".*")
	}
	for _, name := range streams {
		add(api+"CONSUMER.LIST."+name,
			api+"CONSUMER.RESET."+name+"."+sinkConsumer, "$JS.ACK."+name+".>")
	}
	for _, name := range buckets {
		add(api+"DIRECT.GET."+name+".>", "$KV."+strings.TrimPrefix(name, "KV_")+".>")
	}
	add(api+"STREAM.PURGE."+snapshots, api+"DIRECT.GET."+snapshots+".>", "$O."+strings.TrimPrefix(snapshots, "OBJ_")+".>", "$JS.FC."+snapshots+".>")
	for _, stream := range []shard.Stream{shard.Rollups, shard.Signals, shard.DeadLetters} { // to erase who is forgotten
		add(api + "STREAM.MSG.DELETE." + l.StreamName(stream))
	}
	add(api + "STREAM.MSG.DELETE." + l.Stream)
	for _, lane := range []string{laneControl, laneHistory} {
		add(l.Prefix + "." + lane + ".*")
	}
	add(l.importSubject())
	for stream := range shard.Stream(shard.Streams) {
		add(l.Prefix+"."+stream.String()+".>", l.markerSubjects(stream, "*"))
	}
	if l.Sources {
		stage := l.stageStream()
		add(api+"STREAM.INFO."+stage, api+"STREAM.CREATE."+stage, api+"STREAM.MSG.GET."+stage, api+"STREAM.PURGE."+stage,
			api+"CONSUMER.CREATE."+stage+".>", api+"CONSUMER.MSG.NEXT."+stage+".*", api+"CONSUMER.DELETE."+stage+".*",
			l.sourceSubject("*"), l.stageSubject("*"), l.stageRoundSubject(), l.Prefix+".events.*")
	}
	needed.Subscribe = []string{"_INBOX.>"}

	return needed
}

// names are the streams of a layout, its buckets' streams, and that of the
// snapshots.
func (l Layout) names() (streams, buckets []string, snapshots string) {
	streams = []string{l.Stream}
	for stream := range shard.Stream(shard.Streams) {
		streams = append(streams, l.StreamName(stream))
	}
	for _, bucket := range []string{l.Manifests, l.Leases, sinkBucket} {
		buckets = append(buckets, bucketStream(bucket))
	}

	return streams, buckets, "OBJ_" + l.Snapshots
}

// Missing tries what a user may publish and subscribe to, without any effect,
// and returns what the server does not allow. It uses a connection of its own.
func (needed Permissions) Missing(ctx context.Context, cfg ConnectConfig) (Permissions, error) {
	cfg.URL = orDefault(cfg.URL, nats.DefaultURL)
	options, err := cfg.options(ctx)
	if err != nil {
		return Permissions{}, fmt.Errorf("connect to NATS: %w", err)
	}
	var denied denials
	closed := make(chan struct{})
	options = append(options, nats.Name("ebb check"), nats.NoReconnect(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied.note(err) }),
		// Handlers run in order, so after this one all denials are noted.
		nats.ClosedHandler(func(*nats.Conn) { close(closed) }),
	)
	conn, err := nats.Connect(cfg.URL, options...)
	if err != nil {
		return Permissions{}, fmt.Errorf("connect to NATS at %s: %w", bareURL(cfg.URL), explainConnect(err, cfg.URL))
	}
	err = needed.try(ctx, conn)
	if errors.Is(err, nats.ErrConnectionClosed) { // by a server that went away: ask again
		err = fmt.Errorf("%w while trying rights: %w", nats.ErrDisconnected, err)
	}
	conn.Close()
	select {
	case <-closed:
	case <-ctx.Done():
		return Permissions{}, context.Cause(ctx)
	}

	return Permissions{denied.of(needed.Publish, denied.publish), denied.of(needed.Subscribe, denied.subscribe)}, err
}

// try publishes to every subject what nobody acts on: API requests that can't be
// read, and messages that expect to be stored in a stream that does not exist.
func (needed Permissions) try(ctx context.Context, conn *nats.Conn) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	for _, subject := range needed.Subscribe {
		if _, err := conn.SubscribeSync(concrete(subject)); err != nil {
			return err
		}
	}
	inbox := conn.NewInbox()
	for _, subject := range needed.Publish {
		message := &nats.Msg{Subject: concrete(subject), Reply: inbox, Header: nats.Header{}}
		message.Header.Set(nats.ExpectedStreamHdr, "ebb-check")
		switch {
		case strings.HasPrefix(subject, "$JS.ACK."), strings.HasPrefix(subject, "$JS.FC."):
		case strings.Contains(subject, ".API.STREAM.PURGE."):
			// Either bound alone would be an order.
			message.Data = []byte(`{"filter":"ebb-check","seq":1,"keep":1}`)
		case strings.Contains(subject, ".API."):
			message.Data = []byte("{")
		}
		if err := conn.PublishMsg(message); err != nil {
			return err
		}
	}

	return conn.FlushWithContext(ctx)
}

// concrete is a subject that a pattern allows, and that nothing has. Who listens
// to outputs without a stream passes over markers.
func concrete(pattern string) string {
	if !strings.HasPrefix(pattern, "$") && !strings.HasPrefix(pattern, "_") {
		pattern = strings.Replace(pattern, ".>", ".marker.*", 1)
	}

	return strings.NewReplacer("*", "ebb-check", ">", "ebb-check.ebb-check").Replace(pattern)
}

// denials are the subjects that the server has refused.
type denials struct {
	mu                 sync.Mutex
	publish, subscribe []string
}

var deniedPattern = regexp.MustCompile(`(?i)permissions violation for (publish|subscription) to "([^"]+)"`)

func (d *denials) note(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	found := deniedPattern.FindStringSubmatch(err.Error())
	if found == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if strings.EqualFold(found[1], "publish") {
		d.publish = append(d.publish, found[2])
	} else {
		d.subscribe = append(d.subscribe, found[2])
	}
}

// of returns the patterns whose trial was denied.
func (d *denials) of(patterns, denied []string) []string {
	missing := []string{}
	for _, pattern := range patterns {
		if slices.Contains(denied, concrete(pattern)) {
			missing = append(missing, pattern)
		}
	}

	return missing
}
