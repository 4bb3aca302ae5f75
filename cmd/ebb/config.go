package main

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
	Processing ProcessingConfig `embed:"" group:"Processing"`
	Churn      ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`
	ClickHouse ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
	TTL        TTLConfig        `embed:"" prefix:"ttl." group:"Retention"`
	HTTP       HTTPConfig       `embed:"" prefix:"http." group:"HTTP"`
	Log        LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// NATSConfig says how to reach NATS.
type NATSConfig struct {
	URL          string    `name:"url" default:"nats://127.0.0.1:4222" placeholder:"URL" help:"Servers, separated by commas."`
	Credentials  string    `name:"credentials" placeholder:"FILE" help:"Credentials file of a NATS user (.creds)."`
	User         string    `name:"user" placeholder:"NAME" help:"User name; needs nats.password_file."`
	PasswordFile string    `name:"password_file" placeholder:"FILE" help:"File that holds the user's password."`
	TokenFile    string    `name:"token_file" placeholder:"FILE" help:"File that holds an authentication token."`
	TLS          TLSConfig `embed:"" prefix:"tls."`
}

// TLSConfig names PEM files. With none of them a connection uses TLS as its
// server and the system's roots ask.
type TLSConfig struct {
	CA   string `name:"ca" placeholder:"FILE" help:"Certificates of the authorities to trust, PEM."`
	Cert string `name:"cert" placeholder:"FILE" help:"Certificate of this client, PEM; needs the key too."`
	Key  string `name:"key" placeholder:"FILE" help:"Private key of this client, PEM; needs the certificate too."`
}

// StreamConfig is what the streams are called and how they are split.
type StreamConfig struct {
	Prefix     string   `name:"prefix" default:"engagement" placeholder:"NAME" help:"First token of every subject; in capitals the name of the streams."`
	Partitions int      `name:"partitions" default:"16" placeholder:"N" help:"Hash ranges of customers, 1 to 1024. Fixed for the life of a stream."`
	Replicas   int      `name:"replicas" default:"1" placeholder:"N" help:"Copies of every stream on a NATS cluster: 1, 3 or 5."`
	MaxAge     Duration `name:"max_age" default:"35d" placeholder:"DURATION" help:"How long the streams keep messages, 1d to 3650d. The longest window must fit in."`
}

// ProcessingConfig is what the results depend on beside the events.
type ProcessingConfig struct {
	Lateness     Duration       `name:"lateness" default:"10m" placeholder:"DURATION" help:"How long after its time an event still counts, 0s to 31d."`
	Skew         Duration       `name:"skew" default:"5m" placeholder:"DURATION" help:"How far ahead of the clock the time of an event may be, 0s to 24h."`
	Cut          CutConfig      `embed:"" prefix:"cut."`
	Snapshot     SnapshotConfig `embed:"" prefix:"snapshot."`
	UnknownTypes string         `name:"unknown_types" default:"accept" enum:"accept,reject" placeholder:"accept|reject" help:"Event types outside the vocabulary: count them as unknown, or make them dead letters."`
	Vocabulary   []EventType    `name:"vocabulary" placeholder:"TYPE=KIND/CHANNEL" help:"Event types to add or replace, such as quiz.finished=active/app. Kinds: passive, micro, active, exposure."`
}

// CutConfig says how often outputs are produced.
type CutConfig struct {
	Interval Duration `name:"interval" default:"1s" placeholder:"DURATION" help:"How often outputs are produced and committed, 10ms to 1m."`
	Records  int      `name:"records" default:"50000" placeholder:"N" help:"Produce outputs at the latest after so many records of a partition."`
}

// SnapshotConfig says how often state is stored.
type SnapshotConfig struct {
	Interval Duration `name:"interval" default:"1m" placeholder:"DURATION" help:"How often the state of a partition is stored, 1s to 24h. Less often means a longer replay after a crash."`
}

// ChurnConfig is the churn model's settings.
type ChurnConfig struct {
	Horizon Duration `name:"horizon" default:"28d" placeholder:"DURATION" help:"Risk is the probability of no engagement for so long, 1d to 365d."`
}

// ClickHouseConfig says where rows are written, if anywhere.
type ClickHouseConfig struct {
	Enabled      bool      `name:"enabled" default:"true" negatable:"" help:"Write rollups and signals to ClickHouse."`
	Addr         string    `name:"addr" default:"127.0.0.1:8123" placeholder:"HOST:PORT" help:"Server, separated by commas if several."`
	Protocol     string    `name:"protocol" default:"http" enum:"http,native" placeholder:"http|native" help:"Protocol of that port: http (8123) or native (9000)."`
	Database     string    `name:"database" default:"ebb" placeholder:"NAME" help:"Database of the tables."`
	User         string    `name:"user" default:"default" placeholder:"NAME" help:"User name."`
	PasswordFile string    `name:"password_file" placeholder:"FILE" help:"File that holds the password. EBB_CLICKHOUSE_PASSWORD holds it otherwise."`
	TLS          TLSConfig `embed:"" prefix:"tls."`
}

// TTLConfig is how long ClickHouse keeps rows.
type TTLConfig struct{}

// HTTPConfig is the server of metrics and health.
type HTTPConfig struct {
	Listen string `name:"listen" default:"127.0.0.1:9464" placeholder:"HOST:PORT" help:"Address of /metrics, /healthz and /readyz. Empty for none."`
}

// LogConfig is what is logged, and how.
type LogConfig struct {
	Format string `name:"format" default:"text" enum:"text,json" placeholder:"text|json" help:"Format of log lines."`
	Level  string `name:"level" default:"info" enum:"debug,info,warn,error" placeholder:"debug|info|warn|error" help:"Lowest level that is logged."`
}
