package setting

import (
	"context"
	"errors"
	"log/slog"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/jetstream"
	"ebb/pipeline/meaning"
	"ebb/pipeline/own"
)

// Wanted are these settings, or a former version's.
func (c *Config) Wanted(ctx context.Context, configs *jetstream.Configs, version uint64) (meaning.Config, error) {
	if version == 0 {
		return c.Processing.Pipeline(&c.Stream, &c.Churn), nil
	}
	kept, err := configs.Version(ctx, version)

	return kept.Config, err
}

// VersionOrNewest reads a version, or the newest for 0.
func VersionOrNewest(ctx context.Context, configs *jetstream.Configs, version uint64) (own.KeptConfig, error) {
	if version > 0 {
		return configs.Version(ctx, version)
	}
	newest, err := configs.Newest(ctx)
	if err == nil && newest.Version == 0 {
		err = errors.New("no configuration is in force yet; `ebb run` puts its own into force when it begins")
	}

	return newest, err
}

// WithConfigs connects, and looks whether there is a stream.
func (c *Config) WithConfigs(ctx context.Context, do func(js natsjs.JetStream, configs *jetstream.Configs) error) error {
	js, err := c.NATS.ConnectJetStream(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	layout := c.Layout()
	if err := jetstream.CheckInput(ctx, js, layout); err != nil {
		if errors.Is(err, natsjs.ErrStreamNotFound) {
			err = NoStream(layout)
		}

		return err
	}

	return do(js, jetstream.NewConfigs(js, layout))
}
