package web_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ebb/dashboards"
	"ebb/dashboards/web"
	"ebb/sinks/clickhouse/clickhousetest"
)

// Every dashboard is a page, over tables with rows and without, and what stands in
// the tables stays text.
func TestPages(t *testing.T) {
	conn := clickhousetest.Migrated(t).Open(t)
	handler, err := web.Handler(conn, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	pages := boardPaths(t)
	if len(pages) < 5 {
		t.Fatalf("%d dashboards", len(pages))
	}
	for _, path := range pages {
		page(t, server.URL+path)
	}

	const evil = `<b onload="x">&'` + "`" + `</b>`
	for _, insert := range []string{
		"INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, version) VALUES (now64(3) - 60, 0, now64(3), now64(3) - 600, 10, 100, 10)",
		"INSERT INTO levels (time, partition, healthy, cooling, at_risk, lapsed, version, clock) VALUES (now64(3) - 3600, 0, 10, 3, 2, 1, 5, now64(3) - 3600), (now64(3) - 60, 0, 8, 3, 4, 1, 6, now64(3) - 60)",
		"INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock) VALUES ('24h', toStartOfHour(now64(3)), 0, 90, 30, 50, now64(3)), ('24h', toStartOfHour(now64(3)) - 3600, 0, 80, 20, 49, now64(3))",
		"INSERT INTO rollups_channel (window, window_end, channel, partition, events, version, clock) VALUES ('24h', toStartOfHour(now64(3)), '" + strings.ReplaceAll(evil, "'", `\'`) + "', 0, 7, 10, now64(3)), ('24h', toStartOfHour(now64(3)), 'web', 0, 9, 10, now64(3))",
		"INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, value_at_risk, currency, reason_code, reason_log_odds, reason_text, partition, sequence, version) VALUES " +
			"('" + strings.ReplaceAll(evil, "'", `\'`) + "', 1, 'at_risk', 'raised', 'cooling', now64(3) - 7200, 0.83, 2592000000, now64(3) - 1641600, 1641600000, 44, 'EUR', ['rhythm'], [1.2], ['usually every 6 days'], 0, 20, 20)",
	} {
		if err := conn.Exec(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
	}
	all := map[string]string{}
	for _, path := range pages {
		all[path] = page(t, server.URL+path+"?last=7d")
	}
	for path, wants := range map[string][]string{
		"/d/ebb-overview": {"Are customers staying with us", ">30<", "<svg", "#E69F00", "Nothing is silent"},
		"/d/ebb-churn":    {"&lt;b onload=&#34;x&#34;&gt;", "/d/ebb-customer?last=7d&amp;var-customer=%3Cb&#43;onload", "at risk", "19.0 d"},
		"/d/ebb-customer": {"&lt;b onload", "Usually every 6 days"},
	} {
		for _, want := range wants {
			if !strings.Contains(strings.ToLower(all[path]), strings.ToLower(want)) {
				t.Errorf("%s does not show %q:\n%s", path, want, all[path])
			}
		}
	}

	// What there is not to choose is as if nothing was chosen.
	for path, query := range map[string]string{
		"overview": "last=1000d&var-window=%27+OR+1", "churn": "last=%27&var-level=nobody", "detector": "var-segment=%3Cb%3E",
	} {
		page(t, server.URL+"/d/ebb-"+path+"?"+query)
	}
	// A customer may be any text.
	for _, id := range []string{"' OR 1=1 --", `\`, `\'`, strings.Repeat("x", 10_000), "$__fromTime ${customer:sqlstring}"} {
		page(t, server.URL+"/d/ebb-customer?var-customer="+url.QueryEscape(id))
	}
	for path, want := range map[string]int{"/d/ebb-nothing": http.StatusNotFound, "/elsewhere": http.StatusNotFound} {
		if code, _, _ := get(t, server.URL+path); code != want {
			t.Errorf("%s: %d, want %d", path, code, want)
		}
	}
	response, err := http.Post(server.URL+"/d/ebb-overview", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST: %d", response.StatusCode)
	}
}

// boardPaths are where the pages are, by the files of the dashboards.
func boardPaths(t *testing.T) (paths []string) {
	t.Helper()
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name, ok := strings.CutPrefix(file.Path, "dashboards/"); ok && strings.HasSuffix(name, ".json") {
			paths = append(paths, "/d/"+strings.TrimSuffix(name, ".json"))
		}
	}

	return paths
}

func get(t *testing.T, target string) (code int, header http.Header, body string) {
	t.Helper()
	response, err := http.Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}

	return response.StatusCode, response.Header, string(text)
}

// page is a page that is whole: no query failed, and it needs nothing but itself.
func page(t *testing.T, target string) string {
	t.Helper()
	code, header, body := get(t, target)
	if code != http.StatusOK || !strings.Contains(body, "</html>") {
		t.Fatalf("%s: %d\n%s", target, code, body)
	}
	if policy := header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("%s: its policy is %q", target, policy)
	}
	for _, wrong := range []string{"The query failed", "The picture failed", "ClickHouse did not answer", "<script", "src=", "@import", "ZgotmplZ", "<b onload"} {
		if i := strings.Index(body, wrong); i >= 0 {
			t.Errorf("%s has %q: %s", target, wrong, body[max(0, i-200):min(len(body), i+300)])
		}
	}

	return body
}
