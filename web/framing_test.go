package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A request whose length can be read in two ways may be the shell of another (RFC 9112 §6.1, §11.2): it
// is answered, or refused, and the connection is closed before a second request on it is looked at. A plain one leaves
// the connection open, or this would prove nothing.
func TestNoSecondRequestFollowsADoubtfulLength(t *testing.T) {
	h := open(t)
	srv := httptest.NewUnstartedServer(h)
	srv.Config = Server("", h)
	srv.Start()
	defer srv.Close()
	const (
		token  = "POST /token HTTP/1.1\r\nHost: sso.example.it\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		old    = "POST /token HTTP/1.0\r\nHost: sso.example.it\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: keep-alive\r\n"
		page   = "GET /page HTTP/1.1\r\nHost: sso.example.it\r\n"
		chunks = "\r\n3\r\na=b\r\n0\r\n\r\n"
		second = "GET /page HTTP/1.1\r\nHost: sso.example.it\r\nX-Smuggled: 1\r\n\r\n"
	)
	for name, c := range map[string]struct {
		send string
		want int // of the first answer
		more bool
	}{
		"one length":                    {token + "Content-Length: 3\r\n\r\na=b", 200, true},
		"no body":                       {page + "\r\n", 200, true},
		"length, then chunks":           {token + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + chunks, 200, false},
		"chunks, then length":           {token + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" + chunks, 200, false},
		"a length past the chunks":      {token + "Content-Length: 500\r\nTransfer-Encoding: chunked\r\n" + chunks, 200, false},
		"a length of nothing":           {token + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n" + chunks, 200, false},
		"chunks alone":                  {token + "Transfer-Encoding: chunked\r\n" + chunks, 200, false},
		"a page, with both":             {page + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + chunks, 200, false},
		"nobody's page, with both":      {strings.Replace(page, "/page", "/nobody", 1) + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + chunks, 404, false},
		"another host, with both":       {strings.Replace(page, "sso.example.it", "evil.example", 1) + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" + chunks, 421, false},
		"the old protocol, with both":   {old + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\na=b", 200, false},
		"the old protocol, with chunks": {old + "Transfer-Encoding: chunked\r\n" + chunks, 200, false},
		"two lengths":                   {token + "Content-Length: 3\r\nContent-Length: 30\r\n\r\na=b", 400, false},
		"an encoding nobody knows":      {token + "Content-Length: 3\r\nTransfer-Encoding: xchunked\r\n\r\na=b", 501, false},
		"two encodings":                 {token + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" + chunks, 501, false},
		"a space before the colon":      {token + "Transfer-Encoding : chunked\r\nContent-Length: 3\r\n\r\na=b", 400, false},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", srv.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second)) // a broken server must not hang the test
			go io.WriteString(conn, c.send+second)
			from := bufio.NewReader(conn)
			first, err := http.ReadResponse(from, nil)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, first.Body)
			if first.StatusCode != c.want || first.Close == c.more {
				t.Errorf("%d, close %v", first.StatusCode, first.Close)
			}
			if next, err := http.ReadResponse(from, nil); (err == nil) != c.more {
				t.Errorf("then: %v, %v", next, err)
			}
		})
	}
}
