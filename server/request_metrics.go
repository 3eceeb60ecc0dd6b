package server

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// requestLabels are the labels of a request's metric, all of them words of ours: there are as many as routes times methods
// times statuses.
type requestLabels struct {
	route, method string
	status        int
}

// requestHistograms keeps the histograms of requests by their labels: to look one up in Prometheus's vector costs more than to
// count in it. They are read without a lock, and copied when a new one comes.
type requestHistograms struct {
	known atomic.Pointer[map[requestLabels]prometheus.Observer]
	mu    sync.Mutex // of those who add
}

func (r *requestHistograms) of(all *prometheus.HistogramVec, which requestLabels) prometheus.Observer {
	if known := r.known.Load(); known != nil {
		if one := (*known)[which]; one != nil {
			return one
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	more := map[requestLabels]prometheus.Observer{}
	if known := r.known.Load(); known != nil {
		maps.Copy(more, *known)
	}
	one := all.WithLabelValues(which.route, which.method, strconv.Itoa(which.status))
	more[which] = one
	r.known.Store(&more)
	return one
}
