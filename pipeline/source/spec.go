package source

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/spelling"
)

// Spec says what a source is.
type Spec struct {
	Name     string            // a token: letters, digits, - and _
	Stream   string            // JetStream stream that is read; or Core
	Core     bool              // Subjects are core NATS, best effort
	Subjects []string          // those of the stream that are read; none: all
	From     From              // where to begin
	Format   format.Format     // of its messages; default auto
	Mapping  string            // instead: a mapping of ebb replay, by name or file
	Constant map[string]string // values of fields that an event lacks
	Account  Account           // where it is; the zero value: where ebb's own streams are
}

// Account says where a stream is that is not in ebb's own account.
type Account struct {
	URL          string // "": ebb's own server and account
	Credentials  string // file
	NKeyFile     string
	User         string
	PasswordFile string
	TokenFile    string
	CA           string // certificates to trust, PEM
	Domain       string // JetStream domain
}

// From says with which message a source begins that has never been read.
type From struct {
	New bool      // the next to come
	At  time.Time // the first that was stored then or later; zero: the first that there is
}

// Words of From beside a time.
const (
	FromBeginning = "beginning"
	FromNew       = "new"
)

// String is what ParseFrom reads.
func (f From) String() string {
	switch {
	case f.New:
		return FromNew
	case f.At.IsZero():
		return FromBeginning
	}

	return f.At.UTC().Format(time.RFC3339)
}

// ParseFrom reads beginning, new, a day or a time.
func ParseFrom(text string) (From, error) {
	switch text {
	case "", FromBeginning:
		return From{}, nil
	case FromNew:
		return From{New: true}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return From{At: at}, nil
		}
	}

	return From{}, fmt.Errorf("is %q; write beginning, new, or a time such as 2026-05-04T00:00:00Z", text)
}

// keys are those of an entry, in the order of the help.
func keys() []string {
	return []string{
		"name", "stream", "core", "subjects", "from", "format", "mapping", "constants",
		"url", "credentials", "nkey_file", "user", "password_file", "token_file", "tls_ca", "domain",
	}
}

// Set sets a key of an entry. The error names the value and the remedy; the caller
// names the key.
func (s *Spec) Set(key, value string) (err error) {
	list := func() []string { return strings.FieldsFunc(value, func(r rune) bool { return r == '|' }) }
	switch key {
	case "name":
		s.Name = value
	case "stream":
		s.Stream = value
	case "core":
		s.Core, s.Subjects = true, list()
	case "subjects":
		s.Subjects = list()
	case "from":
		s.From, err = ParseFrom(value)
	case "format":
		s.Format, err = format.Parse(value)
	case "mapping":
		s.Mapping = value
	case "constants":
		err = s.setConstants(list())
	case "url":
		s.Account.URL = strings.ReplaceAll(value, "|", ",")
	case "credentials":
		s.Account.Credentials = value
	case "nkey_file":
		s.Account.NKeyFile = value
	case "user":
		s.Account.User = value
	case "password_file":
		s.Account.PasswordFile = value
	case "token_file":
		s.Account.TokenFile = value
	case "tls_ca":
		s.Account.CA = value
	case "domain":
		s.Account.Domain = value
	default:
		if near := spelling.Nearest(key, keys(), 3); near != "" {
			return fmt.Errorf("is not known; did you mean %s?", near)
		}

		return fmt.Errorf("is not known; use one of %s", strings.Join(keys(), ", "))
	}

	return err
}

func (s *Spec) setConstants(list []string) error {
	s.Constant = map[string]string{}
	for _, item := range list {
		name, value, ok := strings.Cut(item, ":")
		if !ok || value == "" {
			return fmt.Errorf("is %q; write field:value, such as channel:store", item)
		}
		s.Constant[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}

	return nil
}

// ParseEntry reads NAME;key=value;key=value, as a setting that is one text has it; the
// values of lists stand with | between them.
func ParseEntry(text string) (Spec, error) {
	name, rest, _ := strings.Cut(text, ";")
	s := Spec{Name: strings.TrimSpace(name)}
	for rest != "" {
		var field string
		field, rest, _ = strings.Cut(rest, ";")
		key, value, ok := strings.Cut(field, "=")
		if key = strings.TrimSpace(key); !ok {
			return s, fmt.Errorf("sources: %s has %q; write key=value, such as stream=ORDERS", s.Name, field)
		}
		if err := s.Set(key, strings.TrimSpace(value)); err != nil {
			return s, fmt.Errorf("sources: %s: %s %w", s.Name, key, err)
		}
	}

	err := s.Validate()

	return s, err
}

var (
	namePattern   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	streamPattern = regexp.MustCompile(`^[^\s.*>/\\]{1,255}$`)
)

// constants are the fields that an event may lack and a source may know.
func constants() []event.Field {
	return []event.Field{
		event.FieldChannel, event.FieldSession, event.FieldDevice, event.FieldCampaign, event.FieldMessage, event.FieldProduct, event.FieldCurrency,
	}
}

// Validate says what of a source can't be.
func (s *Spec) Validate() error {
	var problems []error
	refuse := func(bad bool, key, value, remedy string) {
		if bad {
			problems = append(problems, fmt.Errorf("sources: %s: %s is %q: %s", s.Name, key, value, remedy))
		}
	}
	refuse(!namePattern.MatchString(s.Name), "name", s.Name, "use 1 to 64 letters, digits, - and _; it stands in ids and never changes")
	refuse(!s.Core && !streamPattern.MatchString(s.Stream), "stream", s.Stream, "name a JetStream stream, such as ORDERS, or write core: SUBJECT")
	refuse(s.Core && s.Stream != "", "core", strings.Join(s.Subjects, "|"), "leave it out beside stream, or write the subjects as subjects")
	refuse(s.Core && len(s.Subjects) == 0, "core", "", "name a subject, such as shop.>")
	refuse(s.Core && (!s.From.New && !s.From.At.IsZero()), "from", s.From.String(), "leave it out: core subjects have no past")
	refuse(s.Mapping != "" && s.Format != "", "format", string(s.Format), "leave it out beside mapping, which has a format of its own")
	for _, subject := range s.Subjects {
		refuse(!isSubject(subject), "subjects", subject, "write a subject such as orders.>")
	}
	for name, value := range s.Constant {
		i := slices.IndexFunc(constants(), func(f event.Field) bool { return f.String() == name })
		refuse(i < 0, "constants", name, fmt.Sprintf("give one of %v", constants()))
		if i >= 0 {
			refuse(len(value) > event.MaxFieldBytes || event.HasControl(value), "constants "+name, value, fmt.Sprintf("use at most %d bytes without control characters", event.MaxFieldBytes))
			refuse(name == event.FieldCurrency.String() && !event.IsCurrency(value), "constants currency", value, "use a code of ISO 4217, such as EUR")
		}
	}
	a := &s.Account
	ways := 0
	for _, way := range []string{a.Credentials, a.NKeyFile, a.User, a.TokenFile} {
		if way != "" {
			ways++
		}
	}
	refuse(ways > 1, "credentials", a.Credentials, "set only one of credentials, nkey_file, user and token_file")
	refuse(a.URL == "" && ways > 0, "url", "", "name the server of this account, such as nats://nats:4222")
	refuse(a.User != "" && a.PasswordFile == "", "password_file", "", "name the file that holds the password of the user")
	refuse(a.User == "" && a.PasswordFile != "", "user", "", "name the user that password_file belongs to")

	return errors.Join(problems...)
}

// isSubject tells what can be a filter.
func isSubject(subject string) bool {
	tokens := strings.Split(subject, ".")
	for i, token := range tokens {
		if token == "" || strings.ContainsAny(token, " \t\r\n") || token == ">" && i != len(tokens)-1 {
			return false
		}
	}

	return true
}

// ValidateAll says what of several sources can't be, together.
func ValidateAll(specs []Spec) error {
	var problems []error
	for i := range specs {
		problems = append(problems, specs[i].Validate())
		if slices.ContainsFunc(specs[:i], func(s Spec) bool { return s.Name == specs[i].Name }) {
			problems = append(problems, fmt.Errorf("sources: the name %q is there twice: give each source its own", specs[i].Name))
		}
	}

	return errors.Join(problems...)
}

// Place is what it is read from, for people.
func (s *Spec) Place() string {
	if s.Core {
		return strings.Join(s.Subjects, ", ")
	}

	return s.Stream
}
