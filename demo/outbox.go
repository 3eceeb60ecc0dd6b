package demo

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/soglia-sso/soglia/gsm7"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/web"
)

// letter is a message as the outbox page and its JSON show it.
type letter struct {
	N       int    `json:"n"`
	Channel string `json:"channel"`
	Kind    string `json:"kind"`
	To      string `json:"to"`
	Lang    string `json:"lang"`
	Subject string `json:"subject,omitempty"`
	Code    string `json:"code,omitempty"`
	Text    string `json:"text"`
	HTML    string `json:"html,omitempty"`
	Sent    string `json:"sent"`            // RFC 3339
	State   string `json:"state,omitempty"` // what the gateway reported: sent, delivered, failed

	// Of a text message: what it takes and what is paid.
	Alphabet string `json:"alphabet,omitempty"` // GSM-7 or UCS-2
	Units    int    `json:"units,omitempty"`    // septets, or UTF-16 units
	Segments int    `json:"segments,omitempty"`
	Price    int    `json:"price_units,omitempty"` // one for each segment, one for a code by WhatsApp
}

// channelTitles are the channels in words.
var channelTitles = map[string]string{"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp"}

// Title is the channel in words.
func (l letter) Title() string { return channelTitles[l.Channel] }

// CopyCode is what stands on the button that Meta puts under a code, in the message's language.
func (l letter) CopyCode() string {
	if l.Lang == "it" {
		return "Copia codice"
	}
	return "Copy code"
}

// Clock is when it was sent, as a phone shows it under a message.
func (l letter) Clock() string {
	at, _ := time.Parse(time.RFC3339, l.Sent)
	return at.Local().Format("15:04")
}

func read(n int, s notify.Sent) letter {
	l := letter{N: n, Channel: s.Channel, Kind: s.Kind, To: s.To, Lang: s.Lang, Subject: s.Subject, Text: s.Text, HTML: s.HTML, Sent: s.At.UTC().Format(time.RFC3339)}
	if s.Kind == "code" {
		l.Code = s.Code
	}
	switch s.Channel {
	case "sms":
		size := gsm7.Measure(s.Text)
		l.Alphabet, l.Units, l.Segments, l.Price = size.Alphabet, size.Units, size.Segments, size.Segments
	case "whatsapp":
		l.Price = 1
	}
	return l
}

// letters are all messages, newest first.
func (d *dev) letters() []letter {
	out := []letter{}
	for i, s := range d.memory.All() {
		l := read(i, s)
		l.State = d.receipts.state(s.ID)
		out = append(out, l)
	}
	slices.Reverse(out)
	return out
}

func (d *dev) showOutbox(w http.ResponseWriter, _ *http.Request) error {
	return d.show(w, "outbox", &devPage{Title: "Outbox", Step: "outbox", Live: true, Messages: d.letters(), Moods: d.receipts.choices()})
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
	news := d.receipts.news()
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
		case <-news:
			news = d.receipts.news()
			fmt.Fprint(w, "data: new\n\n")
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
				fmt.Fprintf(d.out, "  code for %s by %s: %s\n", l.To, l.Title(), l.Code)
			} else {
				fmt.Fprintf(d.out, "  message to %s by %s: %s\n", l.To, l.Title(), cmp.Or(l.Subject, l.Text))
			}
		case <-d.ctx.Done():
			return
		}
	}
}
