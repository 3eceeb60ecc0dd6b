package notify

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/notify/gatewaytest"
	"github.com/soglia-sso/soglia/outbound"
	"github.com/soglia-sso/soglia/secret"
)

// reporting is the driver of a fake, and the address it was told for receipts.
func reporting(t *testing.T, f gatewaytest.Fake) (reporter, string) {
	t.Helper()
	d, err := kinds[f.Driver()].open(settingsFor(f), Reach{Out: outbound.New(outbound.Options{Transport: f}), Hook: hooks + f.Driver()})
	if err != nil {
		t.Fatal(err)
	}
	at := hooks + f.Driver()
	if f.Driver() == "mobyt" {
		at += "/" + hookSecret
	}
	return d.(reporter), at
}

func call(r gatewaytest.Receipt) Call {
	return Call{URL: r.URL, Header: r.Header, Body: r.Body, At: time.Now()}
}

func TestReceiptsOfEachGatewayAreReadAndFlawedOnesRefused(t *testing.T) {
	fakes := gatewaytest.All()
	posting := gatewaytest.NewMobyt()
	posting.Post = true
	for _, f := range append(fakes, posting) {
		d := code(f)
		if _, err := wired(t, f)[d.Channel].Send(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		m := f.Taken()[0]
		driver, at := reporting(t, f)
		for status, want := range map[gatewaytest.Status]string{
			gatewaytest.Sent: ReceiptSent, gatewaytest.Delivered: ReceiptDelivered, gatewaytest.Read: ReceiptRead, gatewaytest.Failed: ReceiptFailed,
		} {
			if status == gatewaytest.Read && f.Driver() != "meta_cloud" {
				want = ReceiptDelivered
			}
			got, err := driver.receipts(call(f.Report(at, m, status)))
			if err != nil || !slices.Equal(got, []Receipt{{m.ID, want}}) {
				t.Errorf("%s, %s: %v, %v", f.Driver(), status, got, err)
			}
		}
		for _, flaw := range f.Flaws() {
			got, err := driver.receipts(call(f.Report(at, m, gatewaytest.Delivered, flaw)))
			if flaw == gatewaytest.Foreign { // genuine, about a message that is none of ours
				if err != nil || len(got) != 1 || got[0].ID == m.ID {
					t.Errorf("%s, %s: %v, %v", f.Driver(), flaw, got, err)
				}
			} else if err == nil || len(got) != 0 {
				t.Errorf("%s, %s: %v is believed", f.Driver(), flaw, got)
			}
		}
		if f.Driver() == "twilio" { // the address is signed, too
			r := f.Report(at, m, gatewaytest.Delivered)
			r.URL = strings.Replace(r.URL, "sso.", "other.", 1)
			if got, err := driver.receipts(call(r)); err == nil {
				t.Errorf("twilio at another address: %v", got)
			}
		}
	}
}

func TestReceiptsThatComeInHeaps(t *testing.T) {
	f := gatewaytest.NewMetaCloud()
	var all []gatewaytest.Message
	var want []Receipt
	for _, id := range strings.Split("abcdefghij", "") {
		all, want = append(all, gatewaytest.Message{ID: id}), append(want, Receipt{id, ReceiptRead})
	}
	driver, at := reporting(t, f)
	if got, err := driver.receipts(call(f.Batch(at, gatewaytest.Read, all...))); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// Whoever calls with nonsense gets an error or nothing, and no gateway without a secret believes anybody.
func TestNonsenseIsNoReceipt(t *testing.T) {
	for _, f := range gatewaytest.All() {
		driver, at := reporting(t, f)
		for _, body := range []string{"", "{", "null", "[]", "a=%zz", "\x00", "order_id=%00&status=DLVRD", "order_id=%ff&status=DLVRD", strings.Repeat("{\"a\":", 1000)} {
			if got, _ := driver.receipts(Call{URL: at, Header: map[string][]string{}, Body: []byte(body), At: time.Now()}); len(got) != 0 {
				t.Errorf("%s: %q is %v", f.Driver(), body, got)
			}
		}
	}
	for name, c := range map[string]struct {
		without reporter
		fake    gatewaytest.Fake
	}{
		"mobyt":      {&mobyt{mobytSettings: &mobytSettings{}}, gatewaytest.NewMobyt()},
		"vonage":     {&vonage{vonageSettings: &vonageSettings{}}, gatewaytest.NewVonage()},
		"meta_cloud": {&metaCloud{metaCloudSettings: &metaCloudSettings{}}, gatewaytest.NewMetaCloud()},
	} {
		for _, at := range []string{hooks + name, hooks + name + "/", hooks} {
			if got, err := c.without.receipts(call(c.fake.Report(at, gatewaytest.Message{ID: "x"}, gatewaytest.Delivered))); err == nil {
				t.Errorf("%s without a secret believes %v", name, got)
			}
		}
	}
}

// The signatures that vendors published, and the same with one thing changed.
func TestPublishedSignaturesVerify(t *testing.T) {
	count := map[string]int{}
	for i, e := range gatewaytest.Published {
		accepts := func(e gatewaytest.Example) bool {
			c := Call{URL: e.URL, Header: e.Header, Body: e.Body, At: e.At}
			var err error
			switch key := config.Secret(e.Key); e.Driver {
			case "twilio":
				_, err = (&twilio{twilioSettings: &twilioSettings{Token: key}}).receipts(c)
			case "webhook":
				key, bad := secret.WebhookKey(e.Key)
				if bad != nil {
					return false
				}
				return (&webhook{key: key}).genuine(c)
			case "vonage": // it has no hash of a body
				_, right := vonageToken(e.Key, strings.TrimPrefix(e.Header.Get("Authorization"), "Bearer "))
				return right
			case "meta_cloud": // its body is no JSON: what is not forged was read
				_, err = (&metaCloud{metaCloudSettings: &metaCloudSettings{AppSecret: key}}).receipts(c)
				return err == nil || !strings.Contains(err.Error(), ErrForged.Error())
			}
			return err == nil
		}
		if got := accepts(e); got != e.Right {
			t.Errorf("example %d, %s, from %s: accepted %v, want %v", i, e.Driver, e.Source, got, e.Right)
		}
		count[e.Driver]++
		if e.Right && e.Driver != "vonage" {
			other := e
			other.Body = append(bytes.Clone(e.Body), 'x')
			if accepts(other) {
				t.Errorf("example %d, %s: accepted with another body", i, e.Driver)
			}
		}
	}
	for _, f := range gatewaytest.All() {
		t.Logf("%s: %d published signatures", f.Driver(), count[f.Driver()])
	}
}

func TestMetaProvesTheAddressOnce(t *testing.T) {
	f := gatewaytest.NewMetaCloud()
	driver := &metaCloud{metaCloudSettings: settingsFor(f).(*metaCloudSettings)}
	ask := func(mode, token string) url.Values {
		return url.Values{"hub.mode": {mode}, "hub.verify_token": {token}, "hub.challenge": {"1158201444"}}
	}
	if got, right := driver.challenge(ask("subscribe", f.VerifyToken)); !right || got != "1158201444" {
		t.Errorf("%q, %v", got, right)
	}
	for _, q := range []url.Values{ask("subscribe", "x"), ask("subscribe", ""), ask("", f.VerifyToken), ask("unsubscribe", f.VerifyToken), {}} {
		if _, right := driver.challenge(q); right {
			t.Errorf("%v is let in", q)
		}
	}
	if _, right := (&metaCloud{metaCloudSettings: &metaCloudSettings{}}).challenge(ask("subscribe", "")); right {
		t.Error("without a word of ours the empty one is right")
	}
}
