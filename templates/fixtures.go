package templates

import (
	"bytes"
	"fmt"
	"time"
)

// Fixture is a page with example data. /dev/pages shows them all, and the tests hold each in every language.
type Fixture struct {
	Name string
	Page any
}

// Fixtures are all pages in their states, with Italian example data.
func Fixtures() []Fixture { return fixtures("it") }

// RenderFixture renders one fixture in a language.
func (s *Set) RenderFixture(name, lang string) ([]byte, error) {
	for _, f := range fixtures(lang) {
		if f.Name == name {
			var buf bytes.Buffer
			err := s.render(&buf, f.Page)
			return buf.Bytes(), err
		}
	}
	return nil, fmt.Errorf("templates: no fixture %q", name)
}

// exampleQR stands for what mfa draws.
const exampleQR = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h29v29H0z"/>` +
	`<path d="M4 4h7v7H4zm14 0h7v7h-7zM4 18h7v7H4z"/><path fill="#fff" d="M5 5h5v5H5zm14 0h5v5h-5zM5 19h5v5H5z"/>` +
	`<path d="M6 6h3v3H6zm14 0h3v3h-3zM6 20h3v3H6zm7-16h1v2h2v1h-2v3h1v2h2v-2h1v4h-3v1h5v2h-2v2h4v-3h2v5h-3v2h-2v-3h-4v3h-2v-4h1v-2h-3v-3h2v-3zM4 13h2v2H4zm4 0h3v1H8zm12 0h3v2h-3z"/></svg>`

var exampleCodes = []string{
	"7kqd-m3xa-pz2w-hn4t", "b5fe-wy6r-2lqo-kc3u", "xg4j-va7n-ds5i-2mrp", "o6zt-qh3b-yk2e-7wfa", "nl5c-2uxp-g4vd-s7jm",
	"ri3w-a6ky-tq7h-2bzo", "ce2n-5pfx-lm4u-7gva", "dj7s-w3ro-k6it-y2qb", "hz4x-n5me-2cpl-ufa7", "vg6b-t2kd-oy3r-q5wj",
}

// fixtures are written out rather than generated: this file is also the example of how a page is filled.
func fixtures(lang string) []Fixture {
	say := func(it, en string) string {
		if lang == "en" {
			return en
		}
		return it
	}
	dns := say("DNS e impostazioni tecniche", "DNS and technical settings")
	billing := say("Dati di fatturazione e contatti", "Billing and contact details")
	const request = "/login/q7Fv2mXo"
	on := func(panel string) Page {
		return Page{Lang: lang, Request: request, Panel: panel, Ref: "7F3K-92QD", Home: "https://clienti.example.it/"}
	}
	wrong := func(p Page, field, text string, args map[string]any) Page {
		p.Error = &FormError{Field: field, Text: text, Args: args}
		return p
	}
	outside := Page{Lang: lang, Ref: "7F3K-92QD", Home: "https://clienti.example.it/"}
	social := []ProviderButton{{"google", "Google", "google"}, {"facebook", "Facebook", "facebook"}}
	mail := Way{Value: "w1", Method: "email", Destination: "m•••@e•••.it"}
	whatsapp := Way{Value: "w5", Method: "whatsapp", Destination: "+39 333 ••• ••67", Next: true}
	sms := Way{Value: "w6", Method: "sms", Destination: "+39 333 ••• ••67"}
	first := func(w Way) Way { w.Next = true; return w }
	noon := time.Date(2026, 12, 1, 11, 3, 0, 0, time.UTC)
	way := func(state string) Delivery {
		d := Delivery{State: state, At: noon, Zone: "Europe/Rome", OtherIn: 20, Poll: request + "/delivery/c1", Again: 2}
		if d.Bad() {
			d.OtherFirst, d.OtherIn = true, 0
		}
		return d
	}
	second := Way{Value: "w2", Method: "email", Destination: "r•••@p•••.example"}
	sent := func(p Page) CodePage {
		return CodePage{Page: p, Method: "email", Icon: "mail", Sent: true, Digits: true, Destination: mail.Destination, Minutes: 10, Delivery: Delivery{State: Sent, At: noon, Zone: "Europe/Rome", OtherIn: 20}, Way: "w1", Holds: "session", Reason: "scope_floor", Areas: []string{dns}}
	}
	texted := func(p Page) CodePage {
		return CodePage{Page: p, Method: "sms", Icon: "message", Sent: true, Digits: true, Destination: sms.Destination, Minutes: 10, Way: "w6", Holds: "session", Reason: "scope_floor", Areas: []string{dns}}
	}
	edit := func(p CodePage, change func(*CodePage)) CodePage { change(&p); return p }

	pages := []Fixture{
		{"signin", SignIn{Page: on("Area Clienti"), Password: true, Providers: social}},
		{"signin-plain", SignIn{Page: on("Webmail"), Password: true, Username: "mario.rossi"}},
		{"signin-wrong", SignIn{Page: wrong(on("Area Clienti"), "password", "wrong_credentials", nil), Username: "mario.rossi", Password: true, Providers: social}},
		{"signin-stuck", SignIn{Page: wrong(on("Area Clienti"), "", "social_stuck", map[string]any{"Provider": "Google", "Password": true}), Password: true, Providers: social}},
		{"signin-stale", SignIn{Page: wrong(on("DNS"), "", "social_stale", map[string]any{"Provider": "Google", "Password": true}), Username: "mario.rossi", Password: true, Providers: social, Reason: "prompt_login"}},
		{"signin-wait", SignIn{Page: wrong(on("Area Clienti"), "", "too_many", map[string]any{"Seconds": 95}), Username: "mario.rossi", Password: true, RetryIn: 95}},
		{"signin-again", SignIn{Page: on("DNS"), Username: "mario.rossi", Fixed: true, Password: true, Reason: "prompt_login"}},
		{"signin-max-age", SignIn{Page: on("DNS"), Username: "mario.rossi", Fixed: true, Password: true, Reason: "max_age"}},
		{"signin-providers", SignIn{Page: on("Area Clienti"), Providers: social}},

		{"code-email", edit(sent(on("DNS")), func(p *CodePage) { p.ResendIn, p.Others, p.Enrol = 45, []Way{second}, []string{"totp"} })},
		{"code-areas", edit(sent(on("Area Clienti")), func(p *CodePage) { p.Areas, p.Holds = []string{dns, billing}, "15m0s" })},
		{"code-wrong", edit(sent(wrong(on("DNS"), "otp", "wrong_code", nil)), func(p *CodePage) { p.ResendIn = 12 })},
		{"code-before-app", edit(sent(on("DNS")), func(p *CodePage) { p.Wanted, p.Then = "totp", "enrol" })},
		{"code-elsewhere", edit(sent(on("DNS")), func(p *CodePage) {
			p.Gone, p.Minutes, p.ResendIn, p.Others = "code_gone.elsewhere", 0, 45, []Way{second}
		})},
		{"code-expired", edit(sent(on("DNS")), func(p *CodePage) { p.Gone, p.Minutes = "code_gone.expired", 0 })},
		{"code-capped", edit(sent(on("DNS")), func(p *CodePage) { p.Gone, p.Capped, p.Minutes, p.ResendIn = "resend_limit", true, 0, 2100 })},
		{"code-held", edit(sent(on("DNS")), func(p *CodePage) {
			p.Gone, p.Capped, p.Held, p.Minutes, p.ResendIn, p.Others = "resend_held", true, true, 0, 3480, []Way{second}
		})},
		{"code-capped-waiting", edit(sent(wrong(on("DNS"), "", "resend_limit", map[string]any{"Seconds": 39600, "Others": true})), func(p *CodePage) { p.Capped, p.ResendIn, p.Others = true, 39600, []Way{second} })},
		{"code-tried", edit(sent(on("DNS")), func(p *CodePage) {
			p.Gone, p.Minutes, p.Error = "code_gone.tried", 0, &FormError{Text: "code_gone.tried", Args: map[string]any{"Destination": p.Destination}}
		})},
		{"code-late", edit(sent(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery, p.Others = 12, way(Late), []Way{whatsapp} })},
		{"code-late-alone", edit(sent(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery = 12, way(Late) })},
		{"code-mail-unsent", edit(sent(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery = 12, way(Unsent) })},
		{"code-sms-unsent", edit(texted(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery, p.Others = 12, way(Unsent), []Way{whatsapp} })},
		{"code-mail-sent", edit(sent(on("DNS")), func(p *CodePage) {
			p.ResendIn, p.Delivery, p.Others = 15, Delivery{State: Sent, At: noon, Zone: "Europe/Rome", OtherFirst: true}, []Way{whatsapp, sms}
		})},
		{"code-sms-queued", edit(texted(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery, p.Others = 59, way(Queued), []Way{whatsapp} })},
		{"code-sms-sent", edit(texted(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery, p.Others = 50, way(Sent), []Way{whatsapp} })},
		{"code-sms-delivered", edit(texted(on("DNS")), func(p *CodePage) {
			p.ResendIn, p.Delivery, p.Others = 45, way(Delivered), []Way{whatsapp, {Value: "w4", Method: "recovery"}}
		})},
		{"code-sms-undelivered", edit(texted(on("DNS")), func(p *CodePage) {
			p.ResendIn, p.Delivery, p.Others = 45, way(Undelivered), []Way{whatsapp, {Value: "w4", Method: "recovery"}}
		})},
		{"code-sms-undelivered-alone", edit(texted(on("DNS")), func(p *CodePage) { p.ResendIn, p.Delivery = 45, way(Undelivered) })},
		{"code-whatsapp-waiting", edit(texted(on("DNS")), func(p *CodePage) {
			p.Method, p.ResendIn, p.Delivery, p.Others = "whatsapp", 29, way(Sent), []Way{first(sms)}
			p.Delivery.OtherFirst, p.Delivery.OtherIn = true, 0
		})},
		{"code-whatsapp-undelivered", edit(texted(on("DNS")), func(p *CodePage) {
			p.Method, p.ResendIn, p.Delivery, p.Others = "whatsapp", 48, way(Undelivered), []Way{first(sms), mail}
		})},
		{"code-offer", edit(sent(on("Area Clienti")), func(p *CodePage) { p.Offer, p.Reason = true, "acr_asked" })},
		{"code-first-social", edit(sent(on("Area Clienti")), func(p *CodePage) {
			p.FirstSocial, p.Next, p.Provider, p.Reason, p.Areas, p.Enrol = true, true, "Google", "first_social", nil, []string{"totp"}
		})},
		{"code-totp", CodePage{Page: on("Area Clienti"), Method: "totp", Icon: "phone", Digits: true, Reason: "own_choice", Way: "w3", Others: []Way{{Value: "w4", Method: "recovery"}}}},
		{"code-totp-step-up", CodePage{Page: on("DNS"), Method: "totp", Icon: "phone", Digits: true, Reason: "acr_asked", Areas: []string{dns}, Holds: "session", Way: "w3"}},
		{"code-connect", CodePage{Page: on("Area Clienti"), Method: "totp", Icon: "phone", Digits: true, Reason: "connect", Provider: "Google", Holds: "session", Way: "w3"}},
		{"code-totp-wrong", CodePage{Page: wrong(on("DNS"), "otp", "wrong_code", nil), Method: "totp", Icon: "phone", Digits: true, Reason: "max_age", Way: "w3"}},
		{"code-recovery", CodePage{Page: on("DNS"), Method: "recovery", Icon: "key", Reason: "acr_asked", Way: "w4", Others: []Way{{Value: "w3", Method: "totp"}}}},

		{"consent", Consent{Page: on("Webmail"), Username: "mario.rossi", Scopes: []ConsentScope{{Name: "openid"}, {Name: "profile"}, {Name: "email"}, {Name: "dns", Title: dns}}}},
		{"stopped-declined", Stopped{Page: on("DNS"), Code: "access_denied", Why: "declined", Scopes: []ConsentScope{{Name: "dns", Title: dns}}}},
		{"stopped-consent", Stopped{Page: on("Webmail"), Code: "access_denied", Why: "consent", Scopes: []ConsentScope{{Name: "email"}, {Name: "dns", Title: dns}}}},
		{"stopped-frozen", Stopped{Page: on("DNS"), Code: "unmet_authentication_requirements", Why: "frozen", Scopes: []ConsentScope{{Name: "dns", Title: dns}}}},
		{"stopped-cooling", Stopped{Page: on("DNS"), Code: "unmet_authentication_requirements", Why: "cooling", Scopes: []ConsentScope{{Name: "dns", Title: dns}, {Name: "billing", Title: billing}}}},
		{"stopped-unreachable", Stopped{Page: on("DNS"), Code: "unmet_authentication_requirements", Why: "unreachable", Scopes: []ConsentScope{{Name: "dns", Title: dns}}}},
		{"consent-offline", Consent{Page: on("Area Clienti"), Username: "mario.rossi", Scopes: []ConsentScope{{Name: "openid"}, {Name: "address"}, {Name: "phone"}, {Name: "offline_access"}}}},

		{"contact", AskContact{Page: on("Area Clienti"), Connect: request + "/connect", Provider: "Facebook", Enrol: []string{"totp"}}},
		{"contact-wrong", AskContact{Page: wrong(on("Area Clienti"), "email", "bad_email", nil), Connect: request + "/connect", Provider: "Facebook", Address: "mario.rossi@"}},
		{"contact-reported", AskContact{Page: wrong(on("Area Clienti"), "email", "contact_reported", map[string]any{"Provider": "Google", "App": true}), Connect: request + "/connect", Provider: "Google", Address: "mario@example.it", Enrol: []string{"totp"}}},
		{"contact-code", edit(sent(on("Area Clienti")), func(p *CodePage) {
			p.FirstSocial, p.Next, p.Typed, p.Provider, p.Reason, p.Areas, p.Holds, p.Connect = true, true, true, "Facebook", "first_social", nil, "", request+"/connect"
			p.Destination, p.Others = "mario@example.it", []Way{{Value: "new", Method: "contact"}}
		})},
		{"connect", Connect{Page: on("Area Clienti"), Provider: "Google"}},
		{"connect-closed", Connect{Page: on("Area Clienti"), Provider: "Google", Closed: true}},
		{"connect-wrong", Connect{Page: wrong(on("Area Clienti"), "password", "wrong_credentials", nil), Provider: "Google", Username: "mario.rossi"}},
		{"connect-wait", Connect{Page: wrong(on("Area Clienti"), "", "too_many", map[string]any{"Seconds": 95}), Provider: "Google", Username: "mario.rossi", RetryIn: 95}},

		{"enrol", EnrolStart{Page: on("DNS"), Methods: []string{"totp"}, Reason: "acr_asked", Areas: []string{dns}}},
		{"enrol-skip", EnrolStart{Page: on("Area Clienti"), Methods: []string{"totp"}, Skip: true}},
		{"enrol-choice", EnrolStart{Page: on("DNS"), Methods: []string{"totp", "sms"}, Reason: "acr_asked", Areas: []string{dns}}},
		{"enrol-number", EnrolNumber{Page: on("DNS"), Countries: countries(lang), Country: "IT", Method: "sms", Reason: "acr_asked", Areas: []string{dns}}},
		{"enrol-number-known", EnrolNumber{Page: on("DNS"), Method: "sms", Known: []KnownNumber{{ID: "c1", Shown: "••• ••• 567"}, {ID: "c2", Shown: "••• ••• 890"}}}},
		{"enrol-number-wrong", EnrolNumber{Page: wrong(on("DNS"), "number", "bad_number", nil), Countries: countries(lang), Country: "IT", Method: "whatsapp", Number: "12"}},
		{"enrol-number-which", EnrolNumber{Page: wrong(on("DNS"), "number", "number.which", map[string]any{"Prefix": "+39"}), Countries: countries(lang), Country: "IT", Method: "sms", Number: "+44 7400 123456", Question: []string{"+44 7400 123456"}}},
		{"enrol-number-code", CodePage{Page: on("DNS"), Method: "sms", Icon: "message", Sent: true, Digits: true, Destination: "+39 333 123 4567", Typed: true, Reason: "enrol", Confirms: "factor", Every: true, Minutes: 10, Delivery: way(Sent), ResendIn: 45, Way: "w5", Others: []Way{{Value: "w6", Method: "whatsapp", Destination: "••• ••• 567"}, {Value: "new", Method: "number"}}}},
		{"enrol-totp", EnrolKey{Method: "totp", Page: on("DNS"), Account: "mario.rossi", QR: exampleQR, Key: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", URI: "otpauth://totp/Example%20Hosting:mario.rossi?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example%20Hosting&algorithm=SHA1&digits=6&period=30", Ticket: "t1"}},
		{"enrol-totp-wrong", EnrolKey{Method: "totp", Page: wrong(on("DNS"), "otp", "wrong_code", nil), Account: "mario.rossi", QR: exampleQR, Key: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", Reason: "acr_asked", Areas: []string{dns}, Ticket: "t1"}},

		{"recovery-start", RecoveryStart{Page: on("DNS")}},
		{"recovery-codes", RecoveryCodes{Page: on("DNS"), Codes: exampleCodes, Ticket: "t2"}},
		{"recovery-codes-wrong", RecoveryCodes{Page: wrong(on("DNS"), "otp", "recovery_wrong", nil), Codes: exampleCodes, Ticket: "t2"}},
		{"recovery-codes-again", RecoveryCodes{Page: outside, Codes: exampleCodes, Ticket: "t2", Again: true}},
		{"forgot", Forgot{Page: on("Area Clienti"), Back: request}},
		{"forgot-alone", Forgot{Page: outside}},
		{"forgot-missing", Forgot{Page: wrong(on("Area Clienti"), "username", "username_missing", nil), Back: request}},
		{"forgot-sent", Forgot{Page: on("Area Clienti"), Sent: true, Minutes: 30, Back: request}},
		{"forgot-late", Forgot{Page: on("Area Clienti"), Sent: true, Late: true, Minutes: 30, Back: request}},
		{"set-password", SetPassword{Page: outside, Username: "mario.rossi", Min: 12}},
		{"set-password-refused", SetPassword{Page: wrong(outside, "password", "password.refused.common", nil), Username: "mario.rossi", Min: 12}},
		{"set-password-first", SetPassword{Page: outside, Username: "mario.rossi", Min: 12, First: true}},
		{"password-set", PasswordSet{Page: outside}},
		{"password-set-first", PasswordSet{Page: outside, First: true}},
		{"change-password", ChangePassword{Page: outside, Username: "mario.rossi"}},
		{"change-password-sent", ChangePassword{Page: outside, Sent: true, Minutes: 30}},
		{"revert", Revert{Page: outside, Username: "mario.rossi", Hours: 24}},
		{"revert-done", Revert{Page: outside, Done: "password"}},
		{"revert-done-social", Revert{Page: outside, Done: "social"}},
		{"revert-done-support", Revert{Page: outside, Done: "support"}},
		{"not-me", NotMe{Page: outside, Username: "mario.rossi"}},
		{"not-me-done", NotMe{Page: outside, Done: true, Password: true, Until: noon, Zone: "Europe/Rome", Ways: []Way{{Value: "totp:a", Method: "totp"}, {Value: "recovery:", Method: "recovery"}}}},
		{"not-me-done-contact", NotMe{Page: outside, Done: true, Password: true, Until: noon, Zone: "Europe/Rome", Ways: []Way{{Value: "email:c", Method: "email", Destination: "m•••@rossi.example"}, {Value: "sms:d", Method: "sms", Destination: "+39 ••• •• 21"}}}},
		{"not-me-done-nothing", NotMe{Page: outside, Done: true, Password: true, Until: noon, Zone: "Europe/Rome"}},
		{"not-me-done-elsewhere", NotMe{Page: outside, Done: true, Password: true}},
		{"not-me-done-social", NotMe{Page: outside, Done: true}},

		{"signout", SignOut{Page: Page{Lang: lang, Request: "/end_session/confirm", Self: "/end_session/confirm?id=Zk3", Home: outside.Home}, Confirm: true, Hidden: map[string]string{"id": "Zk3"}}},
		{"signout-failed", SignOut{Page: wrong(Page{Lang: lang, Request: "/end_session/confirm", Ref: outside.Ref, Home: outside.Home}, "", "logout_failed_ask", nil), Confirm: true, Code: "invalid_id_token_hint"}},
		{"signed-out", SignOut{Page: outside}},
		{"signed-out-frames", SignOut{Page: outside, Frames: []string{"https://panel.example.it/logout?iss=https%3A%2F%2Fsso.example.it&sid=k3"}}},
		{"signed-out-onward", SignOut{Page: Page{Lang: lang, Panel: "Webmail"}, Back: "https://webmail.example.it/", Onward: true, Frames: []string{"https://panel.example.it/logout?iss=https%3A%2F%2Fsso.example.it&sid=k3"}}},
		{"signed-out-back", SignOut{Page: Page{Lang: lang, Panel: "Webmail"}, Back: "https://webmail.example.it/"}},

		{"leave", Leave{Page: Page{Lang: lang, Panel: "DNS"}, URL: "https://dns.example.it/cb?code=sog_ac_example&state=s&iss=https%3A%2F%2Fsso.example.it"}},
		{"form-post", FormPost{Page: Page{Lang: lang, Panel: "DNS"}, Action: "https://dns.example.it/cb", Fields: [][2]string{{"code", "sog_ac_example"}, {"state", "s"}, {"iss", "https://sso.example.it"}}}},
		{"help", Help{
			Page: Page{Lang: lang, Request: "/help", Home: "https://clienti.example.it/"}, Areas: []string{"Dati di fatturazione", "DNS e impostazioni tecniche"}, Channels: []string{"email", "whatsapp"},
			Providers: []string{"Google", "Facebook"}, Number: true, Minutes: 10, Reset: 30, Idle: 3600, Absolute: 12 * 3600, Cooling: 24 * 3600,
		}},
		{"help-plain", Help{Page: Page{Lang: lang, Request: "/help"}, Reset: 30, Idle: 3600, Absolute: 12 * 3600}},
		{"support", Support{Page: outside, URL: "https://www.example.it/assistenza", Phone: "+39 0000 000000"}},
		{"support-request", Support{Page: on("DNS"), Phone: "+39 0000 000000"}},
	}
	for _, code := range []struct {
		name   string
		status int
		args   map[string]any
	}{
		{"unknown_client", 400, nil}, {"bad_redirect", 400, nil}, {"bad_request", 400, nil}, {"session_expired", 410, nil}, {"other_browser", 403, nil},
		{"already_finished", 409, nil}, {"not_found", 404, nil}, {"method_not_allowed", 405, nil}, {"too_large", 413, nil}, {"cross_site", 403, nil},
		{"too_many", 429, map[string]any{"Seconds": 30}}, {"unavailable", 503, map[string]any{"Seconds": 3}}, {"internal", 500, nil},
		{"provider_failed", 502, map[string]any{"Provider": "Google"}},
		{"provider_unavailable", 503, map[string]any{"Provider": "Google"}}, {"social_no_link", 403, map[string]any{"Provider": "Google"}}, {"connect_unproved", 403, map[string]any{"Provider": "Google"}},
		{"logout_failed", 400, nil}, {"unreachable", 403, map[string]any{"Panel": "DNS"}},
		{"unmet_authentication_requirements", 403, nil}, {"cooling_helpdesk", 403, nil}, {"cooling", 403, nil}, {"frozen", 403, nil}, {"access_denied", 403, nil}, {"account_disabled", 403, nil},
		{"link_dead", 410, nil}, {"other_link", 409, nil}, {"other_account", 409, nil}, {"no_mailbox", 409, nil},
	} {
		pages = append(pages, Fixture{"failure-" + code.name, Failure{Page: outside, Code: code.name, Text: code.name, Args: code.args, Status: code.status}})
	}
	pages = append(pages, accountFixtures(lang)...)
	retry := on("DNS")
	pages = append(pages, Fixture{"failure-loop", Failure{Page: outside, Code: "loop", Text: "loop", Args: map[string]any{"Panel": "DNS"}, Status: 429, Retry: request}})
	pages = append(pages, Fixture{"failure-retry", Failure{Page: retry, Code: "provider_unavailable", Text: "provider_unavailable", Args: map[string]any{"Provider": "Google"}, Status: 503, Retry: request, Back: request}})
	return pages
}

func countries(lang string) []NumberCountry {
	if lang == "en" {
		return []NumberCountry{{"DE", "+49", "Germany"}, {"IT", "+39", "Italy"}, {"CH", "+41", "Switzerland"}, {"GB", "+44", "United Kingdom"}}
	}
	return []NumberCountry{{"DE", "+49", "Germania"}, {"IT", "+39", "Italia"}, {"GB", "+44", "Regno Unito"}, {"CH", "+41", "Svizzera"}}
}
