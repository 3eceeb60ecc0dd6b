package gatewaytest

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// gateway is what all fakes have in common.
type gateway struct {
	driver, page string
	hosts        []string              // the vendor's; none = the operator's own choice
	answer       func(*call)           // judges a request and takes its message
	fail         func(c *call, m Mode) // answers Unauthorized, Refused, Busy, Broken and ErrorInside in the vendor's form
	mu           sync.Mutex
	modes        []Mode
	requests     int
	faults       int
	mistakes     []string
	taken        []Message
}

// call is one request and the answer that is made for it.
type call struct {
	g      *gateway
	r      *http.Request
	body   []byte
	status int
	header http.Header
	out    []byte
}

// maxRequest bounds what is read, in bytes: far beyond any message.
const maxRequest = 1 << 20

func (g *gateway) Driver() string { return g.driver }
func (g *gateway) Page() string   { return g.page }

func (g *gateway) Behave(m ...Mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.modes = slices.Clone(m)
}

func (g *gateway) Requests() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.requests
}

func (g *gateway) Faults() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.faults
}

func (g *gateway) Mistakes() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.mistakes)
}

func (g *gateway) Taken() []Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.taken)
}

// meet counts a request and says how it is met.
func (g *gateway) meet() Mode {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests++
	m := Right
	if len(g.modes) > 0 {
		m = g.modes[0]
	}
	if len(g.modes) > 1 {
		g.modes = g.modes[1:]
	}
	if m != Right {
		g.faults++
	}
	return m
}

// ServeHTTP meets a request.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	mode := g.meet()
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	c := &call{g: g, r: r, body: body, header: http.Header{}}
	switch mode {
	case Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case Unauthorized, Refused, Busy, Broken, ErrorInside:
		g.fail(c, mode)
	default:
		g.answer(c)
	}
	switch {
	case mode == Busy:
		c.header.Set("Retry-After", strconv.Itoa(int(RetryAfter/time.Second)))
	case mode == Reset:
		reset(w)
	case mode == Malformed && c.status < 300:
		c.out = append(bytes.Clone(c.out[:len(c.out)/2]), '{')
	case mode == Drip:
		drip(w, c)
		return
	}
	c.send(w)
}

// send writes the answer.
func (c *call) send(w http.ResponseWriter) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	w.Write(c.out)
}

// say answers with JSON.
func (c *call) say(status int, v any) {
	if c.header.Get("Content-Type") == "" {
		c.header.Set("Content-Type", "application/json")
	}
	c.status, c.out = status, toJSON(v)
}

// wrong notes what the real gateway would not like.
func (c *call) wrong(format string, args ...any) {
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	c.g.mistakes = append(c.g.mistakes, fmt.Sprintf(format, args...))
}

// take keeps a message.
func (c *call) take(m Message) { c.takeUnless(m, func(Message) bool { return false }) }

// takeUnless keeps a message that is none of those before, or returns the one it is.
func (c *call) takeUnless(m Message, same func(before Message) bool) Message {
	m.At, m.Header, m.Body = time.Now(), c.r.Header.Clone(), c.body
	c.g.mu.Lock()
	defer c.g.mu.Unlock()
	if i := slices.IndexFunc(c.g.taken, same); i >= 0 {
		return c.g.taken[i]
	}
	c.g.taken = append(c.g.taken, m)
	return m
}

// read decodes a JSON body strictly: no member that the documents do not name, nothing after it.
func (c *call) read(v any) error {
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON")
	}
	return nil
}

func toJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // these are our own structs
	}
	return b
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func uuid() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
