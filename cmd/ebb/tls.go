package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// config reads the PEM files; nil where no file is named. section is the
// settings' name in errors.
func (c *TLSConfig) config(section string) (*tls.Config, error) {
	if *c == (TLSConfig{}) {
		return nil, nil //nolint:nilnil // no TLS settings is no failure
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("%s.ca: %w; name a PEM file that ebb may read", section, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s.ca is %q: the file holds no certificate; it must be PEM", section, c.CA)
		}
	}
	if c.Cert != "" {
		certificate, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("%s.cert is %q, %s.key is %q: %w; both must be PEM and belong together", section, c.Cert, section, c.Key, err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}

	return config, nil
}
