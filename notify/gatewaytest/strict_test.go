package gatewaytest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// wrong is a request that the real gateway refuses, and what it says then.
type wrong struct {
	what   string
	ask    ask
	status int
	says   string
}

func TestMobytIsStrict(t *testing.T) {
	f := NewMobyt()
	a := right(t, f)
	login := ask{"GET", "https://api.skebby.it/API/v1.0/REST/token", http.Header{"Authorization": {basic(f.Username, f.Password)}}, nil}
	hold(t, f, []wrong{
		{"path", to(a, "/sms", "/SMS"), 404, ""},
		{"version", to(a, "/v1.0/", "/v2.0/"), 404, ""},
		{"method", ask{"PUT", a.URL, a.Header, a.Body}, 404, ""},
		{"no user_key", head(a, "user_key", ""), 401, ""},
		{"another user_key", head(a, "user_key", "20418"), 404, ""},
		{"no token", head(a, "Access_token", ""), 401, ""},
		{"another token", head(a, "Access_token", f.AccessToken+"x"), 401, ""},
		{"token as session", head(head(a, "Access_token", ""), "Session_key", f.AccessToken), 401, ""},
		{"form", head(a, "Content-Type", "application/x-www-form-urlencoded"), 400, "Content type"},
		{"no JSON", with(a, "{", ""), 400, "Invalid JSON"},
		{"two values", with(a, "{", "{}{"), 400, "Invalid JSON"},
		{"a member of another's", with(a, `"order_id"`, `"orderId"`), 400, "Invalid JSON"},
		{"no kind", with(a, `"GP"`, `""`), 400, "message_type"},
		{"no text", with(a, quoted(words), `""`), 400, "empty"},
		{"a long text", with(a, quoted(words), `"`+strings.Repeat("x", 1001)+`"`), 400, "too long"},
		{"a text beyond GSM", with(a, "code", "čode"), 400, "characters"},
		{"recipient as text", with(a, `["`+number+`"]`, `"`+number+`"`), 400, "Invalid JSON"},
		{"no recipient", with(a, `["`+number+`"]`, `[]`), 400, "No recipients"},
		{"recipient without prefix", with(a, "+39", ""), 400, "recipient"},
		{"an unregistered sender", with(a, "EXAMPLE", "OTHER"), 400, "sender"},
		{"a sender with a cheap kind", with(a, `"GP"`, `"SI"`), 400, "sender"},
		{"a long order_id", with(a, "7b0cc9a2.1", strings.Repeat("x", 33)), 400, "order_id"},
		{"an order_id with a colon", with(a, "7b0cc9a2.1", "a:b"), 400, "order_id"},
		{"login with another password", head(login, "Authorization", basic(f.Username, "x")), 404, ""},
	})
	passes(t, f, []ask{
		login, to(login, "token", "login?username=shop@example.it&password=panel-password"), to(login, "token", "login"),
		to(a, "api.skebby.it", "smspanel.aruba.it"), with(a, "+39", "0039"), with(a, `,"order_id":"7b0cc9a2.1"`, ""),
		head(head(a, "Access_token", ""), "Session_key", f.SessionKey), with(with(a, `"GP"`, `"SI"`), `"EXAMPLE"`, "null"),
		with(with(a, "code", "čode"), `"sender"`, `"encoding":"ucs2","sender"`),
		{"GET", "https://api.skebby.it/API/v1.0/REST/status", a.Header, nil},
	})
	if _, said := directly(t, f, login); said != f.UserKey+";"+f.AccessToken {
		t.Errorf("the login answers %q", said)
	}
}

func TestTwilioIsStrict(t *testing.T) {
	f := NewTwilio()
	a := right(t, f)
	hold(t, f, []wrong{
		{"path", to(a, "Messages.json", "Messages"), 404, `"code":20404`},
		{"another account's path", to(a, f.Account, "AC00000000000000000000000000000000"), 404, `"code":20404`},
		{"no authorization", head(a, "Authorization", ""), 401, `"code":20003`},
		{"another token", head(a, "Authorization", basic(f.Account, "x")), 401, `"code":20003`},
		{"a bearer token", head(a, "Authorization", "Bearer "+f.Token), 401, `"code":20003`},
		{"JSON", head(a, "Content-Type", "application/json"), 400, `"code":21604`},
		{"no To", with(a, "&To=", "&Too="), 400, `"code":21604`},
		{"To without plus", with(a, "To=%2B39", "To=39"), 400, `"code":21211`},
		{"no From", with(a, "From=EXAMPLE", "From="), 400, `"code":21603`},
		{"a long sender", with(a, "From=EXAMPLE", "From=EXAMPLEEXAMPLE"), 400, `"code":21212`},
		{"a sender that is not ours", with(a, "From=EXAMPLE", "From=OTHER"), 400, `"code":21606`},
		{"no text", with(a, "Body=", "Bodi="), 400, `"code":21602`},
		{"a long text", with(a, "Body=", "Body="+strings.Repeat("x", 1601)), 400, `"code":21617`},
		{"a callback that is no address", with(a, "https%3A%2F%2Fsso.example.it", ""), 400, `"code":21609`},
		{"a callback with an underscore", with(a, "%2Fsso.example", "%2Fs_o.example"), 400, `"code":21609`},
	})
	if n := f.Mistakes(); !strings.Contains(strings.Join(n, "\n"), `member "Bodi"`) {
		t.Errorf("a member nobody knows was not noted: %q", n)
	}
	passes(t, f, []ask{
		a, with(a, "From=EXAMPLE", "From=%2B390000000001"), with(a, "&StatusCallback=", "&ValidityPeriod=600&StatusCallback="),
		with(a, "From=EXAMPLE", "MessagingServiceSid=MG0123456789abcdef0123456789abcdef"), to(a, "api.twilio.com", "api.dublin.ie1.twilio.com"),
		{"GET", "https://api.twilio.com/2010-04-01/Accounts/" + f.Account + ".json", a.Header, nil},
	})
}

func TestVonageIsStrict(t *testing.T) {
	f := NewVonage()
	a := right(t, f)
	now := time.Now().Unix()
	token := func(head, claims string, args ...any) ask {
		return Receipt{a.Method, a.URL, http.Header{
			"Content-Type": a.Header["Content-Type"], "Authorization": {bearer(t, f, head, fmt.Sprintf(claims, args...))},
		}, a.Body}
	}
	const rs256 = `{"alg":"RS256","typ":"JWT"}`
	hold(t, f, []wrong{
		{"path", to(a, "/v1/", "/v0.1/"), 404, "Not Found"},
		{"no authorization", head(a, "Authorization", ""), 401, "correct credentials"},
		{"another secret", head(a, "Authorization", basic(f.Key, "x")), 401, "correct credentials"},
		{"a token of no application", token(rs256, `{"iat":%d,"jti":"1","application_id":"x"}`, now), 401, "correct credentials"},
		{"a token without jti", token(rs256, `{"iat":%d,"application_id":%q}`, now, f.Application), 401, "correct credentials"},
		{"an old token", token(rs256, `{"iat":%d,"jti":"1","application_id":%q}`, now-901, f.Application), 401, "correct credentials"},
		{"an expired token", token(rs256, `{"iat":%d,"exp":%d,"jti":"1","application_id":%q}`, now-9, now-1, f.Application), 401, "correct credentials"},
		{"a token of another algorithm", token(`{"alg":"none"}`, `{"iat":%d,"jti":"1","application_id":%q}`, now, f.Application), 401, "correct credentials"},
		{"form", head(a, "Content-Type", "application/x-www-form-urlencoded"), 422, "invalid-json"},
		{"no JSON", with(a, "{", ""), 422, "invalid-json"},
		{"a member of the SMS API", with(a, `"client_ref"`, `"client-ref"`), 422, "invalid-json"},
		{"channel", with(a, `"sms"`, `"whatsapp"`), 422, "#1400"},
		{"message_type", with(a, `"message_type":"text"`, `"message_type":"file"`), 422, "#1440"},
		{"to with a plus", with(a, `"39`, `"+39`), 422, "#1430"},
		{"a sender that is not ours", with(a, "EXAMPLE", "OTHER"), 422, "#1420"},
		{"no text", with(a, quoted(words), `""`), 422, "#1010"},
		{"a long text", with(a, quoted(words), `"`+strings.Repeat("x", 3201)+`"`), 422, "#1090"},
		{"a long client_ref", with(a, "7b0cc9a2.1", strings.Repeat("x", 101)), 422, "#1450"},
		{"a short ttl", with(a, "600", "19"), 422, "#1130"},
		{"webhook_url", with(a, `"ttl":600`, `"webhook_url":"/receipts"`), 422, "#1020"},
		{"unicode said to be text", with(with(a, "code", "čode"), `"ttl":600`, `"sms":{"encoding_type":"text"}`), 422, "#1020"},
	})
	passes(t, f, []ask{
		a, token(rs256, `{"iat":%d,"exp":%d,"jti":"1","application_id":%q}`, now, now+3600, f.Application),
		with(a, `"ttl":600`, `"webhook_url":"https://sso.example.it/r/vonage"`), to(a, "api.nexmo.com", "api-eu.nexmo.com"),
		{"GET", "https://rest.nexmo.com/account/get-balance", a.Header, nil},
	})
}

func TestMetaCloudIsStrict(t *testing.T) {
	f := NewMetaCloud()
	a := right(t, f)
	const body, button = `{"type":"body","parameters":[{"type":"text","text":"012345"}]}`,
		`{"type":"button","sub_type":"url","index":"0","parameters":[{"type":"text","text":"012345"}]}`
	hold(t, f, []wrong{
		{"no version", to(a, "/v23.0", ""), 400, `"code":2500`},
		{"another number's id", to(a, f.PhoneNumberID, "100000000000009"), 400, `"code":100,`},
		{"method", ask{"GET", a.URL, a.Header, nil}, 400, `"code":100,`},
		{"no token", head(a, "Authorization", ""), 401, `"code":190`},
		{"another token", head(a, "Authorization", "Bearer "+f.Token+"x"), 401, `"code":190`},
		{"form", head(a, "Content-Type", "application/x-www-form-urlencoded"), 400, `"code":100,`},
		{"no JSON", with(a, "{", ""), 400, `"code":100,`},
		{"no messaging_product", with(a, `"messaging_product":"whatsapp",`, ""), 400, `"code":100,`},
		{"a group", with(a, "individual", "group"), 400, `"code":100,`},
		{"no to", with(a, number, ""), 400, `"code":131008`},
		{"a number as people write it", with(a, number, "333 123 4567"), 400, `"code":131009`},
		{"a plain text", with(a, `"type":"template"`, `"type":"text"`), 400, `"code":131047`},
		{"another template", with(a, "otp_it", "otp"), 404, `"code":132001`},
		{"another language", with(a, `"code":"it"`, `"code":"it_IT"`), 404, `"code":132001`},
		{"no body", with(a, body+`,`, ""), 400, `"code":132000`},
		{"no button", with(a, button, "BUTTON"), 400, `"code":100,`},
		{"only a body", ask{a.Method, a.URL, a.Header, []byte(strings.Replace(strings.Join(strings.Fields(string(a.Body)), ""), ","+button, "", 1))}, 400, `"code":132000`},
		{"two parameters", with(a, `{"type":"text","text":"012345"}`, `{"type":"text","text":"012345"},{"type":"text","text":"1"}`), 400, `"code":132000`},
		{"an empty parameter", with(a, `"text":"012345"`, `"text":""`), 400, `"code":132012`},
		{"the button as copy_code", with(a, `"sub_type":"url"`, `"sub_type":"copy_code"`), 400, `"code":132012`},
		{"the second button", with(a, `"index":"0"`, `"index":"1"`), 400, `"code":132012`},
		{"two codes", with(a, "012345", "012346"), 400, `"code":132012`},
		{"a header", with(a, `"type":"body"`, `"type":"header"`), 400, `"code":132012`},
		{"a long code", with(a, "012345", strings.Repeat("1", 16)), 400, `"code":131009`},
	})
	passes(t, f, []ask{
		a, with(a, number, number[1:]), with(a, `"index":"0"`, `"index":0`), to(a, "v23.0", "v24.0"),
		{"GET", strings.TrimSuffix(a.URL, "/messages"), a.Header, nil},
	})
	if m := f.Taken()[0]; m.Text != "012345" || m.Template != "otp_it" || m.Language != "it" || m.To != number {
		t.Errorf("taken: %+v", m)
	}
}

func TestWebhookIsStrict(t *testing.T) {
	f := NewWebhook()
	a, now := right(t, f), time.Now()
	again := func(old, new string) ask { return signed(t, f.Key, "msg_1", now, string(with(a, old, new).Body)) }
	hold(t, f, []wrong{
		{"method", ask{"PUT", a.URL, a.Header, a.Body}, 405, "method"},
		{"form", head(a, "Content-Type", "application/x-www-form-urlencoded"), 415, "content type"},
		{"another key", signed(t, "whsec_"+strings.Repeat("QUJD", 8), "msg_1", now, string(a.Body)), 401, "no signature"},
		{"another body", with(a, "+39", "+38"), 401, "no signature"},
		{"another id", head(a, "webhook-id", "msg_2"), 401, "no signature"},
		{"an id with a dot", signed(t, f.Key, "msg.1", now, string(a.Body)), 401, "webhook-id"},
		{"no id", head(a, "webhook-id", ""), 401, "missing"},
		{"no time", head(a, "webhook-timestamp", ""), 401, "missing"},
		{"no signature", head(a, "webhook-signature", ""), 401, "missing"},
		{"old", signed(t, f.Key, "msg_1", now.Add(-6*time.Minute), string(a.Body)), 401, "old"},
		{"of tomorrow", signed(t, f.Key, "msg_1", now.Add(6*time.Minute), string(a.Body)), 401, "old"},
		{"a time in words", head(a, "webhook-timestamp", "now"), 401, "webhook-timestamp"},
		{"no JSON", again("{", ""), 400, "body"},
		{"no type", again("message.send", ""), 400, "type"},
		{"a type that is none", again("message.send", "message..send"), 400, "type"},
		{"no timestamp", again("2026-01-02T03:04:05Z", "yesterday"), 400, "timestamp"},
		{"no data", again(`"data"`, `"date"`), 400, "data"},
		{"another channel", again(`"sms"`, `"whatsapp"`), 400, "channel"},
		{"a number without plus", again("+39", "39"), 400, "to"},
		{"no text", again(quoted(words), `""`), 400, "no text"},
	})
	passes(t, f, []ask{
		a, head(a, "webhook-signature", "v1a,AAAA "+a.Header.Get("webhook-signature")+" v1,AAAA"),
		signed(t, f.Key, "msg_3", now, `{"type":"factor.removed","timestamp":"2026-01-02T03:04:05Z","data":{"sub":"1"}}`),
	})
	if got := f.Taken(); len(got) != 2 || got[0].Text != words || got[1].Event != "factor.removed" {
		t.Errorf("taken: %+v", got)
	}
	f.Behave(Right)
	directly(t, f, signed(t, f.Key, "msg_7b0cc9a2", now, string(with(a, "123456", "654321").Body)))
	if n := f.Mistakes(); !strings.Contains(n[len(n)-1], "came before") {
		t.Errorf("the same id with another code in it was not noted: %q", n)
	}
}

// hold sends what is wrong: each is refused in the vendor's form, noted, and nothing is taken.
func hold(t *testing.T, f Fake, all []wrong) {
	t.Helper()
	for _, w := range all {
		before := len(f.Mistakes())
		status, text := directly(t, f, w.ask)
		if status != w.status || !strings.Contains(text, w.says) || len(f.Mistakes()) == before {
			t.Errorf("%s: %d %s, want %d with %q; %d mistakes more", w.what, status, text, w.status, w.says, len(f.Mistakes())-before)
		}
	}
	if n := len(f.Taken()); n != 0 {
		t.Errorf("%d of the wrong ones were taken", n)
	}
}

// passes sends what is right.
func passes(t *testing.T, f Fake, all []ask) {
	t.Helper()
	before := len(f.Mistakes())
	for _, a := range all {
		status, text := directly(t, f, a)
		if status >= 300 || len(f.Mistakes()) != before {
			t.Errorf("%s %s %s: %d %s, mistakes %q", a.Method, a.URL, a.Body, status, text, f.Mistakes()[before:])
		}
	}
}
