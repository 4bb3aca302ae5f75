package main

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"github.com/nats-io/nats.go"
)

// connect opens a connection to NATS that reconnects for ever. The caller
// closes it.
func (c *NATSConfig) connect(log *slog.Logger) (*nats.Conn, error) {
	options, err := c.options()
	if err != nil {
		return nil, err
	}
	options = append(options,
		nats.Name("ebb "+programVersion()),
		nats.MaxReconnects(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("lost the connection to NATS; reconnecting", "error", err)
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) {
			log.Info("connected to NATS again", "url", conn.ConnectedUrlRedacted())
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Error("NATS reports an error", "error", err)
		}),
	)

	conn, err := nats.Connect(c.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("nats.url is %q: %w; start a server there (ebb local starts one), or name another", redact(c.URL), err)
	}

	return conn, nil
}

// options are what the settings say about authentication and TLS.
func (c *NATSConfig) options() ([]nats.Option, error) {
	var options []nats.Option
	if c.Credentials != "" {
		options = append(options, nats.UserCredentials(c.Credentials))
	}
	if c.User != "" {
		password, err := readSecret("nats.password_file", c.PasswordFile)
		if err != nil {
			return nil, err
		}
		options = append(options, nats.UserInfo(c.User, password))
	}
	if c.TokenFile != "" {
		token, err := readSecret("nats.token_file", c.TokenFile)
		if err != nil {
			return nil, err
		}
		options = append(options, nats.Token(token))
	}
	tls, err := c.TLS.config("nats.tls")
	if err != nil {
		return nil, err
	}
	if tls != nil {
		options = append(options, nats.Secure(tls))
	}

	return options, nil
}

// redact replaces passwords and tokens in a list of URLs.
func redact(servers string) string {
	parts := strings.Split(servers, ",")
	for i, part := range parts {
		parsed, err := url.Parse(strings.TrimSpace(part))
		switch {
		case err != nil:
			parts[i] = "(not a URL)"
		case parsed.User != nil:
			parsed.User = url.User("xxxxx")
			parts[i] = parsed.String()
		}
	}

	return strings.Join(parts, ",")
}
