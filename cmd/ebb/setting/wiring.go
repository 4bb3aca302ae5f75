package setting

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/build"
	"ebb/pipeline/calendar"
	"ebb/pipeline/churn"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
	"ebb/sinks/clickhouse"
)

// The methods of this file turn settings into what the packages take.

const (
	// defaultPrefix is the default of stream.prefix.
	defaultPrefix = "engagement"
	// ClickhousePassword is the variable of the password where no file holds it.
	ClickhousePassword = "EBB_CLICKHOUSE_PASSWORD" //nolint:gosec // a name, not a password
)

// Layout is that of the streams, which keep what the horizon needs.
func (c *Config) Layout() jetstream.Layout {
	layout := c.Stream.Layout()
	layout.Sources = len(c.Sources.Sources) > 0
	if least := StatisticsAgeFor(time.Duration(c.Churn.Horizon)); c.Stream.MaxAge == 0 && least > time.Duration(DefaultMaxAge) {
		layout.Statistics.LeastAge = least
	}

	return layout
}

// Layout names the streams and buckets. Those of another prefix than the
// default are its own, so that one NATS account can hold several.
func (c *StreamConfig) Layout() jetstream.Layout {
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

// Pipeline is what results depend on beside the events.
func (c *ProcessingConfig) Pipeline(stream *StreamConfig, model *ChurnConfig) meaning.Config {
	config := meaning.DefaultConfig()
	config.Partitions = stream.Partitions
	config.Lateness = time.Duration(c.Lateness)
	config.Skew = time.Duration(c.Skew)
	config.CutInterval = time.Duration(c.Cut.Interval)
	config.CutRecords = c.Cut.Records
	config.MaxCustomers = c.MaxCustomers
	config.Keep = time.Duration(c.Customers.Keep)
	config.KeepAnonymous = time.Duration(c.Customers.KeepAnonymous)
	c.Customers.MarginConfig.Add(&config)
	config.ForgetByCommand = !c.Forget.FromEvents
	config.Join = c.Identity.Join
	c.Calendar.Add(&config)
	config.Duplicates = c.Duplicates.Duplicates()
	config.CoordinateInterval = c.Coordinate.Interval.or(CoordinateFor(time.Duration(model.Horizon)))
	config.Feed = c.Feed.feed()
	config.Vocabulary = c.WholeVocabulary()
	config.Metrics, _ = metric.Switched(c.Metrics) // Validate has told of names that there are none of
	config.Rollups = RollupsOf(c.Rollups)
	config.Churn = model.Churn()
	config.Holdout = model.Holdout
	model.AlertConfig.Add(&config, stream.age())

	return config
}

// Add leaves the configuration as it was in UTC.
func (c *CalendarConfig) Add(config *meaning.Config) {
	if c.Zone != calendar.UTC {
		config.Zone = c.Zone
	}
}

// Add sets the margin. That of all revenue is the same configuration as none.
func (c *MarginConfig) Add(config *meaning.Config) {
	if c.Margin != 1 {
		config.Margin = c.Margin
	}
}

// Duplicates told by time are the same configuration whatever keep is set to.
func (c *DuplicatesConfig) Duplicates() meaning.Duplicates {
	if c.By != "id" {
		return meaning.Duplicates{AtMost: c.AtMost}
	}

	return meaning.Duplicates{ByID: true, Keep: time.Duration(c.Keep), AtMost: c.AtMost}
}

// feed without watching is the same configuration whatever else is set.
func (c *FeedConfig) feed() silence.Config {
	if c.SilentBelow == 0 {
		return silence.Config{}
	}

	return silence.Config{SilentBelow: c.SilentBelow, HoldAtMost: time.Duration(c.HoldAtMost)}
}

// WholeVocabulary is the vocabulary with what is done with unknown types.
func (c *ProcessingConfig) WholeVocabulary() vocabulary.Config {
	config := vocabulary.Config{UnknownTypes: c.UnknownTypes, Channels: c.Channels}
	for _, entry := range c.Vocabulary {
		config.Types = append(config.Types, entry.TypeConfig)
	}

	return config
}

// age is how long new streams keep messages.
func (c *StreamConfig) age() time.Duration { return time.Duration(cmp.Or(c.MaxAge, DefaultMaxAge)) }

// Add leaves the configuration as it was without a budget. It needs the horizon
// of the configuration, and how long the streams keep messages.
func (c *AlertConfig) Add(config *meaning.Config, age time.Duration) {
	config.Currency = c.Currency
	if c.AlertBudget > 0 {
		horizon := time.Duration(config.Churn.Horizon) * time.Millisecond
		config.AlertBudget, config.AlertEvery = c.AlertBudget, c.AlertEvery.or(alertEveryFor(horizon, age))
	}
}

// Churn is what the detector takes.
func (c *ChurnConfig) Churn() churn.Config {
	config := churn.Config{
		Horizon:       time.Duration(c.Horizon).Milliseconds(),
		CoolingAt:     float64(c.CoolingAt),
		AtRiskAt:      float64(c.AtRiskAt),
		ScannerWithin: time.Duration(c.ScannerWithin).Milliseconds(),
		CoolingMargin: c.CoolingMargin,
		AtRiskMargin:  c.AtRiskMargin,
		Dwell:         c.Dwell.or(DwellFor(time.Duration(c.Horizon))).Milliseconds(),
	}
	// The default is written as the package writes it: the same settings are
	// the same configuration in manifests, whoever made them.
	if c.CoolingAt == 0 || c.AtRiskAt == 0 {
		config.InTime, config.LeastRisk = c.InTime, c.LeastRisk
	}
	c.RuleConfig.Add(&config, c.LeastRisk)
	if c.Language != churn.Languages()[0] {
		config.Language = c.Language
	}

	return config
}

// Sink says where ClickHouse is.
func (c *ClickHouseConfig) Sink() clickhouse.Config {
	scheme := map[string]string{"http": "http", "native": "clickhouse"}[c.Protocol]
	if c.TLS.Enabled {
		scheme += "s" // https, clickhouses
	}
	config := clickhouse.Config{
		Address:      scheme + "://" + c.Addr,
		Database:     c.Database,
		Cluster:      c.Cluster,
		User:         c.User,
		PasswordFile: c.PasswordFile,
		CAFile:       c.TLS.CA,
	}
	if c.PasswordFile == "" {
		config.Password = os.Getenv(ClickhousePassword)
	}

	return config
}

// Times is how long the tables keep rows.
func (c *TTLConfig) Times() clickhouse.TTL {
	return clickhouse.TTL{
		Rollups:     c.Rollups,
		Figures:     time.Duration(c.Figures),
		Signals:     time.Duration(c.Signals),
		Late:        time.Duration(c.Late),
		DeadLetters: time.Duration(c.DeadLetters),
	}
}

// ConnectJetStream connects to NATS as the settings say. The caller closes
// js.Conn().
func (c *NATSConfig) ConnectJetStream(ctx context.Context, log *slog.Logger) (natsjs.JetStream, error) {
	return jetstream.Connect(ctx, c.connect(log))
}

func (c *NATSConfig) connect(log *slog.Logger) jetstream.ConnectConfig {
	return jetstream.ConnectConfig{
		URL:             c.URL,
		Name:            "ebb " + build.Version(),
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

// NoStream says how to come by the input stream.
func NoStream(layout jetstream.Layout) error {
	return fmt.Errorf("there is no stream %s; `ebb run` with the same settings creates it, or set stream.prefix to that of yours", layout.Stream)
}
