package main

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
	"ebb/pipeline/churn"
	"ebb/pipeline/feed"
	"ebb/pipeline/jetstream"
	"ebb/sinks/clickhouse"
)

// The methods of this file turn settings into what the packages take.

const (
	// defaultPrefix is the default of stream.prefix.
	defaultPrefix = "engagement"
	// clickhousePassword is the variable of the password where no file holds it.
	clickhousePassword = "EBB_CLICKHOUSE_PASSWORD" //nolint:gosec // a name, not a password
)

// layout is that of the streams, which keep what the horizon needs.
func (c *Config) layout() jetstream.Layout {
	layout := c.Stream.layout()
	if least := statisticsAgeFor(time.Duration(c.Churn.Horizon)); c.Stream.MaxAge == 0 && least > time.Duration(defaultMaxAge) {
		layout.Statistics.LeastAge = least
	}

	return layout
}

// layout names the streams and buckets. Those of another prefix than the
// default are its own, so that one NATS account can hold several.
func (c *StreamConfig) layout() jetstream.Layout {
	limits := jetstream.Limits{MaxAge: time.Duration(c.MaxAge), MaxBytes: c.OutputsMax}
	layout := jetstream.Layout{
		Prefix:      c.Prefix,
		Stream:      strings.ToUpper(c.Prefix),
		Partitions:  c.Partitions,
		Replicas:    c.Replicas,
		Input:       jetstream.Limits{MaxAge: limits.MaxAge, MaxBytes: c.MaxBytes},
		Outputs:     limits,
		DeadLetters: limits,
		Statistics:  limits,
	}.WithDefaults()
	if c.Prefix != defaultPrefix {
		layout.Manifests += "_" + c.Prefix
		layout.Snapshots += "_" + c.Prefix
		layout.Leases += "_" + c.Prefix
	}

	return layout
}

// pipeline is what results depend on beside the events.
func (c *ProcessingConfig) pipeline(stream *StreamConfig, model *ChurnConfig) pipeline.Config {
	config := pipeline.DefaultConfig()
	config.Partitions = stream.Partitions
	config.Lateness = time.Duration(c.Lateness)
	config.Skew = time.Duration(c.Skew)
	config.CutInterval = time.Duration(c.Cut.Interval)
	config.CutRecords = c.Cut.Records
	config.MaxCustomers = c.MaxCustomers
	config.Keep = time.Duration(c.Customers.Keep)
	config.KeepAnonymous = time.Duration(c.Customers.KeepAnonymous)
	config.Duplicates = c.Duplicates.duplicates()
	config.CoordinateInterval = c.Coordinate.Interval.or(coordinateFor(time.Duration(model.Horizon)))
	config.Feed = c.Feed.feed()
	config.Vocabulary = c.vocabulary()
	config.Churn = model.churn()
	config.Holdout = model.Holdout
	model.AlertConfig.add(&config, stream.age())

	return config
}

// duplicates told by time are the same configuration whatever keep is set to.
func (c *DuplicatesConfig) duplicates() pipeline.Duplicates {
	if c.By != "id" {
		return pipeline.Duplicates{AtMost: c.AtMost}
	}

	return pipeline.Duplicates{ByID: true, Keep: time.Duration(c.Keep), AtMost: c.AtMost}
}

// feed without watching is the same configuration whatever else is set.
func (c *FeedConfig) feed() feed.Config {
	if c.SilentBelow == 0 {
		return feed.Config{}
	}

	return feed.Config{SilentBelow: c.SilentBelow, HoldAtMost: time.Duration(c.HoldAtMost)}
}

func (c *ProcessingConfig) vocabulary() pipeline.VocabularyConfig {
	config := pipeline.VocabularyConfig{UnknownTypes: c.UnknownTypes, Channels: c.Channels}
	for _, entry := range c.Vocabulary {
		config.Types = append(config.Types, entry.TypeConfig)
	}

	return config
}

// age is how long new streams keep messages.
func (c *StreamConfig) age() time.Duration { return time.Duration(cmp.Or(c.MaxAge, defaultMaxAge)) }

// add leaves the configuration as it was without a budget. It needs the horizon
// of the configuration, and how long the streams keep messages.
func (c *AlertConfig) add(config *pipeline.Config, age time.Duration) {
	config.Currency = c.Currency
	if c.AlertBudget > 0 {
		horizon := time.Duration(config.Churn.Horizon) * time.Millisecond
		config.AlertBudget, config.AlertEvery = c.AlertBudget, c.AlertEvery.or(alertEveryFor(horizon, age))
	}
}

func (c *ChurnConfig) churn() churn.Config {
	config := churn.Config{
		Horizon:       time.Duration(c.Horizon).Milliseconds(),
		CoolingAt:     float64(c.CoolingAt),
		AtRiskAt:      float64(c.AtRiskAt),
		ScannerWithin: time.Duration(c.ScannerWithin).Milliseconds(),
		CoolingMargin: c.CoolingMargin,
		AtRiskMargin:  c.AtRiskMargin,
		Dwell:         c.Dwell.or(dwellFor(time.Duration(c.Horizon))).Milliseconds(),
	}
	// The default is written as the package writes it: the same settings are
	// the same configuration in manifests, whoever made them.
	if c.CoolingAt == 0 || c.AtRiskAt == 0 {
		config.InTime, config.LeastRisk = c.InTime, c.LeastRisk
	}
	c.RuleConfig.add(&config, c.LeastRisk)
	if c.Language != churn.Languages()[0] {
		config.Language = c.Language
	}

	return config
}

// sink says where ClickHouse is.
func (c *ClickHouseConfig) sink() clickhouse.Config {
	scheme := map[string]string{"http": "http", "native": "clickhouse"}[c.Protocol]
	if c.TLS.Enabled {
		scheme += "s" // https, clickhouses
	}
	config := clickhouse.Config{
		Address:      scheme + "://" + c.Addr,
		Database:     c.Database,
		User:         c.User,
		PasswordFile: c.PasswordFile,
		CAFile:       c.TLS.CA,
	}
	if c.PasswordFile == "" {
		config.Password = os.Getenv(clickhousePassword)
	}

	return config
}

// times is how long the tables keep rows.
func (c *TTLConfig) times() clickhouse.TTL {
	return clickhouse.TTL{
		Rollups:     c.Rollups,
		Figures:     time.Duration(c.Figures),
		Signals:     time.Duration(c.Signals),
		Late:        time.Duration(c.Late),
		DeadLetters: time.Duration(c.DeadLetters),
	}
}

// connectJetStream connects to NATS as the settings say. The caller closes
// js.Conn().
func (c *NATSConfig) connectJetStream(ctx context.Context, log *slog.Logger) (natsjs.JetStream, error) {
	return jetstream.Connect(ctx, c.connect(log))
}

func (c *NATSConfig) connect(log *slog.Logger) jetstream.ConnectConfig {
	return jetstream.ConnectConfig{
		URL:             c.URL,
		Name:            "ebb " + programVersion(),
		CredentialsFile: c.Credentials,
		NKeyFile:        c.NKeyFile,
		User:            c.User,
		Password:        jetstream.Secret{File: c.PasswordFile},
		Token:           jetstream.Secret{File: c.TokenFile},
		CAFile:          c.TLS.CA,
		CertFile:        c.TLS.Cert,
		KeyFile:         c.TLS.Key,
		Domain:          c.Domain,
		Inbox:           c.Inbox,
		Logger:          log,
	}
}
