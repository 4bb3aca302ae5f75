package serve

import (
	"context"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/health"
	"ebb/pipeline/own"
	"ebb/sinks/deliver"
)

// How long something has to go wrong before it is said.
const (
	watchEvery = time.Second

	// stalledAfter is for what is known to fail: a shorter outage of a server
	// is repaired by the retries before anybody could look.
	stalledAfter = 5 * time.Second

	// slowAfter is for what does not come to an end without a known failure.
	slowAfter = time.Minute

	// sinkBehindAfter is for rows that wait in NATS: dashboards show them late.
	sinkBehindAfter = time.Minute

	// unheardAfter is for a stream that says nothing; it says so every 2 s even
	// where it has nothing to say.
	unheardAfter = 15 * time.Second
)

// watch shows on the board what hinders the engine, until ctx ends.
func (e *Engine) watch(ctx context.Context, js natsjs.JetStream, board *health.Board) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			e.look(now, js.Conn().IsConnected(), board)
		}
	}
}

// look sets and clears the conditions of a running engine.
func (e *Engine) look(now time.Time, connected bool, board *health.Board) {
	e.showPartitions(board)
	show := func(holds bool, name health.Name, since time.Time, text, remedy string) {
		if holds {
			board.SetSince(name, since, text, remedy)
		} else {
			board.Clear(name)
		}
	}
	show(!connected, health.WaitingForNATS, now, "not connected to NATS",
		"start NATS; ebb goes on by itself")

	stalled, since := stalledCommit(now, e.Instance.Progress())
	show(stalled != "", health.CommitStalled, since, stalled,
		"look at the log for why NATS does not take it; nothing is lost, the rest waits in the stream")

	unheard := e.Instance.Unheard(now)
	show(connected && unheard > unheardAfter, health.ReadingStalled, now.Add(-unheard), "the input stream delivers nothing and says nothing",
		"look whether the stream is there and has a leader: nats stream info")

	since, text, full, failing := e.Observer.failures.lately(now)
	show(full, health.StorageFull, since, "NATS can store no more: "+text,
		"give JetStream more disk or the account more storage, or lower stream.max_age")
	show(failing && !full && now.Sub(since) > stalledAfter, health.Retrying, since, "NATS does not take every write: "+text,
		"look at the log of the NATS server")

	text = ClocksBehind(e.Instance.Progress())
	show(text != "", health.ClockBehind, now, text, "set the clocks of the NATS servers right; then "+
		"`ebb deadletters requeue --reason too_far_ahead` brings back what was refused meanwhile")

	counts, levels, customers := e.Totals()
	if customers > 0 {
		e.Observer.losses.LookForEngagement(counts.Processed, levels)
	}

	if e.Feed == nil {
		return
	}
	down, behind, messages := false, time.Duration(0), uint64(0)
	for _, stream := range deliver.Streams() {
		counters := e.Feed.Counters(stream)
		down = down || counters.Down.Load()
		behind = max(behind, counters.Behind(now))
		messages += counters.Lag.Load()
	}
	show(down, health.SinkAway, now, "ClickHouse takes no rows; detection and signals go on, rows wait in NATS",
		"start ClickHouse, or see the log for what it refuses; what waited is written then")
	holds, text := SinkBehind(behind, messages)
	show(holds, health.SinkBehind, now.Add(sinkBehindAfter-behind), text,
		"nothing, where ebb_sink_lag_messages falls; else look at the log, and give ClickHouse more CPU or a faster disk")
}

// ClocksBehind says which partitions' clocks stand still because the store times
// are behind them; "" for none.
func ClocksBehind(partitions []own.PartitionProgress) string {
	count, farthest := 0, time.Duration(0)
	for _, p := range partitions {
		if p.Leap.Behind > 0 {
			count++
			farthest = max(farthest, time.Duration(p.Leap.Behind)*time.Millisecond)
		}
	}
	if count == 0 {
		return ""
	}

	return fmt.Sprintf("store times are up to %s behind the clocks of %d of %d partitions, as where a NATS server's clock was set back: "+
		"no window ends and no signal comes until they have caught up, and events dated further ahead than the skew are refused",
		farthest.Truncate(time.Second), count, len(partitions))
}

// SinkBehind says how far the sink is behind, where that is too far.
func SinkBehind(behind time.Duration, messages uint64) (holds bool, text string) {
	return behind > sinkBehindAfter,
		fmt.Sprintf("ClickHouse is %s behind: %d messages wait in NATS", behind.Truncate(time.Second), messages)
}

// stalledCommit says which partitions have not got their cut stored for too
// long, and since when; "" for none.
func stalledCommit(now time.Time, partitions []own.PartitionProgress) (text string, since time.Time) {
	count, why := 0, ""
	for _, p := range partitions {
		if p.Storing == 0 {
			continue
		}
		began := time.UnixMilli(p.Storing)
		waits := now.Sub(began)
		if waits < stalledAfter || p.Trouble == "" && waits < slowAfter {
			continue
		}
		if count++; since.IsZero() || began.Before(since) {
			since = began
		}
		if p.Trouble != "" {
			why = ": " + p.Trouble
		}
	}
	if count == 0 {
		return "", now
	}

	return fmt.Sprintf("%d of %d partitions can't store their outputs%s", count, len(partitions), why), since
}

// showPartitions says which partitions the instance runs.
func (e *Engine) showPartitions(board *health.Board) {
	var here []int
	for _, p := range e.Instance.Progress() {
		here = append(here, p.Partition)
	}
	board.Run(here, e.layout.Partitions)
}
