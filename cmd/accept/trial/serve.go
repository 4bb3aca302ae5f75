package trial

import (
	"errors"
	"path/filepath"

	"ebb/deploy/local"
)

// Serve serves the tables that a demo left in dir for as long as read reads, over HTTP
// at a URL on loopback; their database is Database.
func Serve(dir string, read func(url string) error) (err error) {
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: filepath.Join(dir, "clickhouse")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()

	return read("http://" + server.Addr())
}

// Database is that of the demo's tables.
const Database = database
