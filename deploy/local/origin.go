package local

import (
	"net"
	"net/http"
	"net/url"

	"ebb/deploy/local/loopback"
)

// fromThisMachine keeps web pages out. A page in a browser on this machine
// could otherwise send queries to the port, also by a name of its own that it
// points at 127.0.0.1. Browsers name the page's origin, but not for images and
// the like; for these they say whether the page is of the same site, and a page
// on another port of this machine is, so the same origin it has to be. What a
// person types is of no site.
func fromThisMachine(r *http.Request) bool {
	if !isOwnName(r.Host) {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// isOwnName reports whether a Host header names this machine.
// host.docker.internal is what a container calls it.
func isOwnName(host string) bool {
	name, _, err := net.SplitHostPort(host)

	return loopback.Is(host) || host == inDocker || err == nil && name == inDocker
}

const inDocker = "host.docker.internal"
