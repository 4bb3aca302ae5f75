package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
	"ebb/pipeline/simulate"
)

// simulation is the made-up customers of a demo. What it depends on is kept in
// the demo's folder, so that the same folder goes on with the same customers.
type simulation struct {
	config simulate.Config
	count  uint64 // items up to the end of the history
	first  int64  // clock of the first one
}

const simulationFile = "simulation.json"

// newSimulation takes the simulation that the folder holds, or a new one whose
// history ends now. It begins at midnight, so that the same seed gives the same
// customers all day.
func newSimulation(ctx context.Context, dir string, c *Command) (*simulation, error) {
	end := time.Now().UTC().Truncate(time.Second)
	s := &simulation{config: simulate.Defaults(end.Truncate(setting.Day).AddDate(0, 0, -c.Days))}
	s.config.End = end
	s.config.Customers = c.Customers
	s.config.Seed = c.Seed
	if err := s.keep(filepath.Join(dir, simulationFile)); err != nil {
		return nil, err
	}
	next, err := s.open()
	if err != nil {
		return nil, err
	}
	for item, ok := next(); ok && ctx.Err() == nil; item, ok = next() {
		if s.count == 0 {
			s.first = item.Clock
		}
		s.count++
	}

	return s, context.Cause(ctx)
}

// keep reads the configuration from the file, or writes it there.
func (s *simulation) keep(path string) error {
	data, err := os.ReadFile(path)
	if err == nil {
		if err := json.Unmarshal(data, &s.config); err != nil {
			return fmt.Errorf("%s: %w; remove the folder to begin anew", path, err)
		}

		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if data, err = json.Marshal(s.config); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}

	return os.WriteFile(path, data, 0o600)
}

func (s *simulation) open() (func() (replay.Item, bool), error) {
	simulator, err := simulate.New(s.config)
	if err != nil {
		return nil, err
	}

	return func() (replay.Item, bool) {
		item, ok := simulator.Next()

		return replay.Item{Clock: item.Arrival, Customer: item.Customer, Body: item.Body}, ok
	}, nil
}

// plan is the simulated history as an import, which live time follows.
func (s *simulation) plan(options replay.Options) (*replay.Plan, error) {
	known, err := json.Marshal(s.config)
	if err != nil {
		return nil, err
	}
	options.ShiftToNow = true

	return replay.NewItemsPlan(replay.Items{
		Name:   fmt.Sprintf("%d simulated customers", s.config.Customers),
		Digest: string(known),
		First:  s.first,
		Last:   s.config.End.UnixMilli(),
		Count:  s.count,
		Open:   s.open,
	}, options)
}

// live publishes what the customers do from the end of the history on, when it
// arrives, until ctx ends.
func (s *simulation) live(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) error {
	simulator, err := simulate.New(s.config)
	if err != nil {
		return err
	}
	for _, ok := simulator.Next(); ok && ctx.Err() == nil; _, ok = simulator.Next() {
		continue // what the import has published
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			simulator.Until(now)
			for item, ok := simulator.Next(); ok; item, ok = simulator.Next() {
				subject := layout.Prefix + ".events." + event.Token(item.Customer)
				if _, err := js.PublishAsync(subject, item.Body); err != nil {
					return fmt.Errorf("publish a simulated event: %w", err)
				}
			}
		}
	}
}

// truth says how well the signals told of the customers who really left.
type truth struct {
	Lost            int     `json:"lost"`
	Alarms          int     `json:"alarms"`
	Precision       float64 `json:"precision"`
	Recall          float64 `json:"recall"`
	MedianDelayDays float64 `json:"median_delay_days"`
	FalsePerYear    float64 `json:"false_alarms_per_customer_year"`
}

// score compares the published signals with the truth at the end of the
// history.
func (s *simulation) score(ctx context.Context, conn driver.Conn) (*truth, error) {
	simulator, err := simulate.New(s.config)
	if err != nil {
		return nil, err
	}
	for _, ok := simulator.Next(); ok && ctx.Err() == nil; _, ok = simulator.Next() {
		continue // the truth is about those who have joined
	}
	end := s.config.End.UnixMilli()
	rows, err := conn.Query(ctx, `
		SELECT customer, toUnixTimestamp64Milli(at), toString(level) FROM v_signals
		WHERE toUnixTimestamp64Milli(at) < {end:Int64} ORDER BY at, episode`,
		clickhouse.Named("end", end))
	if err != nil {
		return nil, fmt.Errorf("read the signals: %w", err)
	}
	defer rows.Close()
	var signals []simulate.Signal
	for rows.Next() {
		var signal simulate.Signal
		var level string
		if err := rows.Scan(&signal.Customer, &signal.At, &level); err != nil {
			return nil, fmt.Errorf("read the signals: %w", err)
		}
		signal.Alarm = level == churn.AtRisk.String() || level == churn.Lapsed.String()
		signals = append(signals, signal)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the signals: %w", err)
	}
	scores := simulate.Score(signals, simulator.Truth(), end)

	return &truth{
		Lost:            scores.Losses,
		Alarms:          scores.Alarms,
		Precision:       scores.Precision,
		Recall:          scores.Recall,
		MedianDelayDays: scores.MedianDelay.Hours() / 24,
		FalsePerYear:    scores.FalsePerYear,
	}, nil
}

func (t *truth) print(w *term.Writer) {
	if t.Lost == 0 || t.Alarms == 0 {
		w.Line("%s", term.Wrapped(fmt.Sprintf("The simulation knows that %d customers left for good; %d were raised to at risk", t.Lost, t.Alarms), "  "))

		return
	}
	w.Line("%s", term.Wrapped(fmt.Sprintf("The simulation knows that %d customers left for good: %.0f%% of them were told of, half within %.1f days. "+
		"Of %d signals, %.0f%% were about somebody who had left; the others came back, %.1f a customer and year. "+
		"A higher churn.least_risk gives fewer and surer ones",
		t.Lost, 100*t.Recall, t.MedianDelayDays, t.Alarms, 100*t.Precision, t.FalsePerYear), "  "))
}
