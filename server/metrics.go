package server

import (
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/soglia-sso/soglia/notify"
)

// metrics are the numbers of one instance. Labels come from small fixed sets or from the configuration; never a person,
// an address or anything a stranger chose.
type metrics struct {
	server   *Server
	registry *prometheus.Registry

	requests   *prometheus.HistogramVec
	byLabels   requestHistograms
	logins     *prometheus.CounterVec
	stepups    *prometheus.CounterVec
	codesTried *prometheus.CounterVec
	federation *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	limited    *prometheus.CounterVec
	delivery   *prometheus.HistogramVec
	reloaded   prometheus.Gauge
	sessions   sessionCount

	mu    sync.Mutex
	past  map[notify.Count]int64 // of workers that a reload replaced
	codes map[notify.Count]int64 // likewise one-time codes, and those that were queued since the start
}

func newMetrics(s *Server) *metrics {
	m := &metrics{server: s, registry: prometheus.NewRegistry(), past: map[notify.Count]int64{}, codes: map[notify.Count]int64{}}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	m.logins = counter("soglia_logins_total", "First steps, by method and how they ended.", "method", "result")
	m.stepups = counter("soglia_stepups_total", "Second steps, by the panel they were for, the level it wanted and how they ended.", "client", "acr", "result")
	m.codesTried = counter("soglia_otp_verify_total", "Tries of second factors, by factor and how they ended.", "channel", "result")
	m.federation = counter("soglia_federation_total", "Returns from social providers, by how they ended.", "provider", "result")
	m.tokens = counter("soglia_tokens_issued_total", "Answers of the token endpoint with tokens.", "grant")
	m.limited = counter("soglia_rate_limited_total", "Limits that are counted in the database: refusals; of codes to telephones and of client_auth, how often one shut.", "rule")
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "soglia_http_request_duration_seconds", Help: "Time to answer, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"route", "method", "code"})
	m.delivery = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "soglia_otp_delivery_seconds", Help: "From a one-time code in the outbox to the gateway's yes, all tries included.",
		Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600},
	}, []string{"channel", "driver"})
	m.reloaded = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "soglia_config_last_reload_success_timestamp_seconds", Help: "When the configuration in force was read.",
	})
	if s.LogWriter != nil {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "soglia_log_dropped_total", Help: "Log lines that were dropped because nobody took them.",
		}, func() float64 { return float64(s.LogWriter.Dropped()) }))
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "soglia_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version(), "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.delivery, m.reloaded, build, gauges{m}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// handler answers /metrics. What cannot be asked (the database is away) is left out; the rest is still told.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(m.server.Log.Handler(), slog.LevelWarn),
	})
}

// request is web.Options.Observe.
func (m *metrics) request(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.byLabels.of(m.requests, requestLabels{route, method, status}).Observe(took.Seconds())
}

// configLoaded notes when a configuration was put in force.
func (m *metrics) configLoaded() { m.reloaded.SetToCurrentTime() }

// keepCounts adds up what a worker counted before a reload replaced it.
func (m *metrics) keepCounts(w *notify.Worker) {
	m.mu.Lock()
	defer m.mu.Unlock()
	add(m.past, w.Counts())
	add(m.codes, w.Codes())
}

// queued counts a code that was given to the outbox; what becomes of it, the worker counts.
func (m *metrics) queued(channel string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.codes[notify.Count{Channel: channel, Result: "queued"}]++
}

// delivered is notify.Worker.Delivered of one wiring.
func (m *metrics) delivered(w *wiring) notify.Delivered {
	return func(channel string, waited time.Duration) {
		m.delivery.WithLabelValues(channel, w.driver(channel)).Observe(waited.Seconds())
	}
}

func add(to, more map[notify.Count]int64) {
	for c, n := range more {
		to[c] += n
	}
}

// gauges are asked for at each scrape.
type gauges struct{ m *metrics }

var (
	messagesDesc = prometheus.NewDesc("soglia_messages_total", "Tries to hand messages over, by channel, driver and how they ended.", []string{"channel", "driver", "result"}, nil)
	codesDesc    = prometheus.NewDesc("soglia_otp_sent_total", "One-time codes, by how far they came: queued in the outbox, sent to the gateway, or why not.", []string{"channel", "driver", "result"}, nil)
	failingDesc  = prometheus.NewDesc("soglia_channel_failing", "1 while the last try on a channel failed, and not because of the recipient; what this instance has seen.", []string{"channel", "driver"}, nil)
	sessionsDesc = prometheus.NewDesc("soglia_sessions_active", "Sessions that sign somebody in, of all instances together.", nil, nil)
	outboxDesc   = prometheus.NewDesc("soglia_outbox_depth", "Messages that wait to be handed over.", nil, nil)
	keyAgeDesc   = prometheus.NewDesc("soglia_signing_key_age_seconds", "How long the key has signed that signs now.", []string{"alg"}, nil)
)

func (g gauges) Describe(out chan<- *prometheus.Desc) {
	out <- messagesDesc
	out <- codesDesc
	out <- failingDesc
	out <- sessionsDesc
	out <- outboxDesc
	out <- keyAgeDesc
}

func (g gauges) Collect(out chan<- prometheus.Metric) {
	s := g.m.server
	w := s.current.Load()
	if w == nil {
		return
	}
	g.messages(w, out)
	troubles := w.worker.Troubles()
	for channel := range w.config.Channels {
		failing := 0.0
		if _, ok := troubles[channel]; ok {
			failing = 1
		}
		out <- prometheus.MustNewConstMetric(failingDesc, prometheus.GaugeValue, failing, channel, w.driver(channel))
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyTime)
	defer cancel()
	if depth, err := s.Store.OutboxDepth(ctx); err != nil {
		out <- prometheus.NewInvalidMetric(outboxDesc, err)
	} else {
		out <- prometheus.MustNewConstMetric(outboxDesc, prometheus.GaugeValue, float64(depth))
	}
	if n, err := g.m.sessions.count(ctx, s.Store); err != nil {
		out <- prometheus.NewInvalidMetric(sessionsDesc, err)
	} else {
		out <- prometheus.MustNewConstMetric(sessionsDesc, prometheus.GaugeValue, float64(n))
	}
	keys, err := s.Store.Keys(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(keyAgeDesc, err)
		return
	}
	now, age := s.Store.Now(), map[string]time.Duration{}
	for _, k := range keys { // oldest first: the youngest that signs wins
		if !k.ActiveFrom.After(now) && (k.RetiredAt.IsZero() || k.RetiredAt.After(now)) {
			age[k.Alg] = now.Sub(k.ActiveFrom)
		}
	}
	for alg, d := range age {
		out <- prometheus.MustNewConstMetric(keyAgeDesc, prometheus.GaugeValue, d.Seconds(), alg)
	}
}

func (g gauges) messages(w *wiring, out chan<- prometheus.Metric) {
	messages, codes := w.worker.Counts(), w.worker.Codes()
	g.m.mu.Lock()
	defer g.m.mu.Unlock()
	for _, each := range []struct {
		desc      *prometheus.Desc
		now, past map[notify.Count]int64
	}{{messagesDesc, messages, g.m.past}, {codesDesc, codes, g.m.codes}} {
		total := map[notify.Count]int64{}
		add(total, each.now)
		add(total, each.past)
		for c, n := range total {
			out <- prometheus.MustNewConstMetric(each.desc, prometheus.CounterValue, float64(n), c.Channel, w.driver(c.Channel), c.Result)
		}
	}
}

// driver is what stands behind a channel: its gateway, or all of them; "" for one that is not configured.
func (w *wiring) driver(channel string) string {
	var names []string
	for _, g := range w.config.Channels[channel] {
		names = append(names, g.Name)
	}
	return strings.Join(names, "+")
}
