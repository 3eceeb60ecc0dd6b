package gatewaytest

import (
	"net/http"
	"net/url"
	"time"
)

// Example is a signature that a vendor published, as a receipt would carry it.
type Example struct {
	Driver string
	Source string // where it stands
	Note   string // what it does not prove, or how it differs from a receipt
	Key    string
	URL    string // what the vendor calls; "" = the signature does not cover it
	Header http.Header
	Body   []byte
	At     time.Time // the receiver's clock; zero = the signature has no age
	Right  bool      // whether it is to be accepted
}

// The sources.
const (
	twilioDocs  = "https://www.twilio.com/docs/usage/security#validating-requests"
	twilioOlder = "an older state of the same page"
	twilioGo    = "github.com/twilio/twilio-go, client/request_validator_test.go"
	standardGo  = "github.com/standard-webhooks/standard-webhooks, libraries/go/webhook_test.go"
	vonageJava  = "github.com/Vonage/vonage-java-sdk, MessagesClientTest (verifySignature)"
	githubDocs  = "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"
)

const (
	twilioKey   = "12345"
	standardKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vonageKey   = "XsA09z2MhUxYcdbXaUX3aTT7TzGmnCLfkdILf0NIyC9hN9criTEUdlI3OZ5hRjR"
	vonageText  = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJTaW5hIiwibmFtZSI6IkphdmFfU0RLIiwiaWF0IjoxNjk4NjgwMzkyfQ."
)

// Published are all we found. Mobyt signs nothing, and Meta publishes no signature with its key.
var Published = []Example{
	twilioExample(twilioDocs, "https://example.com/myapp.php?foo=1&bar=2", "L/OH5YylLD5NRKLltdqwSvS0BnU=",
		"CallSid", "CA1234567890ABCDE", "Caller", "+14158675310", "Digits", "1234", "From", "+14158675310", "To", "+18005551212"),
	twilioExample(twilioOlder, "https://mycompany.com/myapp.php?foo=1&bar=2", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
		"CallSid", "CA1234567890ABCDE", "Caller", "+12349013030", "Digits", "1234", "From", "+12349013030", "To", "+18005551212"),
	twilioExample(twilioGo, "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
		"CallSid", "CA1234567890ABCDE", "Caller", "+14158675309", "Digits", "1234", "From", "+14158675309", "To", "+18005551212"),
	twilioExample(twilioGo, "https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w=",
		"CallSid", "CA1234567890ABCDE", "Caller", "+14158675309", "Digits", "1234", "From", "+14158675309", "To", "+18005551212"),

	standardExample(true, 0, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
	standardExample(true, 0, "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= "+
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="),
	standardExample(false, 0, "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="),
	standardExample(false, 0, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
	standardExample(false, 0, "v1,"),
	standardExample(false, 0, ""),
	standardExample(false, 5*time.Minute+time.Second, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
	standardExample(false, -5*time.Minute-time.Second, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),

	vonageExample(true, "4qJpi46NSYURiLI1xoLIfGRygA8IUI2QSG9P2Kus1Oo"),
	vonageExample(false, "XsaXHXqxe2kfIbPy-JH2J6hfbHnEv8jdWsOhEuvzU98"),

	{
		Driver: "meta_cloud", Source: githubDocs, Note: "GitHub's, which has the same header and construction",
		Key: "It's a Secret to Everybody", Body: []byte("Hello, World!"), Right: true,
		Header: http.Header{"X-Hub-Signature-256": {"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}},
	},
}

// twilioExample is a form of names and values.
func twilioExample(source, address, signature string, members ...string) Example {
	form := url.Values{}
	for i := 0; i < len(members); i += 2 {
		form.Set(members[i], members[i+1])
	}
	return Example{
		Driver: "twilio", Source: source, Note: "of a call, not of a message", Key: twilioKey, URL: address, Right: true,
		Header: http.Header{"X-Twilio-Signature": {signature}, "Content-Type": {"application/x-www-form-urlencoded"}},
		Body:   []byte(form.Encode()),
	}
}

// standardExample is their one message, looked at late by as much.
func standardExample(right bool, late time.Duration, list string) Example {
	h := http.Header{"Content-Type": {"application/json"}}
	h.Set("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set("webhook-timestamp", "1614265330")
	h.Set("webhook-signature", list)
	return Example{
		Driver: "webhook", Source: standardGo, Key: standardKey, Header: h, Body: []byte(`{"test": 2432232314}`),
		At: time.Unix(1614265330, 0).Add(late), Right: right,
		Note: "the signatures are the library's data; the combinations and times are its tests', made there at run time",
	}
}

func vonageExample(right bool, signature string) Example {
	return Example{
		Driver: "vonage", Source: vonageJava, Key: vonageKey, Right: right,
		Note:   "has no payload_hash and an old iat: it proves how the token is signed, and nothing about the body",
		Header: http.Header{"Authorization": {"Bearer " + vonageText + signature}},
	}
}
