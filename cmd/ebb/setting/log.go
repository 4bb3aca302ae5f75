package setting

import (
	"io"
	"log/slog"
)

// Logger writes log lines as the settings ask.
func (c *LogConfig) Logger(to io.Writer) *slog.Logger {
	var level slog.Level
	switch c.Level {
	case "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	default:
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}

	return slog.New(slog.NewTextHandler(to, options))
}
