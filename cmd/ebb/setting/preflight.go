package setting

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/churn"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
	"ebb/sinks/clickhouse"
)

// CheckTimeout bounds the checks; a server that is away is told of by then.
const CheckTimeout = 20 * time.Second

// Preflight finds out whether servers, rights and settings will do. The error is
// one of a NATS server that does not answer.
func (c *Config) Preflight(ctx context.Context, js natsjs.JetStream) ([]preflight.Finding, error) {
	found, err := jetstream.Preflight(ctx, js, c.NATS.connect(slog.New(slog.DiscardHandler)), c.Layout(),
		c.Processing.Pipeline(&c.Stream, &c.Churn))
	if err != nil {
		return nil, err
	}
	found = append(found, c.PreflightSettings())

	return append(found, c.PreflightClickHouse(ctx)...), nil
}

// PreflightClickHouse finds out whether ClickHouse will do; nothing where it is off.
func (c *Config) PreflightClickHouse(ctx context.Context) []preflight.Finding {
	if !c.ClickHouse.Enabled {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, CheckTimeout/2)
	defer cancel()

	return clickhouse.Preflight(ctx, c.ClickHouse.Sink(), c.Stream.Prefix)
}

// quietSnapshot is after how many intervals a partition is stored in which
// little happens.
const quietSnapshot = 10

// PreflightSettings compares settings that one section alone can't judge.
func (c *Config) PreflightSettings() preflight.Finding {
	const name = "settings"
	quiet, age := quietSnapshot*c.Processing.Snapshot.Interval, cmp.Or(c.Stream.MaxAge, DefaultMaxAge)
	signals, horizon := c.TTL.Signals, c.Churn.Horizon
	applied := c.Processing.Pipeline(&c.Stream, &c.Churn)
	coordinate, alerts := Duration(applied.CoordinateInterval), Duration(applied.AlertEvery)
	switch {
	case quiet >= age:
		return preflight.Fail(name, fmt.Sprintf("a partition in which little happens is stored every %v (%d times snapshot.interval), "+
			"and stream.max_age is %v, so its snapshot could be older than the stream", quiet, quietSnapshot, age),
			fmt.Sprintf("set snapshot.interval below %v, or keep messages for longer", age/quietSnapshot))
	case c.ClickHouse.Enabled && signals > 0 && signals < 2*horizon:
		return preflight.Warn(name, fmt.Sprintf("ttl.signals is %v, and what becomes of a signal is known a churn.horizon later, after %v", signals, horizon),
			fmt.Sprintf("set ttl.signals to %v or more, if the views of quality are to count all signals", 2*horizon))
	case coordinate > horizon:
		return preflight.Warn(name, fmt.Sprintf("coordinate.interval is %v, longer than churn.horizon, %v: what is learned comes late", coordinate, horizon),
			"leave coordinate.interval out, and it follows the horizon")
	case c.Processing.Cut.Interval > horizon/churn.SlotsPerHorizon && c.Processing.Cut.Interval > Duration(time.Second):
		return preflight.Warn(name, fmt.Sprintf("cut.interval is %v, and churn.horizon %v: signals come late by a good part of the horizon", c.Processing.Cut.Interval, horizon),
			fmt.Sprintf("set cut.interval to %v or less", max(Duration(time.Second), horizon/churn.SlotsPerHorizon)))
	case alerts > horizon:
		return preflight.Warn(name, fmt.Sprintf("churn.alert_every is %v, longer than churn.horizon, %v: many are lapsed before they are told of", alerts, horizon),
			"leave churn.alert_every out, and it follows the horizon")
	}
	every := Duration(c.Churn.AlertEvery.or(alertEveryFor(time.Duration(horizon), c.Stream.age())))

	return preflight.Found(name, fmt.Sprintf("they go together; with churn.horizon %v: churn.dwell %v, coordinate.interval %v, churn.alert_every %v",
		horizon, Duration(applied.Churn.Dwell*int64(time.Millisecond)), coordinate, every))
}
