package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/cmd/ebb/words"
	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/vocabulary"
)

// vocabularyCommand is `ebb vocabulary`.
type vocabularyCommand struct {
	Type       string                   `arg:"" optional:"" name:"type" help:"One type, or another name of one: what becomes of its events."`
	Events     int                      `name:"events" default:"10000" placeholder:"N" help:"How many of the newest events of the stream are looked through for types that the vocabulary lacks, 1 to 10000000."`
	Offline    bool                     `name:"offline" help:"Don't look into the stream."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	NATS       setting.NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Processing setting.ProcessingConfig `embed:"" group:"Processing"`
	Log        setting.LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb vocabulary --help.
func (vocabularyCommand) Help() string {
	return "Lists the event types that the settings make: their kind, channel and stage, whether they count against silence, whether " +
		"their value is money, and their other names. Of one it says what becomes of its events. It looks through the newest events of " +
		"the stream for types that the vocabulary lacks, and shows lines to paste into the configuration.\n\n" +
		term.Examples(
			"ebb vocabulary",
			"ebb vocabulary order.completed",
			"ebb vocabulary --config ebb.yaml --offline --json | jq -r '.types[] | [.type, .kind] | @tsv'",
		)
}

// Validate refuses counts that make no sense.
func (c *vocabularyCommand) Validate() error {
	return setting.RefuseOutside("--events", c.Events, 1, 10_000_000)
}

// Run lists the types, or shows one.
func (c *vocabularyCommand) Run(ctx context.Context, to call.Streams) error {
	vocab, err := vocabulary.NewVocabulary(c.Processing.WholeVocabulary())
	if err != nil {
		return err
	}
	report := words.New(vocab)
	if c.Type != "" {
		one, channel, known := report.Find(c.Type)
		switch {
		case !known:
			return report.Missing(c.Type)
		case c.JSON:
			return json.NewEncoder(to.Out).Encode(one)
		}

		return one.PrintOne(to.Out, c.Type, channel)
	}
	if c.Offline {
		report.NotAsked = "Which types of the stream it lacks was not asked: --offline."
	} else if err := c.look(ctx, to, report); err != nil {
		text := to.Given.In(err.Error())
		report.NotAsked = "Which types of the stream it lacks is not known: " + strings.TrimSuffix(text, ".") + "."
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(report)
	}

	return report.Print(to.Out)
}

// mostTypes bounds the names that are kept.
const mostTypes = 100_000

// look reads the newest events of the stream.
func (c *vocabularyCommand) look(ctx context.Context, to call.Streams, report *words.Report) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	layout := c.Stream.Layout()
	stream, err := js.Stream(ctx, layout.WithDefaults().Stream)
	if err != nil {
		return fmt.Errorf("stream %s: %w; `ebb run` makes it, and --stream.prefix names another", layout.WithDefaults().Stream, err)
	}
	state := stream.CachedInfo().State
	seen := typesSeen{decoder: native.NewDecoder(0), counts: make(map[string]int64)}
	if state.Msgs == 0 {
		report.Lack(0, seen.counts)

		return nil
	}
	first := max(state.FirstSeq, state.LastSeq-min(state.LastSeq, uint64(c.Events))+1)
	source, err := jetstream.NewInput(js, layout).Open(ctx, first)
	if err != nil {
		return err
	}
	defer source.Close()
	for last := uint64(0); last < state.LastSeq; {
		records, err := source.Next(ctx)
		if err != nil {
			return err
		}
		for i := range records {
			seen.add(&records[i])
		}
		last = records[len(records)-1].Sequence
	}
	report.Lack(seen.events, seen.counts)

	return nil
}

// typesSeen counts the events of each type.
type typesSeen struct {
	decoder *native.Decoder
	event   event.Event
	rows    []event.Row
	events  int64
	counts  map[string]int64
}

func (s *typesSeen) add(record *event.Record) {
	switch {
	case record.Lane == event.LaneControl || record.Control != event.ControlNone:
	case record.Rows == 0:
		s.count(record.Data)
	default:
		s.rows, _ = event.SplitRows(s.rows[:0], record.Data, record.Rows)
		for _, row := range s.rows {
			s.count(row.Body)
		}
	}
}

func (s *typesSeen) count(body []byte) {
	if err := s.decoder.Decode(body, &s.event); err != nil {
		return // a dead letter
	}
	s.events++
	if _, known := s.counts[string(s.event.Type)]; known || len(s.counts) < mostTypes {
		s.counts[string(s.event.Type)]++
	}
}
