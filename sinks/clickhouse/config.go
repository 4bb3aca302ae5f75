package clickhouse

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says where ClickHouse is and who we are there.
type Config struct {
	// Address is a URL whose scheme chooses the protocol: clickhouse:// is
	// native (port 9000), clickhouses:// native with TLS (9440), http:// (8123)
	// and https:// (8443). Several hosts, separated by commas, are replicas of
	// one server, tried in order. It holds no user and no password.
	Address string

	Database string // default "ebb"
	User     string // default "default"

	// Cluster is the name of servers that are replicas of each other, by which they know
	// each other; "" for one server. See cluster.go.
	Cluster string

	// Password, or the file that holds it; its last line break is cut off.
	// With neither the password is empty.
	Password     string
	PasswordFile string

	// CAFile holds the certificates (PEM) that sign the server's; "" takes the
	// system's.
	CAFile string

	DialTimeout time.Duration // default 10 s
}

// LogValue keeps the password out of logs.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("address", c.Address),
		slog.String("database", c.Database),
		slog.String("user", c.User),
	)
}

// String keeps the password out of what is printed.
func (c Config) String() string {
	return fmt.Sprintf("%s database %s user %s", c.Address, c.Database, c.User)
}

// GoString does the same for %#v.
func (c Config) GoString() string { return c.String() }

// protocols are the schemes of an address.
var protocols = map[string]struct {
	protocol clickhouse.Protocol
	secure   bool
	port     string
}{
	"clickhouse":  {clickhouse.Native, false, "9000"},
	"clickhouses": {clickhouse.Native, true, "9440"},
	"http":        {clickhouse.HTTP, false, "8123"},
	"https":       {clickhouse.HTTP, true, "8443"},
}

// options are the driver's for the database, "" meaning that of the user.
func (c Config) options(database string) (*clickhouse.Options, error) {
	scheme, hosts, err := c.parseAddress()
	if err != nil {
		return nil, err
	}
	kind := protocols[scheme]
	for i, host := range hosts {
		if _, _, err := net.SplitHostPort(host); err != nil {
			hosts[i] = net.JoinHostPort(strings.Trim(host, "[]"), kind.port)
		}
	}
	password, err := c.password()
	if err != nil {
		return nil, err
	}

	options := &clickhouse.Options{
		Protocol: kind.protocol,
		Addr:     hosts,
		Auth:     clickhouse.Auth{Database: database, Username: c.User, Password: password},
		// LZ4 halves the bytes on the wire at little cost.
		Compression:  &clickhouse.Compression{Method: clickhouse.CompressionLZ4},
		DialTimeout:  c.DialTimeout,
		MaxOpenConns: 8,
		MaxIdleConns: 8,
	}
	if c.Cluster != "" {
		options.Settings = clusterSettings()
	}
	if kind.secure {
		if options.TLS, err = c.tls(); err != nil {
			return nil, err
		}
	}

	return options, nil
}

// parseAddress reads scheme and hosts. It does not repeat a URL that it can't
// read, because that may hold a password.
func (c Config) parseAddress() (scheme string, hosts []string, err error) {
	u, err := url.Parse(c.Address)
	if err != nil {
		return "", nil, errors.New("clickhouse address: not a URL; write for example clickhouse://127.0.0.1:9000")
	}
	_, known := protocols[u.Scheme]
	switch {
	case u.User != nil:
		return "", nil, errors.New("clickhouse address: it holds a user or a password; set them as user and password_file instead")
	case !known:
		return "", nil, fmt.Errorf("clickhouse address: scheme is %q; use clickhouse, clickhouses, http or https", u.Scheme)
	case u.Host == "":
		return "", nil, fmt.Errorf("clickhouse address: %q names no host; write for example %s://127.0.0.1", c.Address, u.Scheme)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return "", nil, fmt.Errorf("clickhouse address: %q has more than scheme and hosts; the database is a setting of its own", c.Address)
	}

	return u.Scheme, strings.Split(u.Host, ","), nil
}

func (c Config) password() (string, error) {
	if c.PasswordFile == "" {
		return c.Password, nil
	}
	if c.Password != "" {
		return "", errors.New("clickhouse: both a password and a password_file are set; keep one")
	}
	data, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("clickhouse password_file: %w", err)
	}

	return strings.TrimRight(string(data), "\r\n"), nil
}

func (c Config) tls() (*tls.Config, error) {
	if c.CAFile == "" {
		return &tls.Config{MinVersion: tls.VersionTLS12}, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("clickhouse ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("clickhouse ca_file: %s holds no PEM certificate", c.CAFile)
	}

	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}

func (c Config) withDefaults() Config {
	if c.Database == "" {
		c.Database = "ebb"
	}
	if c.User == "" {
		c.User = "default"
	}
	if c.DialTimeout == 0 {
		c.DialTimeout = 10 * time.Second
	}

	return c
}

// Open returns a connection to the config's database. It does not connect yet.
func Open(c Config) (driver.Conn, error) {
	c = c.withDefaults()

	return c.open(c.Database)
}

func (c Config) open(database string) (driver.Conn, error) {
	if err := checkIdentifier(c.Database); err != nil {
		return nil, fmt.Errorf("clickhouse database: %w", err)
	}
	if c.Cluster != "" {
		if err := checkIdentifier(c.Cluster); err != nil {
			return nil, fmt.Errorf("clickhouse cluster: %w", err)
		}
	}
	options, err := c.options(database)
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("clickhouse %s: %w", c.Address, err)
	}
	if c.Cluster != "" {
		return &clustered{conn, c.Cluster}, nil
	}

	return conn, nil
}

// maxIdentifier is the longest name that the checks below let pass.
const maxIdentifier = 64

// checkIdentifier lets only names through that need no quoting.
func checkIdentifier(name string) error {
	plain := name != "" && len(name) <= maxIdentifier
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		plain = plain && (letter || i > 0 && r >= '0' && r <= '9')
	}
	if !plain {
		return fmt.Errorf("name is %q; use up to %d letters, digits and _, not beginning with a digit", name, maxIdentifier)
	}

	return nil
}
