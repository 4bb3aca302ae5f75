// Package setting holds the settings: names, defaults, help and ranges; how flags,
// variables and the file become them; and what the packages of the pipeline take.
//
// It promises that a setting that can't be used is refused by its name with its
// value and the remedy. Every setting belongs to one of three parts: identity,
// meaning or operation (parts.go). Read config.go first, which lists them, then
// validate.go and wiring.go.
package setting

import "ebb/pipeline/churn"

// Config is every setting of ebb, and the only place that names them. A
// setting has one name everywhere: the key of the config file, the flag
// (`--nats.url`), and in capitals with underscores the environment variable
// (`EBB_NATS_URL`). A command embeds the sections it reads.
//
// Secrets have no setting: their files have, and EBB_CLICKHOUSE_PASSWORD is
// read from the environment alone, because flags stand in process lists.
type Config struct {
	NATS       NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Sources    SourcesConfig    `embed:"" group:"Sources"`
	Processing ProcessingConfig `embed:"" group:"Processing"`
	Churn      ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`
	ClickHouse ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
	TTL        TTLConfig        `embed:"" prefix:"ttl." group:"Retention in ClickHouse"`
	Benchmarks BenchmarksConfig `embed:"" prefix:"benchmarks." group:"Benchmarks"`
	HTTP       HTTPConfig       `embed:"" prefix:"http." group:"HTTP"`
	Stop       StopConfig       `embed:"" prefix:"stop." group:"Stop"`
	Log        LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// NATSConfig says where NATS is and who connects.
type NATSConfig struct {
	URL          string  `name:"url" default:"nats://127.0.0.1:4222" placeholder:"URL" help:"Servers, separated by commas; tls:// for TLS."`
	Credentials  string  `name:"credentials" placeholder:"FILE" help:"Credentials file of a NATS user (.creds)."`
	NKeyFile     string  `name:"nkey_file" placeholder:"FILE" help:"File that holds the seed of a user's NKey."`
	User         string  `name:"user" placeholder:"NAME" help:"User name; needs nats.password_file."`
	PasswordFile string  `name:"password_file" placeholder:"FILE" help:"File that holds the user's password."`
	TokenFile    string  `name:"token_file" placeholder:"FILE" help:"File that holds an authentication token."`
	Domain       string  `name:"domain" placeholder:"NAME" help:"JetStream domain. Empty for the server's own."`
	Inbox        string  `name:"inbox_prefix" default:"_INBOX" placeholder:"SUBJECT" help:"First part of the subjects on which replies come. One of its own keeps others from reading along: deploy/nats grants _INBOX_ebb."`
	TLS          NATSTLS `embed:"" prefix:"tls."`
}

// NATSTLS names the PEM files of a TLS connection.
type NATSTLS struct {
	CA   string `name:"ca" placeholder:"FILE" help:"Certificates of the authorities to trust, PEM. Empty for the system's."`
	Cert string `name:"cert" placeholder:"FILE" help:"Certificate of this client, PEM; needs the key too."`
	Key  string `name:"key" placeholder:"FILE" help:"Private key of this client, PEM; needs the certificate too."`
}

// StreamConfig is what the streams are called, how they are split and what
// they keep.
type StreamConfig struct {
	Prefix     string   `name:"prefix" default:"engagement" placeholder:"NAME" help:"First token of every subject; in capitals the name of the streams."`
	Partitions int      `name:"partitions" default:"16" placeholder:"N" help:"Hash ranges of customers, 1 to 1024. Fixed for the life of a stream."`
	Replicas   int      `name:"replicas" default:"0" placeholder:"N" help:"Copies of every stream on a NATS cluster: 1, 3 or 5. 0: what the server has for streams that are there, 1 for new ones."`
	MaxAge     Duration `name:"max_age" default:"0s" placeholder:"DURATION" help:"How long the streams keep messages, 1d to 3650d. Snapshots older than this can't be recovered from. More than an eighth of churn.horizon. 0s: what the server has for streams that are there, 35d for new ones, and a quarter of churn.horizon at least for the one of statistics."`
	MaxBytes   int64    `name:"max_bytes" default:"0" placeholder:"BYTES" help:"How much the stream of events keeps, 1000000 or more; what is beyond is removed from its front, read or not. -1: no limit. 0: what the server has for a stream that is there, no limit for a new one."`
	OutputsMax int64    `name:"outputs_max_bytes" default:"0" placeholder:"BYTES" help:"The same for each of the streams of rollups, signals, dead letters and statistics."`
}

// ProcessingConfig is what the results depend on beside the events, and how
// often they are stored.
type ProcessingConfig struct {
	Lateness     Duration         `name:"lateness" default:"10m" placeholder:"DURATION" help:"How long after its time an event still counts, 0s to 31d."`
	Skew         Duration         `name:"skew" default:"5m" placeholder:"DURATION" help:"How far ahead of the clock the time of an event may be, 0s to 1d."`
	Cut          CutConfig        `embed:"" prefix:"cut."`
	Snapshot     SnapshotConfig   `embed:"" prefix:"snapshot."`
	Coordinate   CoordinateConfig `embed:"" prefix:"coordinate."`
	Feed         FeedConfig       `embed:"" prefix:"feed."`
	MaxCustomers int              `name:"max_customers" default:"4000000" placeholder:"N" help:"Customers of a partition, at most. Further ones take the room of those who have been silent longest, and for longer than the horizon and the longest window; where there are none, their events are dead letters. A customer takes about 550 bytes, of which ebb metrics says what columns take, 1 to 16000000."`
	Customers    CustomersConfig  `embed:"" prefix:"customers."`
	Forget       ForgetConfig     `embed:"" prefix:"forget."`
	Identity     IdentityConfig   `embed:"" prefix:"identity."`
	Calendar     CalendarConfig   `embed:"" prefix:"calendar."`
	Duplicates   DuplicatesConfig `embed:"" prefix:"duplicates."`
	UnknownTypes string           `name:"unknown_types" default:"accept" enum:"accept,reject" placeholder:"accept|reject" help:"Event types outside the vocabulary: count them as unknown, or make them dead letters."`
	Channels     []string         `name:"channels" placeholder:"NAME" help:"Channels beside the default ones. Events of other channels count under other."`
	Vocabulary   []EventType      `name:"vocabulary" placeholder:"ENTRY" help:"Event types to add, change or give another name: TYPE=KIND/CHANNEL with any of ;stage=NAME, ;weight=NUMBER, ;scale=WORST..BEST (of its scores), ;negative, ;ends (the relation), ;contacts (a message that you sent) and ;qualifying=true|false, or TYPE=alias:TYPE. Kinds: passive, micro, active, exposure. Qualifying events count against silence: micro and active ones that are not negative, unless the entry says otherwise."`
	Metrics      []string         `name:"metrics" default:"all" placeholder:"NAME,…" help:"Metrics that are counted: all, base (interactions and sentiment), none, or names as ebb metrics lists them. They may be switched on and off while running: what was counted runs out with its windows, and of customers a metric knows what came while it was on, or another that reads the same of them."`
	Rollups      []RollupEntry    `name:"rollups" placeholder:"ENTRY" help:"Rollups of your own: NAME=FIELD+FIELD with any of ;value (sums of values, by currency), ;at_most=N (rows that a partition tells apart; the rest counts under other; default 1000) and ;types=TYPE|TYPE; or ;metric=NAME to cut a metric by fields: then rows take more room (default 100), and its own dimensions are fields too. Fields: type, kind, channel, session, device, campaign, message, product, or properties.NAME; and of the customer, as they were before the event, level (of risk), recency, frequency, monetary, lifecycle and stage. They stand in views v_custom and v_cut_figures, and may be added while running."`
}

// CustomersConfig says when customers leave.
type CustomersConfig struct {
	Keep          Duration `name:"keep" default:"730d" placeholder:"DURATION" help:"How long a customer stays without any event, 1d to 3650d; 0s for ever. At least three horizons and the longest window. Who comes again later is a new customer, marked as returned."`
	KeepAnonymous Duration `name:"keep_anonymous" default:"90d" placeholder:"DURATION" help:"The same for who is known by an anonymous id alone, 1d to 3650d; 0s for ever."`
	MarginConfig  `embed:""`
}

// MarginConfig says what is left of what customers pay.
type MarginConfig struct {
	Margin float64 `name:"margin" default:"1" placeholder:"SHARE" help:"Share of what customers pay that is left to you after what it costs to serve them, such as 0.3, above 0 and at most 1: customer lifetime value (CLV, view v_worth) counts that. 1 counts revenue."`
}

// ForgetConfig says who may have customers forgotten.
type ForgetConfig struct {
	FromEvents bool `name:"from_events" default:"true" negatable:"" help:"An event customer.forgotten has its customer forgotten, whoever publishes it, by a source too (a collector takes none). false: such events are dead letters (forget_denied), and only ebb forget has."`
}

// IdentityConfig says who is the same person.
type IdentityConfig struct {
	Join bool `name:"join" default:"false" negatable:"" help:"A live event that holds customer and anonymous_id joins the anonymous customer to the known one: nobody is told any more that the anonymous one went silent, and an alarm that stands is cleared (reason joined; the field joined says whose); the known one goes on with the history of both, and with what comes under the anonymous id later, in censuses and segments, too; windows that are not final count the two as one."`
}

// CalendarConfig says what a day is.
type CalendarConfig struct {
	Zone string `name:"zone" default:"UTC" placeholder:"ZONE" help:"Time zone of days and weeks, by its IANA name such as Europe/Berlin: retention, lifecycle and daily reach are counted by it. Windows follow UTC."`
}

// DuplicatesConfig says when two events are the same.
type DuplicatesConfig struct {
	By     string   `name:"by" default:"time" enum:"time,id" placeholder:"time|id" help:"What makes two events of a customer the same: their id and time, or their id alone, for producers that retry with a new time."`
	Keep   Duration `name:"keep" default:"24h" placeholder:"DURATION" help:"How long an id is remembered, 1m to 31d, where duplicates are told by id alone. By time it is as long as the lateness."`
	AtMost int      `name:"at_most" default:"20000000" placeholder:"N" help:"Events that a partition remembers to tell duplicates, 1000 to 1073741824, of about 8 bytes each. Beyond it the oldest are forgotten, and events that are as old count as late."`
}

// CutConfig says how often outputs are produced.
type CutConfig struct {
	Interval Duration `name:"interval" default:"1s" placeholder:"DURATION" help:"How often outputs are produced and committed, 10ms to 1m."`
	Records  int      `name:"records" default:"50000" placeholder:"N" help:"Produce outputs at the latest after so many records of a partition, 1 to 1000000."`
}

// SnapshotConfig says how often state is stored.
type SnapshotConfig struct {
	Interval Duration `name:"interval" default:"1m" placeholder:"DURATION" help:"How often the state of a partition is stored, 1s to 1d. Less often means a longer replay after a crash."`
}

// CoordinateConfig says how often the partitions learn from one another.
type CoordinateConfig struct {
	Interval Followed `name:"interval" default:"auto" placeholder:"DURATION" help:"How often the churn model is fitted to all partitions, 1s to 7d. auto: 10m, or an eighth of churn.horizon where that is less."`
}

// FeedConfig says when the input itself went silent, and not the customers.
type FeedConfig struct {
	SilentBelow float64  `name:"silent_below" default:"0.25" placeholder:"SHARE" help:"Below this share of the events that the hour of the week usually brings, the input, or a channel of it, is taken to be silent: signals of silence are held, and you are told. 0 watches nothing; else more than 0.01, up to 0.5."`
	HoldAtMost  Duration `name:"hold_at_most" default:"72h" placeholder:"DURATION" help:"How long signals are held at most because the input is silent, 1h to 31d. Then they are published, and what is usual is learned anew."`
}

// ChurnConfig is what a person decides about the churn detector.
type ChurnConfig struct {
	Horizon       Duration `name:"horizon" default:"30d" placeholder:"DURATION" help:"Risk is the probability of no engagement for so long, 1m to 3660d."`
	CoolingAt     Risk     `name:"cooling_at" default:"auto" placeholder:"RISK|auto" help:"Risk at which a customer is cooling, an early warning. auto: it follows the stream, so that the share churn.in_time of the losses is warned of before the silence has lasted for 0.3 of the horizon."`
	AtRiskAt      Risk     `name:"at_risk_at" default:"auto" placeholder:"RISK|auto" help:"Risk at which a customer is at risk; above churn.cooling_at. About so large a share of those who reach it do not come back within the horizon: ebb backtest FILE --thresholds 0.5,0.7,0.85 shows the share on your own history. auto: it follows the stream, see churn.in_time."`
	InTime        float64  `name:"in_time" default:"0.3" placeholder:"SHARE" help:"Where churn.at_risk_at is auto: the share of the losses to be told of before the silence has lasted for 0.6 of the horizon, above 0 and below 1. More tells of more losses, and of more customers in vain."`
	LeastRisk     float64  `name:"least_risk" default:"0.2" placeholder:"RISK" help:"Where churn.at_risk_at is auto: nobody is at risk below this, 0 to 0.95. With 0.6, at least about 6 of 10 signals are right, and fewer losses are told of in time."`
	CoolingMargin float64  `name:"cooling_margin" default:"0.1" placeholder:"RISK" help:"How far below churn.cooling_at the risk falls before the level is cleared."`
	AtRiskMargin  float64  `name:"at_risk_margin" default:"0.1" placeholder:"RISK" help:"How far below churn.at_risk_at the risk falls before the level is cleared."`
	Dwell         Followed `name:"dwell" default:"auto" placeholder:"DURATION" help:"Least silence before a level is raised, and least time before a raised one is cleared, 0s to churn.horizon. auto: a 120th of churn.horizon, at most 6h."`
	ScannerWithin Duration `name:"scanner_within" default:"2s" placeholder:"DURATION" help:"Reading a message of yours, or following a link in it, so soon after it was sent is taken for a mail scanner's doing: it counts in rollups, and is no sign of life. 0s to 1m; 0s believes all. Events marked as machine are never believed."`
	Language      string   `name:"language" default:"en" placeholder:"en|pt|pt-PT|it" help:"Language of the words in signals: English, Portuguese of Brazil or of Portugal, or Italian."`
	Holdout       float64  `name:"holdout" default:"0" placeholder:"SHARE" help:"Share of customers whose signals are marked, so that nobody acts on them and the others can be compared with them, 0 to 0.5. Fixed for the life of a stream."`
	RuleConfig    `embed:""`
	AlertConfig   `embed:""`
}

// RuleConfig is what customers are at risk by beside the thresholds of all.
type RuleConfig struct {
	Unusual     float64 `name:"unusual" default:"0" placeholder:"FACTOR" help:"Relative alarms: customers are at risk below churn.at_risk_at, too, once the odds that they leave are so many times those right after their latest engagement, and their risk is above churn.least_risk and above that of the average customer like them, 1.5 to 1000, such as 10. 0 for none."`
	ContactCost float64 `name:"contact_cost" default:"0" placeholder:"AMOUNT" help:"What contacting a customer costs, in the currency of what they bring. Customers who bring something are then at risk where the risk times what they bring in churn.horizon times churn.uplift reaches the cost and the risk churn.at_risk_at, or else three times the cost, from churn.least_risk on. 0 does not ask what is worth it."`
	Uplift      float64 `name:"uplift" default:"0.1" placeholder:"SHARE" help:"With churn.contact_cost: the share of those who would leave whom a contact keeps, above 0 and at most 1. A churn.holdout shows it."`
}

// Add leaves the configuration as it was without a rule.
func (c *RuleConfig) Add(config *churn.Config, leastRisk float64) {
	if c.Unusual != 0 || c.ContactCost != 0 {
		config.Unusual, config.ContactCost, config.LeastRisk = c.Unusual, c.ContactCost, leastRisk
	}
	if c.ContactCost != 0 {
		config.Uplift = c.Uplift
	}
}

// AlertConfig is what customers are worth, and how many of them to alert of.
type AlertConfig struct {
	Currency    string   `name:"currency" placeholder:"CODE" help:"Only amounts in this currency count as what a customer brings, a code of ISO 4217 such as EUR. Empty: what a customer brings is in the currency of most of their orders."`
	AlertBudget int      `name:"alert_budget" default:"0" placeholder:"N" help:"Signals of the kind alert for so many customers at risk in every churn.alert_every, those with the most value at risk, over all partitions, 0 (none) to 10000."`
	AlertEvery  Followed `name:"alert_every" default:"auto" placeholder:"DURATION" help:"How often churn.alert_budget is given out, 1m to 31d, and less than stream.max_age. Periods begin at multiples of it, UTC. auto: 24h, or half of churn.horizon or of stream.max_age where that is less."`
}

// ClickHouseConfig says where rows are written, if anywhere.
type ClickHouseConfig struct {
	Enabled      bool          `name:"enabled" default:"true" negatable:"" help:"Write rollups and signals to ClickHouse."`
	Addr         string        `name:"addr" default:"127.0.0.1:8123" placeholder:"HOST:PORT" help:"Server; replicas of it separated by commas."`
	Protocol     string        `name:"protocol" default:"http" enum:"http,native" placeholder:"http|native" help:"Protocol of that port: http (8123) or native (9000)."`
	Database     string        `name:"database" default:"ebb" placeholder:"NAME" help:"Database of the tables; migrate creates it."`
	Cluster      string        `name:"cluster" placeholder:"NAME" help:"Cluster whose servers are replicas of each other, by which they know each other: tables are made and kept on all of them. Empty for one server."`
	User         string        `name:"user" default:"default" placeholder:"NAME" help:"User name."`
	PasswordFile string        `name:"password_file" placeholder:"FILE" help:"File that holds the password. Without it EBB_CLICKHOUSE_PASSWORD holds it."`
	TLS          ClickHouseTLS `embed:"" prefix:"tls."`
}

// ClickHouseTLS says whether and how to encrypt.
type ClickHouseTLS struct {
	Enabled bool   `name:"enabled" default:"false" help:"Use TLS."`
	CA      string `name:"ca" placeholder:"FILE" help:"Certificates of the authorities to trust, PEM. Empty for the system's."`
}

// WindowsConfig is how long the rows of windows are kept.
type WindowsConfig struct {
	Rollups RollupTTL `name:"rollups" default:"1m=14d,5m=60d,1h=400d,24h=0s,7d=0s,28d=0s" placeholder:"LENGTH=DURATION,…" help:"How long windows stay, by their length; 0s for ever. Lengths that are left out keep their default; one DURATION alone is for all lengths. Windows of imported history that are older when its import begins are not even produced: give ebb replay the same value."`
}

// TTLConfig is how long ClickHouse keeps rows.
type TTLConfig struct {
	WindowsConfig `embed:""`
	Figures       Duration `name:"figures" default:"730d" placeholder:"DURATION" help:"How long levels, quality, pipeline and feed figures stay after they are written; 0s for ever."`
	Signals       Duration `name:"signals" default:"180d" placeholder:"DURATION" help:"How long signals stay, which name customers; 0s for ever."`
	Late          Duration `name:"late" default:"30d" placeholder:"DURATION" help:"How long late events stay, which name customers; 0s for ever."`
	DeadLetters   Duration `name:"dead_letters" default:"30d" placeholder:"DURATION" help:"How long dead letters stay, which may hold anything; 0s for ever."`
}

// HTTPConfig is the server of metrics and health.
type HTTPConfig struct {
	Listen string `name:"listen" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Address of /metrics, /healthz and /readyz. Empty for none."`
}

// LogConfig is what is logged, and how.
type LogConfig struct {
	Format string `name:"format" default:"text" enum:"text,json" placeholder:"text|json" help:"Format of log lines."`
	Level  string `name:"level" default:"info" enum:"debug,info,warn,error" placeholder:"debug|info|warn|error" help:"Lowest level that is logged."`
}
