package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
	"ebb/pipeline/preflight"
)

// leastMinor is of the oldest server that will do: 2.14 can reset a consumer and
// store atomic batches.
const (
	leastMajor, leastMinor = 2, 14
)

// Preflight finds out whether NATS will do for a layout and a configuration. It
// changes nothing. The error is one of a server that does not answer; ask again.
//
// connect is how js was connected: rights are tried on a connection of their own,
// and before anything else, because what is not allowed gets no answer.
func Preflight(ctx context.Context, js natsjs.JetStream, connect ConnectConfig, layout Layout, config meaning.Config) ([]preflight.Finding, error) {
	layout = layout.WithDefaults()
	found := []preflight.Finding{checkVersion(js.Conn()), checkPayload(js.Conn())}
	rights, err := checkPermissions(ctx, connect, layout)
	if err != nil {
		return nil, err
	}
	found = append(found, rights)
	if preflight.Worst(found) == preflight.Failed {
		return found, nil
	}
	account, enabled, err := checkEnabled(ctx, js)
	if err != nil {
		return nil, err
	}
	found = append(found, enabled)
	if account == nil {
		return found, nil
	}
	streams, have, err := checkStreams(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	found = append(found, streams, checkAccount(account, layout, len(have)), checkReplicas(js.Conn(), layout), checkRoom(have))
	if preflight.Worst(found) == preflight.Failed {
		return found, nil
	}
	stored, err := checkManifests(ctx, js, layout, config)
	if err != nil {
		return nil, err
	}

	return append(found, stored...), nil
}

func checkVersion(conn *nats.Conn) preflight.Finding {
	const name = "nats version"
	version := conn.ConnectedServerVersion()
	text := fmt.Sprintf("nats-server %s at %s", version, conn.ConnectedUrlRedacted())
	if versionBefore(version, leastMajor, leastMinor) {
		return preflight.Fail(name, text+fmt.Sprintf(" is older than %d.%d", leastMajor, leastMinor),
			fmt.Sprintf("upgrade it to nats-server %d.%d or later", leastMajor, leastMinor))
	}

	return preflight.Found(name, text)
}

// versionBefore compares the first two numbers. A version that can't be read is
// not taken for an old one.
func versionBefore(version string, major, minor int) bool {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	if errA != nil || errB != nil {
		return false
	}

	return a < major || a == major && b < minor
}

func checkPayload(conn *nats.Conn) preflight.Finding {
	const name = "nats max_payload"
	text := fmt.Sprintf("the server takes messages of up to %d bytes", conn.MaxPayload())
	if conn.MaxPayload() < leastPayload {
		return preflight.Fail(name, text+fmt.Sprintf(", and some will have %d", leastPayload), "set max_payload of the NATS server to 1MB or more")
	}

	return preflight.Found(name, text)
}

func checkPermissions(ctx context.Context, connect ConnectConfig, layout Layout) (preflight.Finding, error) {
	const name = "nats permissions"
	missing, err := layout.Permissions(connect.Domain).Missing(ctx, connect)
	if err != nil {
		return preflight.Finding{}, err
	}
	var lacks []string
	if len(missing.Publish) > 0 {
		lacks = append(lacks, "publish to "+strings.Join(missing.Publish, ", "))
	}
	if len(missing.Subscribe) > 0 {
		lacks = append(lacks, "subscribe to "+strings.Join(missing.Subscribe, ", "))
	}
	if len(lacks) > 0 {
		return preflight.Fail(name, "the NATS user may not "+strings.Join(lacks, ", nor "),
			"allow these subjects; `ebb check --permissions` prints all that are needed, as the NATS server takes them"), nil
	}

	return preflight.Found(name, "the NATS user may do all that is needed"), nil
}

// checkEnabled asks whether JetStream is on. The account is nil where it is not.
func checkEnabled(ctx context.Context, js natsjs.JetStream) (*natsjs.AccountInfo, preflight.Finding, error) {
	const name = "jetstream"
	ctx, cancel := bounded(ctx)
	defer cancel()
	account, err := js.AccountInfo(ctx)
	switch {
	case errors.Is(err, natsjs.ErrJetStreamNotEnabledForAccount):
		return nil, preflight.Fail(name, "JetStream is off for the account of this user",
			"enable it: jetstream: enabled in the account, or limits in its JWT"), nil
	case errors.Is(err, natsjs.ErrJetStreamNotEnabled):
		return nil, preflight.Fail(name, "JetStream is off on this NATS server",
			"turn it on: jetstream {} in the server's configuration, or nats-server -js; a JetStream domain goes into nats.domain"), nil
	case err != nil:
		return nil, preflight.Finding{}, fmt.Errorf("ask for the JetStream account: %w", err)
	}

	return account, preflight.Found(name, "JetStream is on"), nil
}

// checkStreams looks at the streams that are there. Those that are missing are
// made by ebb run.
func checkStreams(ctx context.Context, js natsjs.JetStream, layout Layout) (preflight.Finding, []*natsjs.StreamInfo, error) {
	const name = "streams"
	var have []*natsjs.StreamInfo
	wanted := layout.streams()
	present := 0
	for _, want := range wanted {
		info, err := streamInfo(ctx, js, want.Name)
		if err != nil {
			return preflight.Finding{}, nil, err
		}
		if info == nil {
			continue
		}
		present++
		have = append(have, info)
		if err := checkStream(info.Config, want, layout.Partitions); err != nil {
			return preflight.Fail(name, "stream "+want.Name+" will not do", err.Error()), have, nil
		}
	}
	_, buckets, snapshots := layout.names()
	for _, bucket := range append(buckets, snapshots) {
		info, err := streamInfo(ctx, js, bucket)
		if err != nil {
			return preflight.Finding{}, nil, err
		}
		if info != nil {
			have = append(have, info)
		}
	}
	if missing := len(wanted) - present; missing > 0 {
		return preflight.Found(name, fmt.Sprintf("%d of %d streams of prefix %s are there; ebb run makes the others", present, len(wanted), layout.Prefix)), have, nil
	}

	return preflight.Found(name, fmt.Sprintf("all %d streams of prefix %s are there, with %d partitions", present, layout.Prefix, layout.Partitions)), have, nil
}

// streamInfo is nil where there is no such stream.
func streamInfo(ctx context.Context, js natsjs.JetStream, name string) (*natsjs.StreamInfo, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	stream, err := js.Stream(ctx, name)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", name, err)
	}

	return stream.CachedInfo(), nil
}

// checkReplicas finds more copies wanted than there are servers for them, as far
// as a client can tell.
func checkReplicas(conn *nats.Conn, layout Layout) preflight.Finding {
	const name = "replicas"
	if layout.Replicas <= 1 { // 0 leaves streams as they are, and makes new ones with 1
		if conn.ConnectedClusterName() != "" {
			return preflight.Warn(name, fmt.Sprintf("stream.replicas is %d on a cluster, so the loss of one server stops ebb, unless its streams have more copies already", layout.Replicas), "set stream.replicas to 3")
		}

		return preflight.Found(name, "one copy of every stream")
	}
	if conn.ConnectedClusterName() == "" {
		return preflight.Fail(name, fmt.Sprintf("stream.replicas is %d, and this NATS server is not in a cluster", layout.Replicas), "set stream.replicas to 1")
	}
	if servers := len(conn.Servers()); len(conn.DiscoveredServers()) > 0 && servers < layout.Replicas {
		return preflight.Fail(name, fmt.Sprintf("stream.replicas is %d, and the cluster has %d servers", layout.Replicas, servers),
			fmt.Sprintf("set stream.replicas to %d or less, or add servers", servers-1+servers%2))
	}

	return preflight.Found(name, fmt.Sprintf("%d copies of every stream", layout.Replicas))
}

// checkConfig says what these settings would change.
func checkConfig(ctx context.Context, js natsjs.JetStream, layout Layout, config meaning.Config) (preflight.Finding, error) {
	const name = "configuration"
	newest, err := NewConfigs(js, layout).Newest(ctx)
	if err != nil {
		return preflight.Finding{}, err
	}
	if newest.Version == 0 {
		return preflight.Found(name, "nothing was processed yet"), nil
	}
	if err := own.CheckIdentity(&newest.Config, &config); err != nil {
		return preflight.Fail(name, "these settings can't go on with what is stored", err.Error()), nil
	}
	changes := meaning.Differences(&newest.Config, &config)
	if len(changes) == 0 {
		return preflight.Found(name, fmt.Sprintf("as version %d, which is in force", newest.Version)), nil
	}

	return preflight.Warn(name, fmt.Sprintf("another than version %d, which is in force: %s", newest.Version, strings.Join(meaning.Sentences(changes), "; ")),
		fmt.Sprintf("`ebb run` puts it into force as version %d when it begins, `ebb config apply` at once; no state is lost by it", newest.Version+1)), nil
}

// rfc3339 is a time for people.
func rfc3339(at time.Time) string { return at.UTC().Format(time.RFC3339) }
