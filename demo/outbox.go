package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/web"
)

// letter is a message as the outbox page and its JSON show it.
type letter struct {
	N       int    `json:"n"`
	Channel string `json:"channel"`
	Kind    string `json:"kind"`
	To      string `json:"to"`
	Subject string `json:"subject,omitempty"`
	Code    string `json:"code,omitempty"`
	Text    string `json:"text"`
	HTML    string `json:"html,omitempty"`
	Sent    string `json:"sent"` // RFC 3339
}

// codeLine is the line of a message that holds nothing but the code.
var codeLine = regexp.MustCompile(`(?m)^\s*(\d{6,8})\s*$`)

func read(n int, s notify.Sent) letter {
	l := letter{N: n, Channel: s.Channel, Kind: s.Kind, To: s.To, Subject: s.Subject, Text: s.Text, HTML: s.HTML, Sent: s.At.UTC().Format(time.RFC3339)}
	if m := codeLine.FindStringSubmatch(s.Text); s.Kind == "code" && m != nil {
		l.Code = m[1]
	}
	return l
}

// letters are all messages, newest first.
func (d *dev) letters() []letter {
	out := []letter{}
	for i, s := range d.memory.All() {
		out = append(out, read(i, s))
	}
	slices.Reverse(out)
	return out
}

func (d *dev) showOutbox(w http.ResponseWriter, _ *http.Request) error {
	return d.show(w, "outbox", &devPage{Title: "Outbox", Step: "outbox", Live: true, Messages: d.letters()})
}

func (d *dev) outboxJSON(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d.letters())
}

// showLetter shows the HTML part of a message alone, as a mail program would: no script, no form, nothing remote.
func (d *dev) showLetter(w http.ResponseWriter, r *http.Request) error {
	all := d.memory.All()
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(all) || all[n].HTML == "" {
		return &web.Error{Status: http.StatusNotFound, Code: "not_found", Message: "not_found"}
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(all[n].HTML))
	return err
}

// outboxEvents tells the outbox page that something came (server-sent events). It ends after 25 seconds, before the
// server's write time-out; the browser comes back by itself.
func (d *dev) outboxEvents(w http.ResponseWriter, r *http.Request) error {
	came, stop := d.memory.Subscribe()
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	answer := http.NewResponseController(w)
	fmt.Fprint(w, "retry: 200\n\n")
	end := time.NewTimer(25 * time.Second)
	defer end.Stop()
	for {
		if err := answer.Flush(); err != nil {
			return nil // the page was closed
		}
		select {
		case <-came:
			fmt.Fprint(w, "data: new\n\n")
		case <-end.C:
			return nil
		case <-d.ctx.Done():
			return nil
		case <-r.Context().Done():
			return nil
		}
	}
}

// tell prints each code as it is sent, for people who look at the terminal.
func (d *dev) tell() {
	came, stop := d.memory.Subscribe()
	defer stop()
	for {
		select {
		case s := <-came:
			if l := read(0, s); l.Code != "" {
				fmt.Fprintf(d.out, "  code for %s: %s\n", l.To, l.Code)
			} else {
				fmt.Fprintf(d.out, "  message to %s: %s\n", l.To, l.Subject)
			}
		case <-d.ctx.Done():
			return
		}
	}
}
