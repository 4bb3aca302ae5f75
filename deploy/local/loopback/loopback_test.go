package loopback_test

import (
	"testing"

	"ebb/deploy/local/loopback"
)

func TestIs(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1:8095": true, "127.9.9.9": true, "localhost": true, "localhost:1": true, "[::1]:8095": true, "::1": true,
		"": false, ":8095": false, "0.0.0.0:8095": false, "evil.example": false, "127.0.0.1.evil.example:8095": false,
		"localhost.evil.example": false, "10.0.0.1": false, "[::]:8095": false,
	} {
		if got := loopback.Is(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}
