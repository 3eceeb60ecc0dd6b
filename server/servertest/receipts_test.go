package servertest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/secret"
	"github.com/soglia-sso/soglia/server"
	. "github.com/soglia-sso/soglia/server/servertest"
	"github.com/soglia-sso/soglia/storage"
)

const pathSecret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ"

// account is a fake with the number that its gateway serves, and its address for receipts.
type account struct {
	gatewaytest.Fake
	channel, number, at string
}

// atGateways gives every instance an account at every fake, and whatever else is to change.
func atGateways(w *World, instances []*server.Server, more ...func(*config.File)) []account {
	mobyt, twilio, vonage := gatewaytest.NewMobyt(), gatewaytest.NewTwilio(), gatewaytest.NewVonage()
	meta, webhook := gatewaytest.NewMetaCloud(), gatewaytest.NewWebhook()
	for host, f := range map[string]gatewaytest.Fake{
		"sms.example.test": mobyt, "api.twilio.com": twilio, "api.nexmo.com": vonage, "graph.facebook.com": meta, "hook.example.test": webhook,
	} {
		w.Net.Handle(host, f)
	}
	gateway := func(driver, prefix string, keys ...string) config.FileGateway {
		s := notify.Drivers().Kinds[driver].Settings()
		for i := 0; i < len(keys); i += 2 {
			reflect.ValueOf(s).Elem().FieldByName(keys[i]).SetString(keys[i+1])
		}
		return config.FileGateway{Driver: driver, For: []string{prefix}, Settings: s}
	}
	w.Reload(func(f *config.File) {
		f.Channels.SMS = []config.FileGateway{
			gateway("mobyt", "+39", "BaseURL", "https://sms.example.test", "UserKey", mobyt.UserKey, "AccessToken", mobyt.AccessToken,
				"MessageType", "GP", "Sender", "EXAMPLE", "ReceiptSecret", pathSecret),
			gateway("twilio", "+44", "Account", twilio.Account, "Token", twilio.Token, "Sender", "EXAMPLE"),
			gateway("vonage", "+49", "Account", vonage.Key, "Token", vonage.Secret, "Sender", "EXAMPLE", "SignatureSecret", vonage.SignatureSecret),
			gateway("webhook", "*", "BaseURL", "https://hook.example.test/hook", "Token", webhook.Key),
		}
		whatsapp := gateway("meta_cloud", "*", "PhoneNumberID", meta.PhoneNumberID, "Token", meta.Token, "AppSecret", meta.AppSecret, "VerifyToken", meta.VerifyToken)
		reflect.ValueOf(whatsapp.Settings).Elem().FieldByName("Template").Set(reflect.ValueOf(map[string]string{"it": "otp_it", "en": "otp_en"}))
		f.Channels.WhatsApp = &whatsapp
		for _, change := range more {
			change(f)
		}
	}, instances...)
	at := "https://" + SSO + "/hooks/messages/"
	return []account{
		{mobyt, "sms", "+393331234567", at + "mobyt/" + pathSecret}, {twilio, "sms", "+447911123456", at + "twilio"},
		{vonage, "sms", "+4915112345678", at + "vonage"}, {webhook, "sms", "+33612345678", at + "webhook"},
		{meta, "whatsapp", "+393331234567", at + "meta_cloud"},
	}
}

// handOver sends a code through the gateway and returns our id of it and what the gateway took.
func handOver(t *testing.T, w *World, f account) (string, gatewaytest.Message) {
	t.Helper()
	box, err := secret.NewBox(w.Config.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	o, now := notify.Outbox{Box: box}, w.Store.Now()
	if err := w.Store.Tx(t.Context(), func(r storage.Records) error {
		if err := o.Enqueue(t.Context(), idOf{r, &id}, notify.Message{
			Person: secret.NewID(), Channel: f.channel, Kind: "code", To: f.number, Text: "012345", Code: "012345", Lang: "it", Created: now, NotAfter: now.Add(10 * time.Minute),
		}); err != nil {
			return err
		}
		return r.PutCode(t.Context(), &storage.Code{ID: id, Transaction: id, Purpose: "login", Channel: f.channel, MAC: []byte{0}, Created: now, Expires: now.Add(10 * time.Minute)})
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Server.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	taken := f.Taken()
	if len(taken) == 0 {
		t.Fatalf("%s took nothing: %q", f.Driver(), f.Mistakes())
	}
	return id, taken[len(taken)-1]
}

// idOf learns the id of what is put into the outbox.
type idOf struct {
	storage.Outbox
	id *string
}

func (i idOf) Enqueue(ctx context.Context, m *storage.Message) error {
	*i.id = m.ID
	return i.Outbox.Enqueue(ctx, m)
}

func receiptOf(t *testing.T, w *World, id string) string {
	t.Helper()
	c, err := w.Store.AwaitedCode(t.Context(), id, w.Store.Now())
	if err != nil || c.Message.State != "sent" {
		t.Fatalf("%+v, %v", c, err)
	}
	return c.Message.Receipt
}

// A receipt moves the state of its message forward and does nothing else, whoever sends it, when, and how often.
func TestReceiptsFromEachGatewayReachTheirMessageAndFlawedOnesNothing(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		client := &http.Client{Transport: w.Net}
		send := func(f account, r gatewaytest.Receipt, want int) {
			t.Helper()
			if status, err := r.Send(t.Context(), client); err != nil || status != want {
				t.Errorf("%s: %s is answered by %d, %v; want %d", f.Driver(), r.Method, status, err, want)
			}
		}
		for _, f := range atGateways(w, []*server.Server{w.Server}) {
			id, m := handOver(t, w, f)
			if m.Callback != "" && m.Callback != f.at {
				t.Errorf("%s was told %s", f.Driver(), m.Callback)
			}
			for _, flaw := range f.Flaws() {
				want := http.StatusForbidden
				if flaw == gatewaytest.Foreign {
					want = http.StatusOK
				}
				send(f, f.Report(f.at, m, gatewaytest.Delivered, flaw), want)
				if got := receiptOf(t, w, id); got != "" {
					t.Errorf("%s: a receipt that is %s had an effect: %q", f.Driver(), flaw, got)
				}
			}
			early := f.Report(f.at, m, gatewaytest.Sent)
			for _, step := range []struct {
				r    gatewaytest.Receipt
				want string
			}{{early, "sent"}, {early, "sent"}, {f.Report(f.at, m, gatewaytest.Delivered), "delivered"}, {early, "delivered"}, {f.Report(f.at, m, gatewaytest.Failed), "delivered"}} {
				send(f, step.r, http.StatusOK)
				if got := receiptOf(t, w, id); got != step.want {
					t.Errorf("%s: %q, want %q", f.Driver(), got, step.want)
				}
			}
			// a receipt of failure sends nothing again, by nobody
			before := len(f.Taken())
			late, failed := handOver(t, w, f)
			send(f, f.Report(f.at, failed, gatewaytest.Failed), http.StatusOK)
			time.Sleep(time.Minute)
			if err := w.Server.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := receiptOf(t, w, late); got != "failed" || len(f.Taken()) != before+1 {
				t.Errorf("%s: %q, %d messages", f.Driver(), got, len(f.Taken()))
			}
		}
		if logs := w.Logs.String(); strings.Contains(logs, pathSecret) || strings.Contains(logs, "333123") {
			t.Error("a log tells the secret of an address, or a number")
		}
	})
}

func TestTheAddressesForReceiptsTakeNoNonsense(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		all := atGateways(w, []*server.Server{w.Server})
		client := &http.Client{Transport: w.Net}
		meta := all[len(all)-1]
		if err := meta.Fake.(*gatewaytest.MetaCloud).Handshake(t.Context(), client, meta.at); err != nil {
			t.Error(err)
		}
		heap := make([]gatewaytest.Message, 1000)
		for i := range heap {
			heap[i] = gatewaytest.Message{ID: "wamid." + secret.NewID(), To: meta.number}
		}
		if status, err := meta.Fake.(*gatewaytest.MetaCloud).Batch(meta.at, gatewaytest.Delivered, heap...).Send(t.Context(), client); err != nil || status != http.StatusOK {
			t.Errorf("a thousand at once: %d, %v", status, err)
		}
		for _, f := range all {
			want := http.StatusRequestEntityTooLarge // nobody has proved anything yet, and their receipts are short
			if f.Driver() == "meta_cloud" {
				want = http.StatusForbidden
			}
			long := gatewaytest.Receipt{Method: http.MethodPost, URL: f.at, Header: http.Header{}, Body: []byte(strings.Repeat("a=b&", 32<<10))}
			if status, err := long.Send(t.Context(), client); err != nil || status != want {
				t.Errorf("%s: 128 KiB are answered by %d, %v; want %d", f.Driver(), status, err, want)
			}
			for _, body := range []string{"", "{", "null", "\x00", "order_id=" + strings.Repeat("x", 2<<20)} {
				r := gatewaytest.Receipt{Method: http.MethodPost, URL: f.at, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
				status, err := r.Send(t.Context(), client)
				if ok := []int{http.StatusForbidden, http.StatusBadRequest, http.StatusRequestEntityTooLarge}; err != nil || !slices.Contains(ok, status) && f.Driver() != "mobyt" {
					t.Errorf("%s: %.10q is answered by %d, %v", f.Driver(), body, status, err)
				}
			}
			for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodHead} {
				if status, err := (gatewaytest.Receipt{Method: method, URL: f.at, Header: http.Header{}}).Send(t.Context(), client); err != nil || status < 400 {
					t.Errorf("%s: %s is answered by %d, %v", f.Driver(), method, status, err)
				}
			}
		}
		for _, nobody := range []string{"", "sendgrid", "mobyt", "mobyt/", "twilio/x", "outbox"} {
			r := gatewaytest.Receipt{Method: http.MethodPost, URL: "https://" + SSO + "/hooks/messages/" + nobody, Header: http.Header{}}
			if status, err := r.Send(t.Context(), client); err != nil || status != http.StatusNotFound {
				t.Errorf("%q is answered by %d, %v", nobody, status, err)
			}
		}
	})
}

// Whoever calls is known when the whole body was read. Strangers who hold long bodies open fill no memory, and keep no short
// receipt away.
func TestFewLongCallsOfAGatewayAreReadAtOnce(t *testing.T) {
	Run(t, func(t *testing.T, w *World) {
		all := atGateways(w, []*server.Server{w.Server})
		meta := all[len(all)-1]
		id, m := handOver(t, w, meta)
		client := &http.Client{Transport: w.Net}
		long := func(body io.Reader) int {
			r := httptest.NewRequest(http.MethodPost, meta.at, body)
			rec := httptest.NewRecorder()
			w.Server.Handler().ServeHTTP(rec, r)
			if rec.Code == http.StatusServiceUnavailable && rec.Header().Get("Retry-After") == "" {
				t.Error("no word when to come again")
			}
			return rec.Code
		}
		var wg sync.WaitGroup
		var held []*io.PipeWriter
		for range 8 {
			r, in := io.Pipe()
			held = append(held, in)
			wg.Go(func() {
				if got := long(r); got != http.StatusForbidden {
					t.Errorf("a long call is answered by %d", got)
				}
			})
			if _, err := in.Write(make([]byte, 65<<10)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if got := long(bytes.NewReader(make([]byte, 100<<10))); got != http.StatusServiceUnavailable {
			t.Errorf("one more is answered by %d", got)
		}
		if status, err := meta.Report(meta.at, m, gatewaytest.Delivered).Send(t.Context(), client); err != nil || status != http.StatusOK || receiptOf(t, w, id) != "delivered" {
			t.Errorf("a short receipt is answered by %d, %v", status, err)
		}
		for _, in := range held {
			in.Close()
		}
		wg.Wait()
		if got := long(bytes.NewReader(make([]byte, 100<<10))); got != http.StatusForbidden {
			t.Errorf("afterwards it is answered by %d", got)
		}
	})
}
