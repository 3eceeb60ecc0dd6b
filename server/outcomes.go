package server

import (
	"maps"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// outcome is how a request ended, in words of ours: there are as many as routes times methods times statuses.
type outcome struct {
	route, method string
	status        int
}

// outcomes are the histograms of requests by outcome. Looking one up by its labels costs more than counting in it does, so
// they are kept: read without a lock, copied when a new one comes.
type outcomes struct {
	known atomic.Pointer[map[outcome]prometheus.Observer]
	mu    sync.Mutex // of those who add
}

func (o *outcomes) of(all *prometheus.HistogramVec, which outcome) prometheus.Observer {
	if known := o.known.Load(); known != nil {
		if one := (*known)[which]; one != nil {
			return one
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	more := map[outcome]prometheus.Observer{}
	if known := o.known.Load(); known != nil {
		maps.Copy(more, *known)
	}
	one := all.WithLabelValues(which.route, which.method, strconv.Itoa(which.status))
	more[which] = one
	o.known.Store(&more)
	return one
}
