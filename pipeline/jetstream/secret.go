package jetstream

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// Secret is a word that is not printed. Value reads it at the time of
// connecting, so that one kept in a file may change.
type Secret struct {
	Text string // the secret itself
	Env  string // or the environment variable that holds it
	File string // or the file that holds it; white space around it is cut off
}

// IsZero reports whether no secret is named.
func (s Secret) IsZero() bool { return s == Secret{} }

// String hides the secret.
func (s Secret) String() string {
	switch {
	case s.IsZero():
		return ""
	case s.Env != "":
		return "$" + s.Env
	case s.File != "":
		return s.File
	}

	return "***"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Value reads the secret.
func (s Secret) Value() (string, error) {
	switch {
	case s.Text != "":
		return s.Text, nil
	case s.Env != "":
		value, ok := os.LookupEnv(s.Env)
		if !ok || value == "" {
			return "", fmt.Errorf("the environment variable %s is empty; set it, or name a file", s.Env)
		}
		return value, nil
	case s.File != "":
		data, err := os.ReadFile(s.File)
		if err != nil {
			return "", err
		}
		value := strings.TrimSpace(string(data))
		if value == "" {
			return "", fmt.Errorf("the file %s is empty", s.File)
		}
		return value, nil
	}

	return "", nil
}
