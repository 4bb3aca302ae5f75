package clickhouse

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestAddressChoosesTheProtocol(t *testing.T) {
	for _, test := range []struct {
		address  string
		protocol clickhouse.Protocol
		secure   bool
		hosts    string
	}{
		{"clickhouse://one", clickhouse.Native, false, "one:9000"},
		{"clickhouses://one,two:1234", clickhouse.Native, true, "one:9440 two:1234"},
		{"http://127.0.0.1", clickhouse.HTTP, false, "127.0.0.1:8123"},
		{"https://[::1]/", clickhouse.HTTP, true, "[::1]:8443"},
	} {
		options, err := Config{Address: test.address}.options("d")
		if err != nil {
			t.Errorf("%s: %v", test.address, err)

			continue
		}
		if hosts := strings.Join(options.Addr, " "); options.Protocol != test.protocol || (options.TLS != nil) != test.secure || hosts != test.hosts {
			t.Errorf("%s: protocol %v, TLS %t, hosts %s; want %v, %t, %s",
				test.address, options.Protocol, options.TLS != nil, hosts, test.protocol, test.secure, test.hosts)
		}
	}
}

func TestConfigNamesWhatIsWrongAndNoPassword(t *testing.T) {
	const secret = "hunter2"
	for _, test := range []struct {
		config Config
		want   string
	}{
		{Config{Address: "clickhouse://ebb:" + secret + "@host"}, "password_file"},
		{Config{Address: "clickhouse://ebb:" + secret + "@host:port:%"}, "not a URL"},
		{Config{Address: "tcp://host"}, `scheme is "tcp"`},
		{Config{Address: "127.0.0.1:9000"}, "not a URL"},
		{Config{Address: "http://"}, "names no host"},
		{Config{Address: "http://host/db"}, "database is a setting"},
		{Config{Address: "http://host", Database: "a-b"}, `name is "a-b"`},
		{Config{Address: "http://host", Database: "a; DROP"}, "letters, digits and _"},
		{Config{Address: "http://host", Password: secret, PasswordFile: "f"}, "keep one"},
		{Config{Address: "http://host", PasswordFile: "/does/not/exist"}, "password_file"},
		{Config{Address: "https://host", CAFile: "/does/not/exist"}, "ca_file"},
	} {
		_, err := Open(test.config)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error is %v, want one with %q and without the password", test.config.Address, err, test.want)
		}
	}
}

func TestPasswordIsReadAndNotPrinted(t *testing.T) {
	const secret = "hunter2"
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := Config{Address: "http://host", PasswordFile: file}.options("d")
	if err != nil {
		t.Fatal(err)
	}
	if options.Auth.Password != secret {
		t.Errorf("password is %q, want %q", options.Auth.Password, secret)
	}

	c := Config{Address: "http://host", User: "ebb", Password: secret}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("sink", "config", c)
	for _, text := range []string{log.String(), fmt.Sprint(c), fmt.Sprintf("%+v %#v %v", c, c, &c)} {
		if strings.Contains(text, secret) || !strings.Contains(text, "ebb") {
			t.Errorf("printed as %s; want the user and not the password", text)
		}
	}
}

func TestStatementsAreCut(t *testing.T) {
	got := statements("-- one; two\nSELECT 1;\n\n-- three\nSELECT '--',\n  ';';\n\n-- end\n")
	want := []string{"SELECT 1", "SELECT '--',\n  ';'"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("statements are %q, want %q", got, want)
	}
}
