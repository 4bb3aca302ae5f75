package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"ebb/dashboards/web"
	"ebb/sinks/clickhouse"
)

// showDashboards serves the dashboards as pages.
func (d *Demo) showDashboards(ctx context.Context) (stop func() error, err error) {
	conn, err := clickhouse.Open(d.clickhouse)
	if err != nil {
		return nil, err
	}
	server, err := web.Serve(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(d.command.DashboardPort)), conn, d.log)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	fmt.Fprintf(d.To.Err, "Dashboards: %s\n", server.URL())

	return func() error { return errors.Join(server.Close(), conn.Close()) }, nil
}
