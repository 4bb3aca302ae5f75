package jetstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"
)

// ConnectConfig says where NATS is and who connects. Of the four ways to say
// who, at most one is set. Secrets are never logged, and errors do not hold
// them.
type ConnectConfig struct {
	URL  string // one or more, separated by commas; default nats://127.0.0.1:4222
	Name string // shown in the server's list of connections; default "ebb"

	CredentialsFile string // JWT and seed in one file, as nsc writes it
	NKeyFile        string // seed of a user's NKey
	Token           Secret
	User            string
	Password        Secret

	CAFile   string // certificates to trust instead of the system's
	CertFile string // this client's certificate; with KeyFile
	KeyFile  string

	Domain string // JetStream domain; "" for the server's own
	Inbox  string // first part of the subjects of replies; default "_INBOX"

	Logger *slog.Logger // loss and return of the connection; nil: nothing is logged
}

const (
	connectTimeout = 5 * time.Second
	reconnectWait  = 250 * time.Millisecond
	reconnectMost  = 5 * time.Second
	pingInterval   = 10 * time.Second
)

// Connect connects to NATS and returns its JetStream. The connection comes back
// by itself for as long as it is not closed: js.Conn().Close().
//
// Nothing is kept back to be sent when the connection returns: what was
// published without it fails at once, so that an old batch can not arrive after
// a newer one.
func Connect(ctx context.Context, cfg ConnectConfig) (natsjs.JetStream, error) {
	cfg.URL = orDefault(cfg.URL, nats.DefaultURL)
	cfg.Name = orDefault(cfg.Name, "ebb")
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}

	options, err := cfg.options(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	conn, err := nats.Connect(cfg.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", bareURL(cfg.URL), explainConnect(err, cfg.URL))
	}

	var js natsjs.JetStream
	if cfg.Domain != "" {
		js, err = natsjs.NewWithDomain(conn, cfg.Domain)
	} else {
		js, err = natsjs.New(conn)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to NATS at %s: %w", bareURL(cfg.URL), err)
	}

	return js, nil
}

func (cfg ConnectConfig) options(ctx context.Context) ([]nats.Option, error) {
	timeout := connectTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline))
	}
	if err := ctx.Err(); err != nil || timeout <= 0 {
		return nil, errors.Join(err, context.Cause(ctx))
	}

	who, err := cfg.identity()
	if err != nil {
		return nil, err
	}
	secure, err := cfg.encryption()
	if err != nil {
		return nil, err
	}

	options := []nats.Option{
		nats.Name(cfg.Name),
		nats.Timeout(timeout),
		nats.MaxReconnects(-1),
		nats.CustomReconnectDelay(reconnectDelay),
		nats.ReconnectBufSize(-1),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(2),
	}
	if cfg.Inbox != "" {
		options = append(options, nats.CustomInboxPrefix(cfg.Inbox))
	}
	options = append(options, cfg.handlers()...)
	options = append(options, who...)

	return append(options, secure...), nil
}

// reconnectDelay grows with the attempts over all servers, so that a cluster
// that starts is not stormed.
func reconnectDelay(attempts int) time.Duration {
	return min(reconnectWait*time.Duration(max(attempts, 1)), reconnectMost)
}

func (cfg ConnectConfig) handlers() []nats.Option {
	log := cfg.Logger
	return []nats.Option{
		nats.DisconnectErrHandler(func(conn *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS connection lost, trying to get it back", "server", conn.ConnectedUrlRedacted(), "error", err)
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) {
			log.Info("NATS connection is back", "server", conn.ConnectedUrlRedacted())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			if sub != nil {
				log.Warn("NATS reports an error", "subject", sub.Subject, "error", err)
				return
			}
			log.Warn("NATS reports an error", "error", err)
		}),
	}
}

func (cfg ConnectConfig) identity() ([]nats.Option, error) {
	var ways []string
	var options []nats.Option
	if cfg.CredentialsFile != "" {
		ways = append(ways, "credentials file")
		if _, err := os.Stat(cfg.CredentialsFile); err != nil {
			return nil, fmt.Errorf("credentials file: %w; it is what `nsc generate creds` writes", err)
		}
		options = append(options, nats.UserCredentials(cfg.CredentialsFile))
	}
	if cfg.NKeyFile != "" {
		ways = append(ways, "nkey file")
		option, err := nats.NkeyOptionFromSeed(cfg.NKeyFile)
		if err != nil {
			return nil, fmt.Errorf("nkey file %s: %w; it holds the seed of a user's NKey, which begins with SU", cfg.NKeyFile, err)
		}
		options = append(options, option)
	}
	if !cfg.Token.IsZero() {
		ways = append(ways, "token")
		token, err := cfg.Token.Value()
		if err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		options = append(options, nats.Token(token))
	}
	if cfg.User != "" || !cfg.Password.IsZero() {
		ways = append(ways, "user and password")
		password, err := cfg.Password.Value()
		if err != nil {
			return nil, fmt.Errorf("password: %w", err)
		}
		if cfg.User == "" {
			return nil, errors.New("a password without a user; name the user too")
		}
		options = append(options, nats.UserInfo(cfg.User, password))
	}
	if len(ways) > 1 {
		return nil, fmt.Errorf("%s are set; choose one of them", strings.Join(ways, ", "))
	}

	return options, nil
}

func (cfg ConnectConfig) encryption() ([]nats.Option, error) {
	if (cfg.CertFile == "") != (cfg.KeyFile == "") {
		return nil, errors.New("a client certificate needs both, the certificate file and the key file")
	}
	for _, file := range []string{cfg.CAFile, cfg.CertFile, cfg.KeyFile} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
	}

	var options []nats.Option
	if cfg.CAFile != "" {
		options = append(options, nats.RootCAs(cfg.CAFile))
	}
	if cfg.CertFile != "" {
		options = append(options, nats.ClientCert(cfg.CertFile, cfg.KeyFile))
	}

	return options, nil
}

// explainConnect adds what to do to the errors a first start meets.
func explainConnect(err error, urls string) error {
	var bad *url.Error
	switch {
	case errors.As(err, &bad): // its text holds the URL, and so what stands in it
		return fmt.Errorf("the URL cannot be read: %w", bad.Err)
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("%w; is a server running there?%s", err, startLocal(urls))
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return fmt.Errorf("%w; the server wants other credentials: a file, an nkey, a token, or user and password", err)
	case errors.Is(err, nats.ErrSecureConnRequired), errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w; use tls:// in the URL, and name the CA file if the certificate is your own", err)
	case errors.Is(err, nats.ErrTimeout):
		return fmt.Errorf("%w; does a firewall stand between?", err)
	}

	return err
}

// startLocal is the command that starts a server at the URL, where it is one
// address of this machine.
func startLocal(urls string) string {
	parsed, err := url.Parse(urls)
	if err != nil || parsed.Scheme != "nats" || parsed.Path != "" {
		return ""
	}
	switch host, port := parsed.Hostname(), parsed.Port(); {
	case host != "127.0.0.1" && host != "localhost" && host != "::1":
		return ""
	case port == "" || port == strconv.Itoa(nats.DefaultPort):
		return " `ebb local` starts one"
	default:
		return fmt.Sprintf(" `ebb local --nats-port %s` starts one", port)
	}
}

// bareURL is the URL without the user, password or token that may stand in it.
func bareURL(urls string) string {
	parts := strings.Split(urls, ",")
	for i, part := range parts {
		parsed, err := url.Parse(strings.TrimSpace(part))
		if err != nil {
			parts[i] = "(a URL that cannot be read)"
			continue
		}
		parsed.User = nil
		parts[i] = parsed.String()
	}

	return strings.Join(parts, ",")
}
