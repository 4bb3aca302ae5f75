package local

import "os"

// Environment variables that name servers to use instead of embedded ones.
const (
	EnvNATSURL        = "EBB_NATS_URL"
	EnvClickHouseAddr = "EBB_CLICKHOUSE_ADDR"
)

// ExternalNATS returns the URL in EBB_NATS_URL, and whether one is set.
func ExternalNATS() (url string, ok bool) {
	url = os.Getenv(EnvNATSURL)
	return url, url != ""
}

// ExternalClickHouse returns the host:port of a ClickHouse HTTP interface in
// EBB_CLICKHOUSE_ADDR, and whether one is set.
func ExternalClickHouse() (addr string, ok bool) {
	addr = os.Getenv(EnvClickHouseAddr)
	return addr, addr != ""
}
