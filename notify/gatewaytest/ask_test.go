package gatewaytest

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// ask is a request to a gateway, written by hand after the vendor's example.
type ask = Receipt

const (
	number = "+393331234567"
	words  = "123456 is your code.\n@sso.example.it #123456"
)

func right(t *testing.T, f Fake) ask {
	t.Helper()
	switch f := f.(type) {
	case *Mobyt:
		h := http.Header{"Content-Type": {"application/json"}}
		h.Set("user_key", f.UserKey)
		h.Set("Access_token", f.AccessToken)
		return ask{"POST", "https://api.skebby.it/API/v1.0/REST/sms", h, []byte(`{"message_type":"GP","message":` + quoted(words) +
			`,"recipient":["` + number + `"],"sender":"EXAMPLE","order_id":"7b0cc9a2.1","returnCredits":true}`)}
	case *Twilio:
		form := url.Values{"To": {number}, "From": {"EXAMPLE"}, "Body": {words}, "StatusCallback": {"https://sso.example.it/r/twilio"}}
		return ask{"POST", "https://api.twilio.com/2010-04-01/Accounts/" + f.Account + "/Messages.json", http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {basic(f.Account, f.Token)},
		}, []byte(form.Encode())}
	case *Vonage:
		return ask{"POST", "https://api.nexmo.com/v1/messages", http.Header{
			"Content-Type": {"application/json"}, "Authorization": {basic(f.Key, f.Secret)},
		}, []byte(`{"message_type":"text","channel":"sms","to":"393331234567","from":"EXAMPLE","text":` + quoted(words) +
			`,"client_ref":"7b0cc9a2.1","ttl":600}`)}
	case *MetaCloud:
		return ask{"POST", "https://graph.facebook.com/v23.0/" + f.PhoneNumberID + "/messages", http.Header{
			"Content-Type": {"application/json"}, "Authorization": {"Bearer " + f.Token},
		}, []byte(`{"messaging_product":"whatsapp","recipient_type":"individual","to":"` + number + `","type":"template",
			"biz_opaque_callback_data":"7b0cc9a2.1","template":{"name":"otp_it","language":{"code":"it"},"components":[
			{"type":"body","parameters":[{"type":"text","text":"012345"}]},
			{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"012345"}]}]}}`)}
	case *Webhook:
		return signed(t, f.Key, "msg_7b0cc9a2", time.Now(), `{"type":"message.send","timestamp":"2026-01-02T03:04:05Z",`+
			`"data":{"channel":"sms","to":"`+number+`","text":`+quoted(words)+`,"later":1}}`)
	}
	t.Fatalf("no right request for %s", f.Driver())
	return ask{}
}

func signed(t *testing.T, key, id string, at time.Time, body string) ask {
	t.Helper()
	signature, err := webhookSignature(key, id, at.Unix(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	h.Set("webhook-signature", signature)
	return ask{"POST", "https://gateway.example.it/hook", h, []byte(body)}
}

// bearer is a token as the application makes it.
func bearer(t *testing.T, v *Vonage, head, claims string) string {
	t.Helper()
	block, _ := pem.Decode([]byte(v.PrivateKey()))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	text := b64.EncodeToString([]byte(head)) + "." + b64.EncodeToString([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text + "." + b64.EncodeToString(signature)
}

// with is the request with one thing changed in its body.
func with(a ask, old, new string) ask {
	if !strings.Contains(string(a.Body), old) {
		panic("the body has no " + old)
	}
	a.Body = []byte(strings.Replace(string(a.Body), old, new, 1))
	return a
}

// head is the request with another header; "" = without it.
func head(a ask, name, value string) ask {
	a.Header = a.Header.Clone()
	if value == "" {
		a.Header.Del(name)
	} else {
		a.Header.Set(name, value)
	}
	return a
}

// to is the request with another address.
func to(a ask, old, new string) ask {
	a.URL = strings.Replace(a.URL, old, new, 1)
	return a
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func quoted(s string) string { return string(toJSON(s)) }

// directly asks the fake without sockets.
func directly(t *testing.T, f Fake, a ask) (int, string) {
	t.Helper()
	status, text, err := a.ask(context.Background(), &http.Client{Transport: f})
	if err != nil {
		t.Fatal(err)
	}
	return status, string(text)
}
