package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
	"ebb/pipeline/simulate"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
	"ebb/windows"
)

// lagFigures are in milliseconds between two store times of the server, so no
// two clocks are compared.
type lagFigures struct {
	P50        int64 `json:"lag_p50_ms"` // from the event that cleared a level, or the end of the level's dwell, to the signal
	P99        int64 `json:"lag_p99_ms"`
	Signals    int   `json:"lag_signals"`
	SilenceP50 int64 `json:"silence_lag_p50_ms"` // from the time at which silence crossed a threshold to the signal
	SilenceP99 int64 `json:"silence_lag_p99_ms"`
	Silences   int   `json:"silence_signals"`
	WindowP50  int64 `json:"window_lag_p50_ms"` // from a window's end to the first message with its rows
	WindowP99  int64 `json:"window_lag_p99_ms"`
	Windows    int   `json:"window_ends"` // windows × partitions
	Limit      int64 `json:"lag_aim_ms"`  // cut interval + 1 s
	LagEvents  int   `json:"lag_events"`
	LagRate    int   `json:"lag_events_per_second"`
}

// measureLag runs an engine live, sends a steady load and beside it customers
// who fall silent and some who return, and then reads from the streams when
// what was stored.
func (c *runCommand) measureLag(ctx context.Context, f *figures, say *progress) (err error) {
	say.step("starting NATS and ClickHouse")
	servers, err := startServers(ctx, say, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, servers.stop()) }()
	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: servers.nats.address})
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	address := clickhouse.Config{Address: "http://" + servers.clickhouse.address}
	if err := clickhouse.Prepare(ctx, address, clickhouse.TTL{}); err != nil {
		return err
	}
	sink, err := clickhouse.Connect(address)
	if err != nil {
		return err
	}
	defer sink.Close()

	l := &lag{js: js, layout: jetstream.Layout{}.WithDefaults(), config: lagConfig(), say: say}
	run, err := startEngine(ctx, servers.nats.address, l.layout, l.config, ownTables{sink})
	if err != nil {
		return err
	}
	err = l.live(ctx, servers.nats.address, c.Live, c.LiveRate)
	if err := errors.Join(err, run.stop()); err != nil {
		return err
	}
	f.lagFigures, err = l.figures(ctx)
	if err == nil {
		f.LagRate = c.LiveRate
	}

	return err
}

// lagConfig has a horizon of a minute, so that customers fall silent and come
// back within the run, and windows that end every few seconds.
func lagConfig() meaning.Config {
	config := meaning.DefaultConfig()
	config.Churn = churn.Defaults()
	config.Churn.Horizon = time.Minute.Milliseconds()
	config.Churn.Dwell = 2000
	config.Lengths = append([]windows.Length{{Name: short, Size: 5000, Slide: 5000}}, config.Lengths...)

	return config
}

// short is a window length of this measurement only, which no table keeps.
const short = "5s"

// ownTables leaves out what no table keeps.
type ownTables struct{ sinks.Sink }

func (s ownTables) Write(ctx context.Context, batch *sinks.Batch) error {
	for i := range batch.Rollups {
		batch.Rollups[i] = slices.DeleteFunc(batch.Rollups[i], func(r sinks.Rollup) bool { return r.Window == short })
	}

	return s.Sink.Write(ctx, batch)
}

// lag is a live run and what is read from it.
type lag struct {
	js      natsjs.JetStream
	layout  jetstream.Layout
	config  meaning.Config
	say     *progress
	begin   time.Time // of the steady load
	end     time.Time
	sources map[uint64]source // the events, by stream sequence
}

// source is an event as it was stored.
type source struct {
	stored   int64 // Unix ms
	customer string
}

// Customers of the lag part. Those who return and those who fall silent have
// a history of an event every gap; the silence before it differs.
const (
	lagCustomers = 100_000 // of the steady load
	lagReturning = 2000
	lagSilent    = 2000
	lagHistory   = 10
	lagGap       = 7500 // ms, a slot of the model
)

// lagOverhead is about how long the part takes beside the steady load.
const lagOverhead = 20 * time.Second

// live sends the histories and then the steady load.
func (l *lag) live(ctx context.Context, url string, span time.Duration, rate int) error {
	p, err := newPublisher(url, l.layout, simulate.NewTraffic(simulate.TrafficConfig{
		Seed: 2, Customers: lagCustomers, Rate: rate, Start: time.Now(),
	}))
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(3, 4))
	l.say.step("histories of %d customers", lagReturning+lagSilent)
	for i := range lagReturning + lagSilent {
		silent := int64(75_000) // long enough to be at risk at once
		if i >= lagReturning {
			silent = 5000 + random.Int64N(40_000) // the threshold lies ahead
		}
		now := time.Now().UnixMilli()
		for k := range int64(lagHistory) {
			if err := p.send(lagCustomers+uint64(i), now-silent-(lagHistory-1-k)*lagGap); err != nil {
				return err
			}
		}
	}
	l.say.step("%d events a second for %v", rate, span)
	l.begin = time.Now().Add(3 * time.Second) // when the burst of histories is through
	if err := steady(ctx, p, span, rate, returns(random, span)); err != nil {
		return err
	}
	l.end = time.Now()
	if err := p.finish(ctx); err != nil {
		return err
	}

	return pause(ctx, 5*time.Second) // silence alone moves the signals now
}

// returns says who comes back at which time after the start, in order.
func returns(random *rand.Rand, span time.Duration) []time.Duration {
	times := make([]time.Duration, lagReturning)
	for i := range times {
		times[i] = 6*time.Second + time.Duration(random.Int64N(int64(span-8*time.Second)))
	}
	slices.Sort(times)

	return times
}

// steady sends rate events a second, every 5 ms what is due, and the events of
// those who return.
func steady(ctx context.Context, p *publisher, span time.Duration, rate int, returning []time.Duration) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	start, sent, back := time.Now(), 0, 0
	for {
		passed := time.Since(start)
		if passed >= span {
			return nil
		}
		for ; sent < int(passed.Seconds()*float64(rate)); sent++ {
			if err := p.send(p.traffic.Customer(), time.Now().UnixMilli()-int64(sent%1000)); err != nil {
				return err
			}
		}
		for ; back < len(returning) && returning[back] <= passed; back++ {
			if err := p.send(lagCustomers+uint64(back), time.Now().UnixMilli()); err != nil {
				return err
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (l *lag) figures(ctx context.Context) (*lagFigures, error) {
	if err := l.readSources(ctx); err != nil {
		return nil, err
	}
	caused, silence, err := l.readSignals(ctx)
	if err != nil {
		return nil, err
	}
	ends, err := l.readWindows(ctx)
	if err != nil {
		return nil, err
	}
	if len(caused) == 0 || len(silence) == 0 || len(ends) == 0 {
		return nil, fmt.Errorf("%d signals of returns, %d of silence and %d windows came; nothing can be said",
			len(caused), len(silence), len(ends))
	}

	return &lagFigures{
		P50: percentile(caused, 0.5), P99: percentile(caused, 0.99), Signals: len(caused),
		SilenceP50: percentile(silence, 0.5), SilenceP99: percentile(silence, 0.99), Silences: len(silence),
		WindowP50: percentile(ends, 0.5), WindowP99: percentile(ends, 0.99), Windows: len(ends),
		Limit:     (l.config.CutInterval + time.Second).Milliseconds(),
		LagEvents: len(l.sources),
	}, nil
}

func (l *lag) readSources(ctx context.Context) error {
	l.sources = make(map[uint64]source)
	decoder, ev := native.NewDecoder(0), event.Event{}

	return readAll(ctx, l.js, l.layout.Stream, func(message natsjs.Msg, meta *natsjs.MsgMetadata) error {
		if message.Headers().Get(event.HeaderControl) != "" {
			return nil
		}
		if err := decoder.Decode(message.Data(), &ev); err != nil {
			return err
		}
		l.sources[meta.Sequence.Stream] = source{meta.Timestamp.UnixMilli(), string(ev.Customer)}

		return nil
	})
}

// readSignals finds what an event brought about, by its customer, and what the
// clock alone did. Who comes back within the dwell of their level is cleared at its end:
// that wait is meant, and no lag.
func (l *lag) readSignals(ctx context.Context) (caused, silence []int64, err error) {
	clearable := make(map[string]int64) // by customer: when the dwell of their newest level ends
	err = readAll(ctx, l.js, l.layout.StreamName(shard.Signals), func(message natsjs.Msg, meta *natsjs.MsgMetadata) error {
		var signal wire.Signal
		if err := json.Unmarshal(message.Data(), &signal); err != nil || signal.Signal == "" { // a marker
			return err
		}
		stored, from := meta.Timestamp.UnixMilli(), l.sources[signal.Sequence]
		if signal.Signal == wire.Raised {
			clearable[signal.Customer] = signal.At + l.config.Churn.Dwell
		}
		switch {
		case signal.At < l.begin.UnixMilli():
		case signal.Signal == wire.Cleared && from.customer == signal.Customer:
			caused = append(caused, stored-max(from.stored, clearable[signal.Customer]))
		case signal.Signal == wire.Raised && from.customer != signal.Customer:
			silence = append(silence, stored-signal.At)
		}

		return nil
	})

	return caused, silence, err
}

// readWindows finds the first message of every window of every partition.
func (l *lag) readWindows(ctx context.Context) ([]int64, error) {
	type key struct {
		partition int
		window    string
		end       int64
	}
	first := make(map[key]int64)
	err := readAll(ctx, l.js, l.layout.StreamName(shard.Rollups), func(message natsjs.Msg, meta *natsjs.MsgMetadata) error {
		var header wire.Header
		if err := json.Unmarshal(message.Data(), &header); err != nil || !slices.Contains(wire.RollupTables(), header.Table) {
			return err
		}
		rollups, err := wire.ParseRollups(message.Data())
		if err != nil {
			return err
		}
		for _, w := range rollups.Windows {
			k := key{rollups.Partition, w.Window, w.End}
			if _, seen := first[k]; !seen {
				first[k] = meta.Timestamp.UnixMilli() - w.End
			}
		}

		return nil
	})
	var lags []int64
	for k, lag := range first {
		if k.end > l.begin.UnixMilli() && k.end <= l.end.UnixMilli() {
			lags = append(lags, lag)
		}
	}

	return lags, err
}

// readAll hands over what a stream holds.
func readAll(ctx context.Context, js natsjs.JetStream, name string, each func(natsjs.Msg, *natsjs.MsgMetadata) error) error {
	stream, err := js.Stream(ctx, name)
	if err != nil {
		return err
	}
	if stream.CachedInfo().State.Msgs == 0 {
		return nil
	}
	consumer, err := stream.OrderedConsumer(ctx, natsjs.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		message, err := messages.Next(natsjs.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := message.Metadata()
		if err != nil {
			return err
		}
		if err := each(message, meta); err != nil {
			return fmt.Errorf("stream %s, sequence %d: %w", name, meta.Sequence.Stream, err)
		}
		if meta.NumPending == 0 {
			return nil
		}
	}
}
