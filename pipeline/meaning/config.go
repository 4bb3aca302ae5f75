package meaning

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"

	"ebb/pipeline/calendar"
	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/metric"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// LogicVersion names what a shard computes from its input. It goes up with
// every change that would give other bytes for the same input, so that a
// snapshot is never continued by a logic that did not make it.
const LogicVersion = 5

// Config is what a shard's results depend on, beside its input. What is fixed for
// the life of a stream is its identity; the rest is its meaning, which a record
// of the input can change, see shard/reconfigure.go. The hash of what is in force stands
// in every manifest.
type Config struct {
	Partitions int // N, fixed for the life of a stream: identity

	Lateness time.Duration // how long after its time an event still counts
	Skew     time.Duration // how far ahead of the clock an event's time may be

	// StoreStep is how far ahead of the clock a store time is believed at once;
	// see package clock. 0 is half the lateness, at least 30 seconds and at most 5
	// minutes. A longer one than any leap believes them all.
	StoreStep time.Duration `json:",omitzero"`

	CutInterval time.Duration // of the clock, live
	CutRecords  int           // at the latest after so many records of the shard

	// CoordinateInterval is how often, by the live clock, shards report
	// statistics to the coordinator. In an import its ticks say when.
	CoordinateInterval time.Duration

	MaxEventBytes int

	// MaxCustomers bounds a shard's memory. New customers beyond it take the
	// room of those who have been silent longest; see shard/room.go. Where nobody has
	// been silent for long, their events are dead letters, so that ids without
	// end can't take all of it.
	MaxCustomers int

	// Keep is how long a customer stays without any event, KeepAnonymous how
	// long one whose id begins with AnonymousPrefix does; 0 for ever. It is at
	// least three horizons, and longer than the longest window with the lateness
	// and the skew; see shard/people.go.
	Keep          time.Duration `json:",omitzero"`
	KeepAnonymous time.Duration `json:",omitzero"`

	// Duplicates says when two events are the same.
	Duplicates Duplicates
	Lengths    []windows.Length
	Vocabulary vocabulary.Config
	Churn      churn.Config

	// Metrics are the names of the metrics of the registry that are counted, in order.
	// A version that has more of them counts those only from the record on that says
	// so. Names that it does not know mean nothing to it.
	Metrics []string `json:",omitempty"`

	// Rollups are those of the user's own.
	Rollups []metric.Rollup `json:",omitempty"`

	// Feed says when silence is taken for that of the feed, and signals are
	// held. Watching nothing leaves the hash as it was without it.
	Feed silence.Config `json:",omitzero"`

	// Holdout is the share of customers whose signals are marked, 0 to
	// MaxHoldout; see InHoldout. It is fixed for the life of a stream: identity.
	Holdout float64 `json:",omitzero"`

	// Currency is the only one whose amounts count as a customer's value, a
	// code of ISO 4217; amounts of other currencies, and of none, do not.
	// Without it the value of a customer is in the currency of most of their
	// orders, and alerts share the budget by currency.
	Currency string `json:",omitzero"`

	// Margin is the share of what customers pay that is left after what it costs to serve
	// them, above 0 and at most 1; 0 is 1, so that the hash is as it was without it.
	Margin float64 `json:",omitzero"`

	// ForgetByCommand refuses events that have their customer forgotten, so that only
	// `ebb forget` has.
	ForgetByCommand bool `json:",omitzero"`

	// Join lets an anonymous customer join the known one whom a live event names beside
	// the anonymous id; see shard/joins.go.
	Join bool `json:",omitzero"`

	// Zone is the time zone of days and weeks, by its IANA name; "" is UTC.
	Zone string `json:",omitzero"`

	// AlertBudget is how many alerts may be given in every period of AlertEvery
	// over all partitions, up to MaxAlertBudget; 0 gives none, and AlertEvery
	// is 0 then. Periods begin at multiples of AlertEvery from 1970 on.
	AlertBudget int           `json:",omitzero"`
	AlertEvery  time.Duration `json:",omitzero"`
}

// Bounds of Config.AlertEvery.
const (
	MinAlertEvery     = time.Second
	MaxAlertEvery     = 31 * 24 * time.Hour
	DefaultAlertEvery = 24 * time.Hour
)

// Default values of a Config.
const (
	defaultPartitions         = 16
	defaultLateness           = 10 * time.Minute
	defaultSkew               = 5 * time.Minute
	defaultCutInterval        = time.Second
	defaultCutRecords         = 50_000
	DefaultCoordinateInterval = 10 * time.Minute
	defaultMaxEventBytes      = 64 << 10
	defaultMaxCustomers       = 4_000_000 // about 2.2 GB a partition
	defaultKeep               = 730 * 24 * time.Hour
	defaultKeepAnonymous      = 90 * 24 * time.Hour
)

// DefaultConfig is the configuration of a shard when nothing is said.
func DefaultConfig() Config {
	return Config{
		Partitions:         defaultPartitions,
		Lateness:           defaultLateness,
		Skew:               defaultSkew,
		CutInterval:        defaultCutInterval,
		CutRecords:         defaultCutRecords,
		CoordinateInterval: DefaultCoordinateInterval,
		MaxEventBytes:      defaultMaxEventBytes,
		MaxCustomers:       defaultMaxCustomers,
		Keep:               defaultKeep,
		KeepAnonymous:      defaultKeepAnonymous,
		Duplicates:         Duplicates{AtMost: DefaultIdentities},
		Lengths:            windows.Defaults(),
		Vocabulary:         vocabulary.Config{UnknownTypes: vocabulary.AcceptUnknown},
		Metrics:            metric.Switchable(),
		Churn:              churn.Defaults(),
		Feed:               silence.Defaults(),
	}
}

// largestMaxCustomers keeps the offsets of ids of the greatest length within
// their 32 bits.
const largestMaxCustomers = 1<<32/customers.IDChunk*(customers.IDChunk/event.MaxCustomerBytes) - 1

// Validate says what is wrong, by the name of the setting.
func (c Config) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	check(c.Partitions >= 1 && c.Partitions <= 1024, "partitions is %d; it must be 1 to 1024", c.Partitions)
	check(c.Lateness >= 0 && c.Lateness <= 31*24*time.Hour, "lateness is %v; it must be 0 to 31 days", c.Lateness)
	check(c.Skew >= 0 && c.Skew <= 24*time.Hour, "skew is %v; it must be 0 to 24 hours", c.Skew)
	check(c.StoreStep == 0 || c.StoreStep >= LeastStoreStep,
		"store step is %v; it must be 0 or at least 30s", c.StoreStep)
	check(c.CutInterval >= 10*time.Millisecond && c.CutInterval <= time.Minute,
		"cut interval is %v; it must be 10ms to 1m", c.CutInterval)
	check(c.CutRecords >= 1 && c.CutRecords <= 1_000_000, "cut records is %d; it must be 1 to 1,000,000", c.CutRecords)
	check(c.CoordinateInterval >= time.Second, "coordinate interval is %v; it must be at least 1s", c.CoordinateInterval)
	check(c.MaxEventBytes >= 256 && c.MaxEventBytes <= 1<<20,
		"max event bytes is %d; it must be 256 to 1,048,576", c.MaxEventBytes)
	check(c.MaxCustomers >= 1 && c.MaxCustomers <= largestMaxCustomers,
		"max customers is %d; it must be 1 to %d", c.MaxCustomers, largestMaxCustomers)
	check(c.Keep >= 0 && c.Keep <= MaxKeep, "keep is %v; it must be 0 to 3650 days", c.Keep)
	check(c.KeepAnonymous >= 0 && c.KeepAnonymous <= MaxKeep, "keep anonymous is %v; it must be 0 to 3650 days", c.KeepAnonymous)
	check(c.Holdout >= 0 && c.Holdout <= MaxHoldout, "holdout is %v; it must be 0 to %v", c.Holdout, MaxHoldout)
	check(c.Currency == "" || event.IsCurrency(c.Currency), "currency is %q; it must be a code of ISO 4217, such as EUR", c.Currency)
	check(c.AlertBudget >= 0 && c.AlertBudget <= fact.MaxAlertBudget, "alert budget is %d; it must be 0 to %d", c.AlertBudget, fact.MaxAlertBudget)
	check(c.AlertBudget == 0 || c.AlertEvery >= MinAlertEvery && c.AlertEvery <= MaxAlertEvery,
		"alert every is %v; it must be 1s to 31 days", c.AlertEvery)
	check(c.Margin >= 0 && c.Margin <= 1, "margin is %v; it must be above 0 and at most 1", c.Margin)
	_, err := calendar.New(c.Zone)
	check(err == nil, "zone is %w", err)
	check(len(c.Lengths) > 0, "no window lengths; at least one is needed")
	problems = append(problems, metric.ValidateSwitched(c.Metrics), metric.ValidateRollups(c.Rollups), c.Feed.Validate(), c.Duplicates.validate())

	return errors.Join(problems...)
}

// Hash tells configurations apart: with the same hash, logic version and
// architecture two shards give the same bytes for the same input.
func (c Config) Hash() (string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("hash the configuration: %w", err)
	}

	return HashOf(data), nil
}

// HashOf is the hash of a configuration as JSON.
func HashOf(data []byte) string {
	sum := sha256.Sum256(data)

	return hex.EncodeToString(sum[:8])
}

// Architecture is part of what results depend on: compilers fuse floating
// point operations on some processors and not on others.
func Architecture() string { return runtime.GOARCH }
