package interop

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// verifiers are the lines of docs/events.md, each in a program that answers 200 to what they call genuine and 401 to the rest.
var verifiers = map[string]struct {
	fence, file, before, after string
	run                        func(t *testing.T, file string, port int) *exec.Cmd
}{
	"PHP": {
		"php", "events.php", "<?php\n", "\nhttp_response_code(genuine(file_get_contents('php://input'), getenv('KEY')) ? 200 : 401);",
		func(t *testing.T, file string, port int) *exec.Cmd {
			return exec.Command(php(t), "-d", "display_errors=1", "-S", address(port), file)
		},
	},
	"Node": {
		"js", "events.cjs", "", `
require('node:http').createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part)).on('end', () => response.writeHead(genuine(request.headers, Buffer.concat(parts), process.env.KEY) ? 200 : 401).end())
}).listen(Number(process.argv[2]), '127.0.0.1')`,
		func(t *testing.T, file string, port int) *exec.Cmd {
			modules(t) // Node at all
			return exec.Command("node", file, strconv.Itoa(port))
		},
	},
	"Python": {
		"python", "events.py", "", `
import http.server, os, sys
class Ear(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if genuine(self.headers, body, os.environ["KEY"]) else 401)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ear).serve_forever()`,
		func(t *testing.T, file string, port int) *exec.Cmd {
			return exec.Command(python(t), file, strconv.Itoa(port))
		},
	},
	"Go": {
		"go", "events.go", `package main
import ("crypto/hmac"; "crypto/sha256"; "encoding/base64"; "fmt"; "io"; "net/http"; "os"; "slices"; "strconv"; "strings"; "time")
`, `
func main() {
	http.ListenAndServe("127.0.0.1:"+os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !genuine(r, body, os.Getenv("KEY")) {
			w.WriteHeader(401)
		}
	}))
}`,
		func(t *testing.T, file string, port int) *exec.Cmd {
			program := strings.TrimSuffix(file, ".go")
			if out, err := exec.Command("go", "build", "-o", program, file).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			return exec.Command(program, strconv.Itoa(port))
		},
	},
}

// An event of the running program, with its signature, is genuine for the lines of docs/events.md in every language, and nothing
// else is.
func TestDocsVerifiersOfEvents(t *testing.T) {
	doc, err := os.ReadFile("../docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	rand.Read(key)
	ear := &hooks{came: make(chan event, 10)}
	whsec := "whsec_" + base64.StdEncoding.EncodeToString(key)
	t.Setenv("HOOK_KEY", whsec)
	p := install(t, docsClient, "channels:\n", "channels:\n  webhook: {events: [person.created], url: \"PANEL/hooks\", secret: \"${env:HOOK_KEY}\"}\n")
	p.listen(ear)
	p.person("dora")
	real := <-ear.came
	for name, v := range verifiers {
		t.Run(name, func(t *testing.T) {
			m := regexp.MustCompile("(?s)\n```" + v.fence + "\n(.*?)\n```\n").FindSubmatch(doc)
			if m == nil {
				t.Fatalf("docs/events.md has no lines in %s", name)
			}
			inner := port(t)
			cmd := v.run(t, p.write(v.file, v.before+string(m[1])+v.after), inner)
			cmd.Env = append(cmd.Environ(), "KEY="+whsec)
			serve(t, cmd, address(inner))
			now := time.Now()
			for what, c := range map[string]struct {
				event  event
				status int
			}{
				"as it came":                  {real, 200},
				"signed by the standard":      {signed(key, now, "{}"), 200},
				"four minutes old":            {signed(key, now.Add(-4*time.Minute), "{}"), 200},
				"one of a list":               {signed(key, now, "{}").with("webhook-signature", func(s string) string { return "v1,AAAA v1a,BBBB " + s }), 200},
				"another body":                {event{real.header, append([]byte(" "), real.body...)}, 401},
				"another id":                  {real.with("webhook-id", func(s string) string { return s + "x" }), 401},
				"another time":                {real.with("webhook-timestamp", func(string) string { return strconv.FormatInt(now.Unix()-7, 10) }), 401},
				"another key":                 {signed([]byte("another"), now, "{}"), 401},
				"six minutes old":             {signed(key, now.Add(-6*time.Minute), "{}"), 401},
				"of the future":               {signed(key, now.Add(6*time.Minute), "{}"), 401},
				"no signature":                {signed(key, now, "{}").with("webhook-signature", nil), 401},
				"an empty signature":          {signed(key, now, "{}").with("webhook-signature", func(string) string { return "" }), 401},
				"of another version":          {signed(key, now, "{}").with("webhook-signature", func(s string) string { return "v2" + s[2:] }), 401},
				"no time":                     {signed(key, now, "{}").with("webhook-timestamp", nil), 401},
				"a time that is none":         {signed(key, now, "{}").with("webhook-timestamp", func(string) string { return "now" }), 401},
				"a time with a sign":          {signed(key, now, "{}").with("webhook-timestamp", func(s string) string { return "-" + s }), 401},
				"a signature that is cut off": {real.with("webhook-signature", func(s string) string { return s[:len(s)-1] }), 401},
			} {
				if got := c.event.send(t, inner); got != c.status {
					t.Errorf("%s: %d, want %d", what, got, c.status)
				}
			}
		})
	}
}

// event is one as it comes.
type event struct {
	header http.Header
	body   []byte
}

// signed is one made here, by the text of the standard.
func signed(key []byte, at time.Time, body string) event {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "msg_1.%d.%s", at.Unix(), body)
	return event{http.Header{
		"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)},
		"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
	}, []byte(body)}
}

// with has another value in a header; nil takes it away.
func (e event) with(header string, change func(string) string) event {
	out := event{e.header.Clone(), e.body}
	if change == nil {
		out.header.Del(header)
	} else {
		out.header.Set(header, change(e.header.Get(header)))
	}
	return out
}

func (e event) send(t *testing.T, port int) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://"+address(port)+"/", bytes.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = e.header.Clone()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// hooks takes what the server sends to the panel's address.
type hooks struct{ came chan event }

func (h *hooks) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		h.came <- event{http.Header{
			"Webhook-Id": r.Header["Webhook-Id"], "Webhook-Timestamp": r.Header["Webhook-Timestamp"], "Webhook-Signature": r.Header["Webhook-Signature"],
		}, body}
	}
}
