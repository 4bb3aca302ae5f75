// Package loopback tells the names that this machine has for itself. A page in a browser
// can give it others, and read what is answered to them.
package loopback

import "net"

// Is reports whether a host, with or without a port, is this machine by an address or
// the name of its own.
func Is(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)

	return host == "localhost" || ip != nil && ip.IsLoopback()
}
