package collect

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/semaphore"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/jetstream"
)

// Config is what a collector goes by.
type Config struct {
	Keys    *Keys
	Types   format.Types  // of the vocabulary; nil: names stay as they are
	Origins []string      // of web pages that may send, such as https://shop.example; * for any
	AtOnce  int           // calls that are stored at the same time; beyond it clients are told to wait
	Timeout time.Duration // how long a call waits for its events to be stored; 0: 5 s

	BodyBytes int64         // what bodies take together while they come and are stored; 0: 64 MiB
	BodyTime  time.Duration // how long a body may take, beside a second for each 16 KiB; 0: 5 s

	Log *slog.Logger
}

// Collector is the handler of the API.
type Collector struct {
	js     natsjs.JetStream
	layout jetstream.Layout
	config Config
	bodies bodies
	slots  chan struct{}
	Counts Counts
}

// New makes a collector that publishes to the input of a layout.
func New(js natsjs.JetStream, layout jetstream.Layout, config Config) *Collector {
	config.Timeout = cmp.Or(config.Timeout, defaultTimeout)

	return &Collector{
		js: js, layout: layout.WithDefaults(), config: config,
		bodies: bodies{semaphore.NewWeighted(cmp.Or(config.BodyBytes, defaultBodyBytes)), cmp.Or(config.BodyTime, defaultBodyTime)},
		slots:  make(chan struct{}, max(1, config.AtOnce)), Counts: newCounts(),
	}
}

// Handler serves the calls, and /healthz.
func (c *Collector) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, call := range append(calls(), "batch") {
		mux.HandleFunc("POST /v1/"+call, func(w http.ResponseWriter, r *http.Request) { c.take(w, r, call) })
		mux.HandleFunc("OPTIONS /v1/"+call, c.preflight)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if c.behind() {
			reply(w, http.StatusServiceUnavailable, "not connected to NATS")

			return
		}
		reply(w, http.StatusOK, "")
	})

	return mux
}

// retryAfter is what clients are told to wait, in seconds.
const retryAfter = 2

// take takes a call: who sends it, what it says, and then it is stored.
func (c *Collector) take(w http.ResponseWriter, r *http.Request, call string) {
	c.allow(w, r)
	key, given := keyOf(r)
	if given && !c.config.Keys.Has(key) { // before anything of it is read
		c.refuseKey(w)

		return
	}
	limit := MaxCallBytes
	if call == "batch" {
		limit = MaxBatchBytes
	}
	body, done, err := c.bodies.read(w, r, limit)
	defer done()
	// From here on the time is that of this side alone.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(2 * c.config.Timeout))
	if err != nil {
		c.refuseBody(w, err)

		return
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		c.later(w, http.StatusTooManyRequests, "busy", "too many calls at once")

		return
	}
	said, err := open(body)
	if !given && (err != nil || !c.config.Keys.Has(said.text(said.WriteKey))) {
		c.refuseKey(w)

		return
	}
	if err != nil {
		c.refuse(w, http.StatusBadRequest, "malformed", err.Error())

		return
	}
	reading := reader{format.NewReader(format.Segment, c.config.Types), time.Now()}
	events, bad, err := reading.read(call, body, said)
	if err != nil {
		c.refuse(w, http.StatusBadRequest, reasonOf(err), err.Error())

		return
	}
	if c.behind() {
		c.later(w, http.StatusTooManyRequests, "stream_away", errBusy.Error())

		return
	}
	if err := c.store(r.Context(), events); err != nil {
		c.config.Log.Warn("events could not be stored; their senders try again", "error", err)
		c.later(w, http.StatusTooManyRequests, "not_stored", errBusy.Error())

		return
	}
	c.Counts.taken(len(events)-bad, bad)
	reply(w, http.StatusOK, "")
}

// refuseBody answers a body that could not be read.
func (c *Collector) refuseBody(w http.ResponseWriter, err error) {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		c.refuse(w, http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the body is too large: %d bytes are the most", large.Limit))
	case errors.Is(err, errEncoding):
		c.refuse(w, http.StatusUnsupportedMediaType, "encoding", err.Error())
	case errors.Is(err, errCrowded):
		c.later(w, http.StatusTooManyRequests, "crowded", err.Error())
	case errors.Is(err, errSlow):
		w.Header().Set("Connection", "close") // what follows is the rest of it
		c.later(w, http.StatusRequestTimeout, "slow", err.Error())
	default:
		c.refuse(w, http.StatusBadRequest, "malformed", "the body can't be read: "+err.Error())
	}
}

func (c *Collector) refuseKey(w http.ResponseWriter) {
	c.refuse(w, http.StatusUnauthorized, "write_key", "the write key is missing or none of those known: send it as the user of basic authentication, or as writeKey")
}

func reasonOf(err error) string {
	var refusal *event.Refusal
	if errors.As(err, &refusal) {
		return refusal.Reason.String()
	}

	return "malformed"
}

// refuse answers what trying again does not mend.
func (c *Collector) refuse(w http.ResponseWriter, status int, reason, text string) {
	c.Counts.refused(reason)
	reply(w, status, text)
}

// later answers what is to be sent again.
func (c *Collector) later(w http.ResponseWriter, status int, reason, text string) {
	c.Counts.refused(reason)
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	reply(w, status, text+"; send it again")
}

func reply(w http.ResponseWriter, status int, problem string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	body, _ := json.Marshal(struct { // a bool and a text always marshal
		Success bool   `json:"success"`
		Message string `json:"message,omitempty"`
	}{status == http.StatusOK, problem})
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}

// keyOf is the write key that the headers give: the user of basic authentication.
func keyOf(r *http.Request) (key string, given bool) {
	encoded, basic := strings.CutPrefix(r.Header.Get("Authorization"), "Basic ")
	if !basic {
		return "", false
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	key, _, _ = strings.Cut(string(text), ":")

	return key, err == nil
}

// allow lets web pages of the origins that may send read the answer.
func (c *Collector) allow(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin == "" || !slices.Contains(c.config.Origins, origin) && !slices.Contains(c.config.Origins, "*") {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)

	return true
}

// preflight answers a browser that asks whether it may send.
func (c *Collector) preflight(w http.ResponseWriter, r *http.Request) {
	if !c.allow(w, r) {
		c.refuse(w, http.StatusForbidden, "origin", "this origin is none of those that may send")

		return
	}
	w.Header().Set("Access-Control-Allow-Methods", "POST")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// Serve serves until ctx ends, and then lets the calls that are being stored end.
func (c *Collector) Serve(ctx context.Context, server *http.Server, serve func() error) error {
	served := make(chan error, 1)
	go func() { served <- serve() }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*c.config.Timeout)
	defer cancel()
	err := server.Shutdown(ending)
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}

	return err
}
