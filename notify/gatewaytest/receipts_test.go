package gatewaytest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// account has what a receiver knows of its gateway.
type account struct{ driver, key, url string }

func accountOf(f Fake, address string) account {
	key := ""
	switch f := f.(type) {
	case *Twilio:
		key = f.Token
	case *Vonage:
		key = f.SignatureSecret
	case *MetaCloud:
		key = f.AppSecret
	case *Webhook:
		key = f.Key
	}
	return account{f.Driver(), key, address}
}

// genuine is the fakes' own verification, apart from the drivers' (which come later).
func (a account) genuine(r Receipt, now time.Time) bool {
	switch a.driver {
	case "mobyt":
		return strings.HasPrefix(r.URL, a.url)
	case "twilio":
		form, err := url.ParseQuery(string(r.Body))
		return err == nil && r.Header.Get("X-Twilio-Signature") == twilioSignature(a.key, a.url, form)
	case "vonage":
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !bearer || !rightHS256(a.key, token) {
			return false
		}
		var c claims
		text, err := b64.DecodeString(strings.Split(token, ".")[1])
		if err != nil || json.Unmarshal(text, &c) != nil {
			return false
		}
		return c.PayloadHash == hash(r.Body) && now.Sub(time.Unix(c.IssuedAt, 0)) < 10*time.Minute
	case "meta_cloud":
		return r.Header.Get("X-Hub-Signature-256") == hubSignature(a.key, r.Body)
	case "webhook":
		return rightWebhook(a.key, r.Header, r.Body, now) == nil
	}
	return false
}

// said is which message a receipt names, and the vendor's word for its state.
func said(t *testing.T, driver string, r Receipt) (id, word string) {
	t.Helper()
	var form url.Values
	var v struct {
		UUID   string `json:"message_uuid"`
		Status string `json:"status"`
		Type   string `json:"type"`
		Data   struct{ ID, Status string }
		Entry  []struct {
			Changes []struct {
				Field string
				Value struct{ Statuses []struct{ ID, Status string } }
			}
		}
	}
	switch driver {
	case "mobyt", "twilio":
		text := string(r.Body)
		if r.Method == http.MethodGet {
			_, text, _ = strings.Cut(r.URL, "?")
		}
		form, _ = url.ParseQuery(text)
	default:
		if err := json.Unmarshal(r.Body, &v); err != nil {
			t.Fatalf("%s: %v", r.Body, err)
		}
	}
	switch driver {
	case "mobyt":
		return form.Get("order_id"), form.Get("status")
	case "twilio":
		return form.Get("MessageSid"), form.Get("MessageStatus")
	case "vonage":
		return v.UUID, v.Status
	case "webhook":
		if v.Type != "message.status" {
			t.Errorf("type %q", v.Type)
		}
		return v.Data.ID, v.Data.Status
	}
	one := v.Entry[0].Changes[0].Value.Statuses[0]
	return one.ID, one.Status
}

// receiver stands for our public route.
func receiver(t *testing.T) (address string, got *[]Receipt) {
	got = new([]Receipt)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		*got = append(*got, Receipt{r.Method, "http://" + r.Host + r.URL.String(), r.Header, text})
	}))
	t.Cleanup(s.Close)
	return s.URL + "/receipts/gateway/c2VjcmV0LXNlY3JldA", got
}

func TestReceiptsSayWhatTheGatewaySays(t *testing.T) {
	words := map[string][4]string{
		"mobyt":      {"SENT", "DLVRD", "DLVRD", "ERROR"},
		"twilio":     {"sent", "delivered", "delivered", "undelivered"},
		"vonage":     {"submitted", "delivered", "delivered", "rejected"},
		"meta_cloud": {"sent", "delivered", "read", "failed"},
		"webhook":    {"sent", "delivered", "delivered", "failed"},
	}
	for _, f := range All() {
		address, got := receiver(t)
		directly(t, f, right(t, f))
		m := f.Taken()[0]
		a := accountOf(f, address)
		// out of order, one of them twice: nothing keeps a sender from it
		for i, s := range []Status{Failed, Read, Delivered, Sent, Sent} {
			r := f.Report(address, m, s)
			if status, err := r.Send(context.Background(), http.DefaultClient); err != nil || status != 200 {
				t.Fatal(status, err)
			}
			arrived := (*got)[i]
			if id, word := said(t, f.Driver(), arrived); id != m.ID || word != words[f.Driver()][s] {
				t.Errorf("%s: %v says %q of %q, want %q of %q", f.Driver(), s, word, id, words[f.Driver()][s], m.ID)
			}
			if !a.genuine(arrived, time.Now()) {
				t.Errorf("%s: a right receipt is not: %+v", f.Driver(), arrived)
			}
		}
		if again := f.Report(address, m, Sent); bytes.Equal(again.Body, nil) != (f.Driver() == "mobyt") {
			t.Errorf("%s: body %s", f.Driver(), again.Body)
		}
	}
}

func TestEachFlawIsOne(t *testing.T) {
	const address = "https://sso.example.it/receipts/gateway/c2VjcmV0LXNlY3JldA"
	for _, f := range All() {
		a := accountOf(f, address)
		m := Message{ID: "one-of-ours", To: number, From: "EXAMPLE", Segments: 1}
		for flaw := Forged; flaw <= Foreign; flaw++ {
			if !slices.Contains(f.Flaws(), flaw) {
				continue
			}
			r := f.Report(address, m, Delivered, flaw)
			if genuine := a.genuine(r, time.Now()); genuine != (flaw == Foreign) {
				t.Errorf("%s: a receipt that is %v: genuine %v", f.Driver(), flaw, genuine)
			}
			if id, _ := said(t, f.Driver(), r); (id != m.ID) != (flaw == Foreign) {
				t.Errorf("%s: a receipt that is %v names %q", f.Driver(), flaw, id)
			}
		}
		if old := a.genuine(f.Report(address, m, Delivered), time.Now().Add(time.Hour)); old == slices.Contains(f.Flaws(), Stale) {
			t.Errorf("%s: a replay after an hour: genuine %v, and its flaws are %v", f.Driver(), old, f.Flaws())
		}
	}
}

func TestMobytReportsByPost(t *testing.T) {
	f := NewMobyt()
	f.Post = true
	r := f.Report("https://sso.example.it/r", Message{ID: "x", To: number}, Failed)
	if id, word := said(t, "mobyt", r); r.Method != "POST" || r.URL != "https://sso.example.it/r" || id != "x" || word != "ERROR" {
		t.Errorf("%+v", r)
	}
	f.Post = false
	if r := f.Report("https://sso.example.it/r?key=1", Message{ID: "x"}, Sent); !strings.Contains(r.URL, "?key=1&") {
		t.Errorf("%+v", r)
	}
}

func TestMetaReportsOnManyAtOnce(t *testing.T) {
	f := NewMetaCloud()
	var many []Message
	for range 5 {
		many = append(many, Message{ID: "wamid." + randomHex(4), To: number})
	}
	r := f.Batch("https://sso.example.it/r", Delivered, many...)
	for _, m := range many {
		if !bytes.Contains(r.Body, []byte(m.ID)) {
			t.Errorf("%s is missing in %s", m.ID, r.Body)
		}
	}
	if n := bytes.Count(r.Body, []byte(`"statuses"`)); n != 3 {
		t.Errorf("%d lists of statuses, want 3", n)
	}
	if !accountOf(f, "").genuine(r, time.Now()) {
		t.Error("not signed")
	}
}

// Meta signs the text as it sends it, in ASCII. Who decodes and encodes it again has another text.
func TestMetaSendsASCII(t *testing.T) {
	f := NewMetaCloud()
	r := f.Report("https://sso.example.it/r", Message{ID: "a/b"}, Failed)
	for _, part := range []string{`Cos\u00ec \u00e8.`, `a\/b`} {
		if !bytes.Contains(r.Body, []byte(part)) {
			t.Errorf("no %s in %s", part, r.Body)
		}
	}
	var v any
	if err := json.Unmarshal(r.Body, &v); err != nil {
		t.Fatal(err)
	}
	r.Body = toJSON(v)
	if accountOf(f, "").genuine(r, time.Now()) {
		t.Error("a text that was encoded again has the signature of the first")
	}
	if got := string(escape([]byte("è😀/"))); got != `\u00e8\ud83d\ude00\/` {
		t.Errorf("escaped: %s", got)
	}
}

func TestMetaHandshake(t *testing.T) {
	f := NewMetaCloud()
	answer := func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.Method != http.MethodGet || q.Get("hub.mode") != "subscribe" || q.Get("hub.verify_token") != f.VerifyToken {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		io.WriteString(w, q.Get("hub.challenge"))
	}
	for name, h := range map[string]http.HandlerFunc{
		"": answer,
		"answered by 403": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
		},
		"answered by 200": func(w http.ResponseWriter, r *http.Request) {
			w.Write([]byte("EVENT_RECEIVED"))
		},
		"wrong verify token": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, r.URL.Query().Get("hub.challenge"))
		},
	} {
		s := httptest.NewServer(h)
		err := f.Handshake(context.Background(), http.DefaultClient, s.URL)
		if (err == nil) != (name == "") || err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v", name, err)
		}
		s.Close()
	}
}
