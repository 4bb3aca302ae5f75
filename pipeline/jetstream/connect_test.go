package jetstream

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"ebb/deploy/local/localtest"
)

const secretWord = "correct-horse-battery"

// startWith runs a server without JetStream that asks who connects.
func startWith(t *testing.T, options *server.Options) string {
	t.Helper()
	options.Host, options.Port, options.NoSigs, options.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("server is not ready after 10 s")
	}

	return s.ClientURL()
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}

	return path
}

func expectConnected(t *testing.T, cfg ConnectConfig) {
	t.Helper()
	js, err := Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer js.Conn().Close()
	if _, err := js.Conn().RTT(); err != nil {
		t.Error(err)
	}
}

func expectRefused(t *testing.T, cfg ConnectConfig, words ...string) {
	t.Helper()
	js, err := Connect(t.Context(), cfg)
	if err == nil {
		js.Conn().Close()
		t.Fatal("connected")
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q, want one with %q", err, word)
		}
	}
	if strings.Contains(err.Error(), secretWord) {
		t.Errorf("error %q tells the secret", err)
	}
}

func TestConnectWithAToken(t *testing.T) {
	url := startWith(t, &server.Options{Authorization: secretWord})
	t.Setenv("EBB_TEST_TOKEN", secretWord)
	expectConnected(t, ConnectConfig{URL: url, Token: Secret{Text: secretWord}})
	expectConnected(t, ConnectConfig{URL: url, Token: Secret{Env: "EBB_TEST_TOKEN"}})
	expectConnected(t, ConnectConfig{URL: url, Token: Secret{File: writeFile(t, "token", []byte(secretWord+"\n"))}})
	expectRefused(t, ConnectConfig{URL: url}, "other credentials")
	expectRefused(t, ConnectConfig{URL: url, Token: Secret{Text: "wrong"}}, "other credentials")
	expectRefused(t, ConnectConfig{URL: strings.Replace(url, "//", "//"+secretWord+"x@", 1)}, "other credentials")
}

func TestConnectWithUserAndPassword(t *testing.T) {
	url := startWith(t, &server.Options{Username: "ebb", Password: secretWord})
	expectConnected(t, ConnectConfig{URL: url, User: "ebb", Password: Secret{Text: secretWord}})
	expectRefused(t, ConnectConfig{URL: url, User: "ebb", Password: Secret{Text: "wrong"}}, "other credentials")
}

func TestConnectWithAnNKey(t *testing.T) {
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := user.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}

	url := startWith(t, &server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}})
	expectConnected(t, ConnectConfig{URL: url, NKeyFile: writeFile(t, "seed", seed)})
	expectRefused(t, ConnectConfig{URL: url, NKeyFile: writeFile(t, "other", []byte("nonsense"))}, "nkey file")
}

func TestConnectWithTLS(t *testing.T) {
	certFile, keyFile := certificate(t)
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pemBytes, err := os.ReadFile(certFile)
	if err != nil {
		t.Fatal(err)
	}
	pool.AppendCertsFromPEM(pemBytes)
	url := startWith(t, &server.Options{TLS: true, TLSVerify: true, TLSTimeout: 5, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    pool,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		MinVersion:   tls.VersionTLS12,
	}})

	expectConnected(t, ConnectConfig{URL: url, CAFile: certFile, CertFile: certFile, KeyFile: keyFile})
	expectRefused(t, ConnectConfig{URL: url, CertFile: certFile, KeyFile: keyFile}, "certificate")
	expectRefused(t, ConnectConfig{URL: url, CAFile: certFile, CertFile: certFile}, "key file")
}

// certificate makes one that signs itself, for a server and a client at once.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "ebb test"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}

	return writeFile(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		writeFile(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
}

func TestConnectSaysWhatIsWrong(t *testing.T) {
	nobody := fmt.Sprint("nats://user:"+secretWord+"@127.0.0.1:", localtest.Port(t))
	empty := writeFile(t, "empty", []byte(" \n"))

	cases := []struct {
		name string
		cfg  ConnectConfig
		want string
	}{
		{"nobody listens", ConnectConfig{URL: nobody}, "ebb local"},
		{"a URL that is none", ConnectConfig{URL: "nats://a:" + secretWord + "@b:port"}, "cannot be read"},
		{"two ways", ConnectConfig{Token: Secret{Text: secretWord}, User: "a"}, "choose one"},
		{"no credentials file", ConnectConfig{CredentialsFile: "/nowhere/ebb.creds"}, "nsc"},
		{"no nkey file", ConnectConfig{NKeyFile: "/nowhere/seed"}, "SU"},
		{"empty variable", ConnectConfig{Token: Secret{Env: "EBB_TEST_UNSET"}}, "EBB_TEST_UNSET"},
		{"empty file", ConnectConfig{Token: Secret{File: empty}}, "is empty"},
		{"no file", ConnectConfig{User: "a", Password: Secret{File: "/nowhere/password"}}, "/nowhere/password"},
		{"password alone", ConnectConfig{Password: Secret{Text: secretWord}}, "name the user"},
		{"no CA file", ConnectConfig{CAFile: "/nowhere/ca.pem"}, "/nowhere/ca.pem"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { expectRefused(t, c.cfg, c.want) })
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Connect(ended, ConnectConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Connect with an ended context = %v", err)
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	for want, secret := range map[string]Secret{
		"***":  {Text: secretWord},
		"$VAR": {Env: "VAR"},
		"/a/b": {File: "/a/b"},
		"":     {},
	} {
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("config", "token", secret)
		for _, printed := range []string{secret.String(), fmt.Sprintf("%v", secret), fmt.Sprintf("%+v", secret)} {
			if printed != want {
				t.Errorf("printed as %q, want %q", printed, want)
			}
		}
		if all := fmt.Sprintf("%#v", ConnectConfig{Token: secret}) + log.String(); strings.Contains(all, secretWord) {
			t.Errorf("%s tells the secret", all)
		}
	}
}

// lines collects a log that several goroutines write.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) contains(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.all.String(), text)
}

func TestLossAndReturnOfTheConnectionAreLogged(t *testing.T) {
	s := startServer(t)
	log := &lines{}
	js, err := Connect(t.Context(), ConnectConfig{URL: s.server.URL(), Domain: "hub", Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer js.Conn().Close()
	if got := apiSubject(js, "X"); got != "$JS.hub.API.X" {
		t.Errorf("API subject %s in domain hub", got)
	}

	s.stop()
	s.start()
	deadline := time.Now().Add(20 * time.Second)
	for !log.contains("connection lost") || !log.contains("connection is back") {
		if time.Now().After(deadline) {
			t.Fatalf("log: %s", log.all.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := js.Conn().Publish("x", make([]byte, 2<<20)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("Publish of 2 MiB = %v", err)
	}
}

func TestReconnectDelayGrowsToItsMost(t *testing.T) {
	for attempts, want := range map[int]time.Duration{0: reconnectWait, 1: reconnectWait, 4: 4 * reconnectWait, 1000: reconnectMost} {
		if got := reconnectDelay(attempts); got != want {
			t.Errorf("after %d attempts %s, want %s", attempts, got, want)
		}
	}
}
