package setting

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ebb/pipeline/calendar"
	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/silence"
	"ebb/pipeline/vocabulary"
)

// The parser calls Validate on every section that a command embeds. Its errors
// name the setting, its value and what to write instead.

// Validate says what does not go together.
func (c *Config) Validate() error {
	// The coordinator knows the partitions by their last reports. Had one been
	// removed before the next, a coordinator that restarts would share the budget,
	// or learn, without it.
	horizon, age := c.Churn.Horizon, Duration(c.Stream.age())
	if age < leastMaxAge {
		return nil // which the section says itself
	}
	every := Duration(c.Churn.AlertEvery.or(alertEveryFor(time.Duration(horizon), time.Duration(age))))

	return errors.Join(
		Refuse(c.Churn.AlertBudget > 0 && every >= age, "churn.alert_every", every.String(),
			fmt.Sprintf("with churn.alert_budget %d it has to be less than stream.max_age, %v, because alerts need the reports of the period before; "+
				"alert more often, or keep messages for longer", c.Churn.AlertBudget, age)),
		Refuse(c.Stream.MaxAge != 0 && horizon/churn.SlotsPerHorizon >= age, "churn.horizon", horizon.String(),
			fmt.Sprintf("an eighth of it has to be less than stream.max_age, %v, because partitions report once in an eighth, "+
				"and what is learned needs the last report of each; set churn.horizon below %v, or leave stream.max_age out",
				age, churn.SlotsPerHorizon*age)),
	)
}

// leastMaxAge is how long the streams keep messages at least, defaultMaxAge how
// long new ones do.
const (
	leastMaxAge   = Duration(Day)
	DefaultMaxAge = Duration(35 * Day)
)

// leastMaxBytes is how much a stream keeps at least.
const leastMaxBytes = 1_000_000

// refuseBytes judges a limit by size, where 0 leaves it as it is and -1 lifts it.
func refuseBytes(key string, value int64) error {
	return Refuse(value < -1 || value > 0 && value < leastMaxBytes, key, strconv.FormatInt(value, 10),
		fmt.Sprintf("use %d or more, -1 for no limit, or 0 to leave it to the server", leastMaxBytes))
}

// Validate says what is wrong with the NATS settings.
func (c *NATSConfig) Validate() error {
	ways := 0
	for _, way := range []string{c.Credentials, c.NKeyFile, c.User, c.TokenFile} {
		if way != "" {
			ways++
		}
	}

	return errors.Join(
		Refuse(c.URL == "", "nats.url", "", "name a server, such as nats://127.0.0.1:4222"),
		Refuse(!regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`).MatchString(c.Inbox), "nats.inbox_prefix", c.Inbox,
			"use letters, digits, - and _ in tokens joined by dots, such as _INBOX_ebb"),
		Refuse(ways > 1, "nats.credentials", c.Credentials, "set only one of nats.credentials, nats.nkey_file, nats.user and nats.token_file"),
		Refuse(c.User != "" && c.PasswordFile == "", "nats.password_file", "", "name the file that holds the password of nats.user"),
		Refuse(c.User == "" && c.PasswordFile != "", "nats.user", "", "name the user that nats.password_file belongs to"),
		Refuse(c.TLS.Cert != "" && c.TLS.Key == "", "nats.tls.key", "", "name the private key of nats.tls.cert"),
		Refuse(c.TLS.Key != "" && c.TLS.Cert == "", "nats.tls.cert", "", "name the certificate of nats.tls.key"),
	)
}

// Validate says what is wrong with the stream settings.
func (c *StreamConfig) Validate() error {
	token := regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	var age error
	if c.MaxAge != 0 {
		age = RefuseOutside("stream.max_age", c.MaxAge, leastMaxAge, Duration(3650*Day))
	}

	return errors.Join(
		Refuse(!token.MatchString(c.Prefix), "stream.prefix", c.Prefix, "use 1 to 64 letters, digits, - and _"),
		RefuseOutside("stream.partitions", c.Partitions, 1, 1024),
		Refuse(c.Replicas != 0 && c.Replicas != 1 && c.Replicas != 3 && c.Replicas != 5, "stream.replicas", strconv.Itoa(c.Replicas), "use 1, 3 or 5, or 0 to leave it to the server"),
		age,
		refuseBytes("stream.max_bytes", c.MaxBytes),
		refuseBytes("stream.outputs_max_bytes", c.OutputsMax),
	)
}

// Validate says what is wrong with the processing settings.
func (c *ProcessingConfig) Validate() error {
	known, vocab := vocabulary.NewVocabulary(c.WholeVocabulary())

	return errors.Join(
		ValidateMetrics(c.Metrics),
		ValidateRollups(RollupsOf(c.Rollups), known),
		RefuseOutside("lateness", c.Lateness, 0, Duration(31*Day)),
		RefuseOutside("skew", c.Skew, 0, Duration(Day)),
		RefuseOutside("cut.interval", c.Cut.Interval, Duration(10*time.Millisecond), Duration(time.Minute)),
		RefuseOutside("cut.records", c.Cut.Records, 1, 1_000_000),
		RefuseOutside("max_customers", c.MaxCustomers, 1, 16_000_000),
		c.Customers.Validate(),
		c.Calendar.Validate(),
		RefuseOutside("duplicates.keep", c.Duplicates.Keep, Duration(meaning.LeastKeepByID), Duration(meaning.MostKeepByID)),
		RefuseOutside("duplicates.at_most", c.Duplicates.AtMost, meaning.LeastIdentities, meaning.MostIdentities),
		RefuseOutside("snapshot.interval", c.Snapshot.Interval, Duration(time.Second), Duration(Day)),
		refuseUnfollowed("coordinate.interval", c.Coordinate.Interval, Duration(time.Second), Duration(7*Day)),
		vocab,
	)
}

// Validate says what is wrong with how long customers stay.
func (c *CustomersConfig) Validate() error {
	check := func(key string, value Duration) error {
		return Refuse(value != 0 && (value < Duration(Day) || value > Duration(meaning.MaxKeep)), key, fmt.Sprint(value),
			fmt.Sprintf("use %v to %v, or 0s to keep them for ever", Duration(Day), Duration(meaning.MaxKeep)))
	}

	return errors.Join(check("customers.keep", c.Keep), check("customers.keep_anonymous", c.KeepAnonymous), c.MarginConfig.Validate())
}

// Validate says what is wrong with the margin.
func (c *MarginConfig) Validate() error {
	return Refuse(!(c.Margin > 0 && c.Margin <= 1), "customers.margin", fmt.Sprint(c.Margin), "use the share of revenue that is left, above 0 and at most 1, such as 0.3 for 30 %")
}

// Validate says what is wrong with the calendar.
func (c *CalendarConfig) Validate() error {
	_, err := calendar.New(c.Zone)

	return Refuse(err != nil, "calendar.zone", c.Zone, "use a name of the IANA database, such as Europe/Berlin, or UTC")
}

// Validate says what is wrong with the feed settings.
func (c *FeedConfig) Validate() error {
	share := c.SilentBelow == 0 || c.SilentBelow > silence.MinSilentBelow && c.SilentBelow <= silence.MaxSilentBelow

	return errors.Join(
		Refuse(!share, "feed.silent_below", fmt.Sprint(c.SilentBelow),
			fmt.Sprintf("use 0 to watch nothing, or more than %v and at most %v", silence.MinSilentBelow, silence.MaxSilentBelow)),
		RefuseOutside("feed.hold_at_most", c.HoldAtMost, Duration(silence.MinHold), Duration(silence.MaxHold)),
	)
}

// Validate says what is wrong with the churn settings.
func (c *ChurnConfig) Validate() error {
	horizon := RefuseOutside("churn.horizon", c.Horizon, Duration(churn.MinHorizon*int64(time.Millisecond)), Duration(churn.MaxHorizon*int64(time.Millisecond)))
	if horizon != nil {
		return horizon
	}

	isShare := c.Holdout >= 0 && c.Holdout <= meaning.MaxHoldout

	return errors.Join(
		refuseUnfollowed("churn.dwell", c.Dwell, 0, c.Horizon),
		Refuse(!isShare, "churn.holdout", fmt.Sprint(c.Holdout), fmt.Sprintf("use 0 to %v", meaning.MaxHoldout)),
		c.AlertConfig.Validate(),
		c.Churn().Validate(),
	)
}

// Validate says what is wrong with the settings of value and alerts.
func (c *AlertConfig) Validate() error {
	return errors.Join(
		Refuse(c.Currency != "" && !event.IsCurrency(c.Currency), "churn.currency", c.Currency, "use a code of ISO 4217, such as EUR"),
		RefuseOutside("churn.alert_budget", c.AlertBudget, 0, fact.MaxAlertBudget),
		refuseUnfollowed("churn.alert_every", c.AlertEvery, Duration(time.Minute), Duration(meaning.MaxAlertEvery)),
	)
}

// Validate says what is wrong with the ClickHouse settings.
func (c *ClickHouseConfig) Validate() error {
	name := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)
	problems := []error{
		Refuse(!name.MatchString(c.Database), "clickhouse.database", c.Database, "use 1 to 64 letters, digits and _, not beginning with a digit"),
		Refuse(c.Cluster != "" && !name.MatchString(c.Cluster), "clickhouse.cluster", c.Cluster, "use 1 to 64 letters, digits and _, not beginning with a digit"),
		Refuse(c.TLS.CA != "" && !c.TLS.Enabled, "clickhouse.tls.ca", c.TLS.CA, "set clickhouse.tls.enabled to true, or leave it out"),
	}
	for address := range strings.SplitSeq(c.Addr, ",") {
		problems = append(problems, Refuse(!isAddress(address), "clickhouse.addr", address, "write host:port, such as 127.0.0.1:8123"))
	}

	return errors.Join(problems...)
}

// Validate says what is wrong with the retention settings.
func (c *TTLConfig) Validate() error {
	check := func(key string, ttl Duration) error {
		if ttl == 0 {
			return nil
		}

		return RefuseOutside(key, ttl, Duration(time.Hour), Duration(100*365*Day))
	}

	for _, w := range c.Rollups {
		if err := check("ttl.rollups "+w.Window, Duration(w.Keep)); err != nil {
			return err
		}
	}

	return errors.Join(
		check("ttl.figures", c.Figures), check("ttl.signals", c.Signals),
		check("ttl.late", c.Late), check("ttl.dead_letters", c.DeadLetters),
	)
}

// Validate says what is wrong with the HTTP settings.
func (c *HTTPConfig) Validate() error {
	return Refuse(c.Listen != "" && !isAddress(c.Listen), "http.listen", c.Listen, "write host:port, such as 127.0.0.1:9464")
}

func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)

	return err == nil
}

// Refuse returns an error that names the setting, its value and the remedy.
func Refuse(bad bool, key, value, remedy string) error {
	if !bad {
		return nil
	}
	if value == "" {
		return fmt.Errorf("%s is not set: %s", key, remedy)
	}

	return fmt.Errorf("%s is %q: %s", key, value, remedy)
}

// refuseUnfollowed judges what was set. What follows other settings is right.
func refuseUnfollowed(key string, value Followed, least, most Duration) error {
	return Refuse(value != Auto && (Duration(value) < least || Duration(value) > most), key, value.String(),
		fmt.Sprintf("use %v to %v, or auto", least, most))
}

// RefuseOutside refuses a value below least or above most.
func RefuseOutside[T int | Duration](key string, value, least, most T) error {
	return Refuse(value < least || value > most, key, fmt.Sprint(value),
		fmt.Sprintf("use %v to %v", least, most))
}
