package setting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/build"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/preflight"
	"ebb/pipeline/source"
	"ebb/pipeline/vocabulary"
)

// SourcesConfig says where events are taken from that are not sent to ebb.
type SourcesConfig struct {
	Sources []SourceEntry `name:"sources" placeholder:"ENTRY" help:"Streams of yours to take events from, which they do not notice: NAME;stream=STREAM with any of ;subjects=SUBJECT|SUBJECT, ;from=beginning|new|TIME, ;format=auto|native|segment|cloudevents|header or ;mapping=NAME|FILE (as of ebb replay, of JSON), ;constants=FIELD:VALUE|…, and for another account ;url=, ;credentials=, ;nkey_file=, ;user=, ;password_file=, ;token_file=, ;tls_ca=, ;domain=. Instead of stream, ;core=SUBJECT|… takes core NATS messages, best effort. What a stream holds already counts with its own times; then it is live. In the file, an entry may be a map. ebb source list shows how they stand, ebb source try NAME ten events as they would be read."`
}

// SourceEntry is an entry of the setting sources.
type SourceEntry struct{ source.Spec }

// UnmarshalText reads NAME;key=value;….
func (e *SourceEntry) UnmarshalText(text []byte) (err error) {
	e.Spec, err = source.ParseEntry(string(text))

	return err
}

// Validate says what of the sources does not go together.
func (c *SourcesConfig) Validate() error { return source.ValidateAll(c.Specs()) }

// Specs are the sources.
func (c *SourcesConfig) Specs() []source.Spec {
	var specs []source.Spec
	for i := range c.Sources {
		specs = append(specs, c.Sources[i].Spec)
	}

	return specs
}

// sourceText writes an entry that a file has as a map the way a flag takes it.
func sourceText(fields map[string]any) (string, error) {
	text := fmt.Sprint(fields["name"])
	if fields["name"] == nil {
		return "", fmt.Errorf("has the entry %v without a name; add name: orders, which never changes", fields)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if key == "name" {
			continue
		}
		value, err := sourceValue(fields[key])
		if err == nil && strings.ContainsAny(value, ",;") {
			value, err = strings.ReplaceAll(value, ",", "|"), nil
			if key != "url" || strings.Contains(value, ";") {
				err = errors.New("holds a comma or a semicolon; write lists as lists")
			}
		}
		if err != nil {
			return "", fmt.Errorf("has the entry %s, whose %s %w", text, key, err)
		}
		text += ";" + key + "=" + value
	}

	return text, nil
}

func sourceValue(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", errors.New("is empty; give it a value, or leave it out")
	case time.Time: // as YAML reads a time without quotes
		return v.UTC().Format(time.RFC3339), nil
	case []any:
		list, err := texts(v)

		return strings.Join(list, "|"), err
	case map[string]any:
		var list []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, fmt.Sprintf("%s:%v", key, v[key]))
		}

		return strings.Join(list, "|"), nil
	}

	return fmt.Sprint(value), nil
}

// Runner is what takes the events of the sources.
func (c *Config) Runner(js natsjs.JetStream, log *slog.Logger) (*source.Runner, error) {
	known, err := vocabulary.NewVocabulary(c.Processing.WholeVocabulary())
	if err != nil {
		return nil, err
	}

	return source.New(source.Config{
		JS: js, Layout: c.Layout(), Specs: c.Sources.Specs(), Types: known,
		Lateness: time.Duration(c.Processing.Lateness), Skew: time.Duration(c.Processing.Skew), Log: log,
		Expired: c.TTL.Rollups.Expired,
		Connect: func(ctx context.Context, account *source.Account) (natsjs.JetStream, error) {
			return ConnectSource(ctx, account, log)
		},
	})
}

// ConnectSource connects to the account of a source. The caller closes js.Conn().
func ConnectSource(ctx context.Context, a *source.Account, log *slog.Logger) (natsjs.JetStream, error) {
	return jetstream.Connect(ctx, jetstream.ConnectConfig{
		URL: a.URL, Name: "ebb source " + build.Version(),
		CredentialsFile: a.Credentials, NKeyFile: a.NKeyFile, User: a.User,
		Password: jetstream.Secret{File: a.PasswordFile}, Token: jetstream.Secret{File: a.TokenFile},
		CAFile: a.CA, Domain: a.Domain, Logger: log,
	})
}

// PreflightSources tries each source.
func (c *Config) PreflightSources(ctx context.Context, js natsjs.JetStream) []preflight.Finding {
	runner, err := c.Runner(js, slog.New(slog.DiscardHandler))
	if err != nil {
		return []preflight.Finding{preflight.Fail("sources", err.Error(), "correct the setting sources")}
	}

	return runner.Preflight(ctx)
}
