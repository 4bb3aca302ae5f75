package web

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"ebb/dashboards"
	"ebb/deploy/local/loopback"
)

//go:embed page.html
var source string

// atOnce is how many queries of a page run at the same time.
const atOnce = 4

// site serves the dashboards.
type site struct {
	conn   driver.Conn
	boards []board
	page   *template.Template
	log    *slog.Logger
	now    func() time.Time
}

// Handler serves every dashboard at /d/UID, and the first one at /. It reads from a
// database of ebb, and answers only those who ask for this machine by its own names.
func Handler(conn driver.Conn, log *slog.Logger) (http.Handler, error) {
	boards, err := readBoards()
	if err != nil {
		return nil, err
	}
	page, err := template.New("page").Parse(source)
	if err != nil {
		return nil, fmt.Errorf("page of dashboards: %w", err)
	}
	s := &site{conn: conn, boards: boards, page: page, log: log, now: time.Now}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/d/"+s.boards[0].UID, http.StatusFound)
	})
	mux.HandleFunc("GET /d/{uid}", s.serve)

	return ownNames(mux), nil
}

// ownNames refuses requests by a name that somebody else gave this machine: a page of
// theirs could read the answers.
func ownNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback.Is(r.Host) {
			http.Error(w, "use http://127.0.0.1 or http://localhost", http.StatusForbidden)

			return
		}
		next.ServeHTTP(w, r)
	})
}

// content is what the template is given.
type content struct {
	Title   string
	Boards  []link
	Choices []choice
	Spans   []string
	Span    string
	Panels  []shown
	At      string // when it was made
	Here    string // the path of the page
}

type link struct {
	UID, Title, Query string
	Here              bool
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	i := slices.IndexFunc(s.boards, func(b board) bool { return b.UID == r.PathValue("uid") })
	if i < 0 {
		http.Error(w, "there is no such dashboard; / shows the first, with links to all", http.StatusNotFound)

		return
	}
	c, err := s.content(r.Context(), &s.boards[i], r.URL.Query())
	if err != nil {
		http.Error(w, "ClickHouse: "+cutTo(err.Error(), 300), http.StatusBadGateway)

		return
	}
	var body bytes.Buffer
	if err := s.page.Execute(&body, c); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)

		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	_, _ = w.Write(body.Bytes()) // the reader may have gone
}

// content asks for all that a page shows.
func (s *site) content(ctx context.Context, b *board, form url.Values) (*content, error) {
	span, chosen := b.span(), form.Get("last")
	if asked, ok := parseSpan(chosen); ok {
		span = asked
	} else {
		chosen = b.Time.From[len("now-"):]
	}
	now := s.now().UTC().Truncate(time.Second)
	r := dashboards.Range{From: now.Add(-span), To: now, Interval: max(time.Minute, span/points)}
	c := &content{Title: b.Title, Spans: spans(), Span: chosen, At: now.Format("2006-01-02 15:04:05"), Here: "/d/" + b.UID}
	if !slices.Contains(c.Spans, chosen) {
		c.Spans = append([]string{chosen}, c.Spans...)
	}
	var err error
	if c.Choices, err = s.choices(ctx, b, form, &r); err != nil {
		return nil, err
	}
	for i := range s.boards {
		other := &s.boards[i]
		to := link{UID: other.UID, Title: other.Title, Here: other == b}
		if form.Get("last") != "" {
			to.Query = "?last=" + url.QueryEscape(chosen)
		}
		c.Boards = append(c.Boards, to)
	}
	c.Panels = make([]shown, len(b.Panels))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range b.Panels {
		group.Go(func() error {
			c.Panels[i] = s.show(ctx, &b.Panels[i], canvas{r: r}, form)

			return ctx.Err()
		})
	}

	return c, group.Wait()
}
