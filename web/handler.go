package web

import (
	"cmp"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// handler is where a request comes in: it gives it an id, lets it pass the checks, and sees to its answer and its log line.
type handler struct {
	site  *Site
	mux   *http.ServeMux
	exact map[string]*pattern // patterns that are one path: most requests, without asking the mux twice
}

func (f *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, begin := f.site, time.Now()
	both := new(struct { // which live and die together
		requestInfo
		response
	})
	v, a := &both.requestInfo, &both.response
	v.site, v.route = s, noRoute
	at := f.find(r)
	if at != nil {
		v.route = at.row(r.Method)
	}
	if !v.route.Document {
		r = v.begin(r)
	}
	a.ResponseWriter, a.cookies = w, carriesCookies(v.route.Audience, r.Method)
	s.headers(a.Header(), v.route.Audience, v.id)
	if v.route.CORS {
		s.corsHeaders(a.Header(), r, v.route.Audience)
	}
	if r.ProtoMajor == 1 && (len(r.TransferEncoding) > 0 || r.ProtoMinor == 0) {
		// net/http accepts Transfer-Encoding beside Content-Length and drops the latter unseen, and in HTTP/1.0 the former;
		// so every chunked request, and every old one, is treated as if it had both: no second one follows on the
		// connection (RFC 9112 §6.1, request smuggling).
		a.Header().Set("Connection", "close")
	}

	err := f.admit(a, r, at, v)
	if err == nil {
		err = f.handle(a, r, at, v)
	}
	var e *Error
	begun := a.status != 0
	if err != nil {
		e, r = asError(err), v.begin(r) // whatever failed gets a number and a log line, documents too
		if !begun && r.Context().Err() == nil {
			a.Header()["X-Request-Id"] = []string{v.id}
			s.fail(a, r, e, v.route.Audience)
		}
	}
	if a.status == 0 && e == nil {
		a.WriteHeader(http.StatusOK) // net/http would do it, too, but past our WriteHeader, which corrects the headers
	}
	s.record(r, v, a, e, begin, time.Now())
	if p, ok := err.(*panicked); ok && (begun || p.value == http.ErrAbortHandler) {
		panic(http.ErrAbortHandler) // so that half an answer is not taken for a whole one
	}
}

// noRoute is the route of a path that is in no table. People who mistype get a page.
var noRoute = &Route{Audience: Page}

// find finds the pattern of a path; nil when it is in no table. It asks for the handler instead of letting ServeMux serve, which would
// answer unclean paths with a redirect of its own.
func (f *handler) find(r *http.Request) *pattern {
	if at := f.exact[r.URL.Path]; at != nil {
		return at
	}
	found, _ := f.mux.Handler(r)
	at, _ := found.(*pattern)
	return at
}

// admit runs the checks that stand before every handler, cheapest first.
func (f *handler) admit(w http.ResponseWriter, r *http.Request, at *pattern, v *requestInfo) error {
	s, to := f.site, v.route.Audience
	if err := s.addressed(r, v.route); err != nil {
		return err
	}
	if tooManyHeaders(r.Header) {
		return &Error{Status: http.StatusRequestHeaderFieldsTooLarge, Code: "too_large"}
	}
	if to == Page || to == Entry {
		if err := s.notFlooding(r); err != nil {
			return err
		}
	}
	if at == nil {
		return &Error{Status: http.StatusNotFound, Code: "not_found"}
	}
	if v.route.Handler == nil {
		return at.notAllowed()
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(v.route.Body, maxBody))
	}
	if len(r.Header["Cookie"]) > 0 && !carriesCookies(to, r.Method) {
		r.Header = r.Header.Clone() // the caller's map is not ours to change
		r.Header.Del("Cookie")
	}
	if to == Page && !safe(r.Method) {
		if err := s.ownForm(r); err != nil {
			return err
		}
		_, err := Form(w, r) // even where the handler does not read it: a malformed form has no effect anywhere
		return err
	}
	return nil
}

// The bounds of a request's header, in bytes; net/http refuses what is much longer by itself. Cookies have no bound of their
// number: those that sister sites set for the whole domain come here too, a hundred of them easily, and are not the
// person's fault. Each of ours counts for itself (Cookies).
const (
	maxHeader  = 32 << 10
	maxCookies = 24 << 10
)

func tooManyHeaders(h http.Header) bool {
	size, cookies := 0, 0
	for name, values := range h {
		for _, v := range values {
			size += len(name) + len(v) + 4
			if name == "Cookie" {
				cookies += len(v)
			}
		}
	}
	return size > maxHeader || cookies > maxCookies
}

// handle runs the handler and turns a panic into an error.
func (f *handler) handle(w http.ResponseWriter, r *http.Request, at *pattern, v *requestInfo) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	if v.route.Document {
		return v.route.Handler(w, r)
	}
	if at.static {
		at.ServeHTTP(w, r)
	} else {
		f.mux.ServeHTTP(w, r) // which sets the path's values
	}
	return v.err
}

// panicked is a handler that panicked.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.value, p.stack) }
