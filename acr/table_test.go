package acr

import (
	"testing"
	"time"
)

// row is one line of the policy: under a policy, a person with this evidence sends this request, and that is the answer.
type row struct {
	n        string // number in design.md §4, or the story
	policy   *Policy
	evidence Evidence
	person   Person
	request  Request
	want     string
}

var table = []row{
	// The 26 rows of the design.
	{"1 nobody", std, Evidence{}, nobody, ask(none), "login_required because no_session"},
	{"1 quarantine", std, quarantine(google(0)), person(unproved("google")), ask(none), "login_required because quarantine"},
	{"2", std, saw(pwd(-1 * m)), p0, ask(), "ok sfa [pwd] t=-1m"},
	{"3", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(acr("sfa mfa phr")), "ok sfa [mfa otp pwd] t=-1m"},
	{"4 asked", std, saw(pwd(-1 * m)), p1, ask(acr("mfa")), "second totp because acr_asked"},
	{"4 answered", std, saw(pwd(-1*m), here(totp(0))), p1, ask(acr("mfa")), "ok mfa [mfa otp pwd] t=0"},
	{"5 silent", std, saw(pwd(-1 * m)), p1, ask(acr("mfa"), none), "interaction_required because acr_asked"},
	{"5 declined", std, saw(pwd(-1 * m)), p1, ask(acr("mfa"), declined), "access_denied because declined"},
	{"6 silent", std, saw(pwd(-1 * m)), p1, ask(acr("mfa sfa"), none), "ok sfa [pwd] t=-1m"},
	{"6 page", std, saw(pwd(-1 * m)), p1, ask(acr("mfa sfa")), "second totp because acr_asked, or less"},
	{"6 answered", std, saw(pwd(-1*m), here(totp(0))), p1, ask(acr("mfa sfa")), "ok mfa [mfa otp pwd] t=0"},
	{"6 declined", std, saw(pwd(-1 * m)), p1, ask(acr("mfa sfa"), declined), "ok sfa [pwd] t=-1m"},
	{"7 unknown", std, saw(pwd(-1 * m)), p1, ask(acr("urn:x")), "ok sfa [pwd] t=-1m"},
	{"7 essential unknown", std, saw(pwd(-1 * m)), p1, ask(essential("urn:x")), "unmet_authentication_requirements because unknown_acr"},
	{"7 essential unknown, before any page", std, Evidence{}, nobody, ask(essential("urn:x")), "unmet_authentication_requirements because unknown_acr"},
	{"7 essential one known", std, saw(pwd(-1 * m)), p1, ask(essential("urn:x mfa")), "second totp because acr_asked"},
	{"8 asked", std, saw(pwd(-1 * m)), bare, ask(acr("mfa")), "unmet_authentication_requirements because unreachable"},
	{"8 essential", std, saw(pwd(-1 * m)), bare, ask(essential("mfa")), "unmet_authentication_requirements because unreachable"},
	{"8 scope", std, saw(pwd(-1 * m)), bare, ask(billing), "unmet_authentication_requirements because unreachable billing"},
	{"8 silent", std, saw(pwd(-1 * m)), bare, ask(acr("mfa"), none), "unmet_authentication_requirements because unreachable"},
	{"9", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(acr(refeds)), "ok " + refeds + " [mfa otp pwd] t=-1m"},
	{"10 asked", std, saw(verified(-1 * m)), person(key), ask(acr("mfa")), "ok mfa [mfa pop user] t=-1m"},
	{"10 told", std, saw(verified(-1 * m)), person(key), ask(knows("mfa")), "ok mfa [mfa pop user] t=-1m"},
	{"10 told nothing", std, saw(verified(-1 * m)), person(key), ask(), "ok phr [mfa pop user] t=-1m"},
	{"11 alternatives", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(acr("phr mfa")), "ok mfa [mfa otp pwd] t=-1m"},
	{"11 essential", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(essential("phr")), "enrol passkey because acr_asked"},
	{"11 essential, the app used long ago", std, saw(pwd(-2*h), totp(-2*h)), p1, ask(essential("phr")), "second totp because acr_asked"},
	{"11 essential, the app used in this request", std, saw(pwd(-2*h), here(totp(-9*m))), p1, ask(essential("phr")), "enrol passkey because acr_asked"},
	{"12", std, saw(pwd(-1 * m)), p1, ask(billing), "second totp because scope_floor billing"},
	{"12 answered", std, saw(pwd(-1*m), here(totp(0))), p1, ask(billing), "ok mfa [mfa otp pwd] t=0 +billing"},
	{"12 silent", std, saw(pwd(-1 * m)), p1, ask(billing, none), "interaction_required because scope_floor billing"},
	{"13 sfa", std, saw(pwd(-1 * m)), p1, ask(openid, dnsDrop), "ok sfa [pwd] t=-1m +openid"},
	{"13 mfa", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(openid, dnsDrop), "ok mfa [mfa otp pwd] t=-1m +openid +dns"},
	{"14", std, saw(pwd(-1 * m)), p1, ask(dnsOffer), "second totp because scope_floor dns, or without"},
	{"14 declined", std, saw(pwd(-1 * m)), p1, ask(openid, dnsOffer, declined), "ok sfa [pwd] t=-1m +openid"},
	{"15", std, saw(pwd(-1 * m)), p1.but(choice), ask(essential("sfa")), "second totp because own_choice"},
	{"15 answered", std, saw(pwd(-1*m), here(totp(0))), p1.but(choice), ask(essential("sfa")), "ok sfa [mfa otp pwd] t=0"},
	{"16", std, saw(pwd(-1 * m)), p1, ask(acr("sfa"), billing), "second totp because scope_floor billing"},
	{"16 answered", std, saw(pwd(-1*m), here(totp(0))), p1, ask(acr("sfa"), billing), "ok mfa [mfa otp pwd] t=0 +billing"},
	{"17", std, saw(pwd(-3*h), totp(-3*h)), p1, ask(login), "first pwd because prompt_login"},
	{"17 answered", std, saw(pwd(-3*h), totp(-3*h), here(pwd(0))), p1, ask(login), "ok sfa [pwd] t=0"},
	{"17 the next request", std, saw(pwd(-3*h), totp(-3*h), pwd(0)), p1, ask(acr("mfa")), "ok mfa [mfa otp pwd] t=-3h"},
	{"18", std, saw(pwd(-3*h), totp(-3*h)), p1, ask(login, acr("mfa")), "first pwd because prompt_login"},
	{"18 then", std, saw(pwd(-3*h), totp(-3*h), here(pwd(-1*m))), p1, ask(login, acr("mfa")), "second totp because acr_asked"},
	{"18 answered", std, saw(pwd(-3*h), totp(-3*h), here(pwd(-1*m)), here(totp(0))), p1, ask(login, acr("mfa")), "ok mfa [mfa otp pwd] t=0"},
	{"19", std, saw(pwd(-1*m), totp(-3*h)), p1, ask(acr("mfa"), maxAge(10*m)), "second totp because max_age"},
	{"20", std, saw(pwd(-3*h), totp(-1*m)), p1, ask(maxAge(10 * m)), "ok mfa [mfa otp pwd] t=-1m"},
	{"21 asks", std, saw(pwd(0)), p0, ask(maxAge(0)), "first pwd because max_age"},
	{"21 once", std, saw(here(pwd(-1 * m))), p0, ask(maxAge(0)), "ok sfa [pwd] t=-1m"},
	{"22", std, saw(pwd(-1*m), totp(-20*m)), p1, ask(payments), "second totp because scope_max_age payments"},
	{"22 silent", std, saw(pwd(-1*m), totp(-20*m)), p1, ask(payments, none), "interaction_required because scope_max_age payments"},
	{"22 answered", std, saw(pwd(-1*m), totp(-20*m), here(totp(-1*m))), p1, ask(payments), "ok mfa [mfa otp pwd] t=-1m +payments until=14m"},
	{"23 code to X", std, saw(google(-1*m, "X"), mail(0, "X")), person(unproved("google"), contact(Email, "X")), ask(), "unmet_authentication_requirements because unreachable"},
	{"23 code to Y, asked", std, quarantine(google(-1*m, "X")), person(unproved("google"), contact(Email, "X"), contact(Email, "Y")), ask(), "second email:Y because first_social"},
	{"23 code to Y", std, saw(google(-1*m, "X"), mail(0, "Y")), person(linked("google"), contact(Email, "Y")), ask(acr("mfa")), "ok mfa [mca mfa otp] t=0 by=email idp=google"},
	{"24 required", std, saw(pwd(-1 * m)), p0.but(resetBy("X", -1*h)), ask(acr("mfa")), "unmet_authentication_requirements because cooling"},
	{"24 cooled", std, saw(pwd(-1 * m)), p0.but(resetBy("X", -24*h)), ask(acr("mfa")), "second email:X because acr_asked"},
	{"24 preferred", preferred, saw(pwd(-1 * m)), p0.but(resetBy("X", -1*h)), ask(acr("mfa")), "second email:X? because acr_asked"},
	{"24 preferred, answered", preferred, saw(pwd(-1*m), here(mail(0, "X"))), p0.but(resetBy("X", -1*h)), ask(acr("mfa")), "ok mfa [mca otp pwd] t=0 by=email"},
	// 25 is a refresh: TestRenew.
	{"26", std, saw(pwd(-1 * m)), p1.but(contact(SMS, "+39")), ask(acr("mfa")), "second totp because acr_asked"},
	{"26 taken all the same", std, saw(pwd(-1*m), mail(0, "X")), p1, ask(acr("mfa")), "second totp because acr_asked"},

	// Q65: an open request by the terms of the moment; what it asked for itself stays.
	{"Q65 thief of a password: the client's floor is raised", std, saw(pwd(-1 * m)), p1, ask(openid).Under(terms(ask(openid, floor("mfa")))), "second totp because client_floor"},
	{"Q65 owner: the client's floor is raised", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(openid).Under(terms(ask(openid, floor("mfa")))), "ok mfa [mfa otp pwd] t=-1m +openid"},
	{"Q65 thief of a password: the scope gets a floor", std, saw(pwd(-1 * m)), p1, ask(scope("billing", "", "", 0)).Under(terms(ask(billing))), "second totp because scope_floor billing"},
	{"Q65 owner: the floor is taken away", std, saw(pwd(-1 * m)), p1, ask(billing).Under(terms(ask(scope("billing", "", "", 0)))), "ok sfa [pwd] t=-1m +billing"},
	{"Q65 thief: the floor is taken away, but it asked by name", std, saw(pwd(-1 * m)), p1, ask(billing, acr("mfa")).Under(terms(ask(scope("billing", "", "", 0)))), "second totp because acr_asked"},
	{"Q65 thief: the scope is taken away", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(openid, billing).Under(terms(ask(openid))), "ok mfa [mfa otp pwd] t=-1m +openid"},
	{"Q65 owner: the client's own wish changes", std, saw(pwd(-1 * m)), p1, ask(wishes("sfa"), defaulted).Under(terms(ask(wishes("mfa")))), "second totp because acr_asked, or less"},
	{"Q65 owner: its own wish stays", std, saw(pwd(-1 * m)), p1, ask(wishes("sfa")).Under(terms(ask(wishes("mfa")))), "ok sfa [pwd] t=-1m"},
	{"Q65 thief: what the request itself came to need stays", std, saw(pwd(-1 * m)), p1, ask(openid, raised("mfa")).Under(terms(ask(openid))), "second totp because client_floor"},
	{"Q65 owner: … and is met; it binds the proof, not the name", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(openid, acr("sfa"), raised("mfa")).Under(terms(ask(openid))), "ok sfa [mfa otp pwd] t=-1m +openid"},

	// Nobody, or nothing left of the sign-in.
	{"no session", std, Evidence{}, nobody, ask(acr("mfa")), "first because no_session"},
	{"no session, only wishes and offers", std, Evidence{}, nobody, ask(wishes("phr"), dnsOffer), "first because no_session"},
	{"sign-in cancelled", std, Evidence{}, nobody, ask(declined), "access_denied because declined"},
	{"a person without a session row", std, Evidence{Events: []Event{pwd(0)}}, p0, ask(), "first because no_session"},
	{"a session without a person", std, saw(pwd(0)), nobody, ask(), "first because no_session"},
	{"the login was unlinked", std, saw(google(-1 * h)), person(password), ask(), "first because no_session"},
	{"a second step alone is no sign-in", std, saw(totp(0)), p1, ask(), "first because no_session"},
	{"the lowest level lapsed", policy(lasting(0, h)), saw(pwd(-2 * h)), p0, ask(), "first because no_session"},
	{"the lowest level lapsed, silent", policy(lasting(0, h)), saw(pwd(-2 * h)), p0, ask(none), "login_required because no_session"},
	{"the lowest level lapsed, google again", policy(lasting(0, h)), saw(google(-2*h), google(-1*m)), person(linked("google")), ask(), "ok sfa [] t=-1m until=59m idp=google"},
	{"the login was unlinked, another one linked", std, saw(at(-1*h, Event{Method: Social, Credential: "google/0", Provider: "google"}), google(-1*m)), person(linked("google")), ask(), "ok sfa [] t=-1m idp=google"},
	{"the lowest level lapses", policy(lasting(0, h)), saw(pwd(-10 * m)), p0, ask(), "ok sfa [pwd] t=-10m until=50m"},

	// id_token_hint.
	{"hint: the same person", std, saw(pwd(-1 * m)), p0, ask(sub("anna")), "ok sfa [pwd] t=-1m"},
	{"hint: another person", std, saw(pwd(-1 * m)), p0, ask(sub("bruno")), "login_required because other_person"},
	{"hint: nobody yet", std, Evidence{}, nobody, ask(sub("bruno")), "first because no_session"},
	{"hint: quarantine of another", std, quarantine(google(0)), person(unproved("google"), contact(Email, "Y")), ask(sub("bruno")), "login_required because other_person"},

	// Levels and what reaches them.
	{"alias as a client floor", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(floor(refeds)), "ok " + refeds + " [mfa otp pwd] t=-1m"},
	{"sms code", std, saw(pwd(-2*m), sms(-1*m, "+39")), person(password, contact(SMS, "+39")), ask(acr("mfa")), "ok mfa [mca mfa pwd sms] t=-1m by=sms"},
	{"whatsapp code", std, saw(pwd(-2*m), whatsapp(-1*m, "+39")), person(password, contact(SMS, "+39")), ask(acr("mfa")), "ok mfa [mca mfa otp pwd] t=-1m by=whatsapp"},
	{"two channels", std, saw(pwd(-3*m), sms(-2*m, "+39"), mail(-1*m, "X")), p0.but(contact(SMS, "+39")), ask(acr("mfa")), "ok mfa [mca mfa otp pwd sms] t=-1m by=email,sms"},
	{"reserve code", std, saw(pwd(-2*m), code(-1*m)), p1, ask(acr("mfa")), "ok mfa [mfa otp pwd] t=-1m"},
	{"passkey touched only", std, saw(passkey(-1 * m)), person(key), ask(), "ok sfa [pop user] t=-1m"},
	{"passkey touched, mfa asked", std, saw(passkey(-1 * m)), person(key), ask(acr("mfa")), "second passkey because acr_asked"},
	{"passkey touched after a password", std, saw(pwd(-2*m), passkey(-1*m)), person(password, key), ask(), "ok mfa [mfa pop pwd user] t=-1m"},
	{"passkey touched is not phr", std, saw(pwd(-2*m), passkey(-1*m)), person(password, key), ask(acr("phr")), "second passkey because acr_asked"},
	{"passkey touched and app", std, saw(passkey(-2*m), totp(-1*m)), person(key, app), ask(), "ok mfa [mfa otp pop user] t=-1m"},
	{"two touches are one factor", std, saw(passkey(-2*m), passkey(-1*m)), person(key), ask(), "ok sfa [pop user] t=-1m"},
	{"hardware passkey", std, saw(attested(-1 * m)), person(hwKey), ask(), "ok phrh [hwk mfa pop user] t=-1m"},
	{"phrh with a plain passkey", std, saw(verified(-1 * m)), person(key), ask(acr("phrh")), "unmet_authentication_requirements because unreachable"},
	{"phrh with a hardware passkey", std, saw(pwd(-1 * m)), person(password, hwKey), ask(acr("phrh")), "second passkey because acr_asked"},
	{"phr from a password", std, saw(pwd(-1 * m)), person(password, app, key), ask(acr("phr")), "second passkey because acr_asked"},
	{"mfa from a password: every factor", std, saw(pwd(-1 * m)), person(password, app, key, phone, reserve), ask(acr("mfa")), "second totp passkey sms:+39 whatsapp:+39 recovery because acr_asked"},
	{"YAML takes the mailbox out of mfa", policy(second(TOTP, SMS)), saw(pwd(-1*m), mail(0, "X")), p0, ask(), "ok sfa [pwd] t=-1m"},
	{"unknown floor in an old request", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(floor("gone")), "unmet_authentication_requirements because unreachable"},
	{"unknown floor of a dropped scope", std, saw(pwd(-1 * m)), p1, ask(openid, scope("old", "gone", Drop, 0)), "ok sfa [pwd] t=-1m +openid"},
	{"unknown floor of an offered scope", std, saw(pwd(-1 * m)), p1, ask(openid, scope("old", "gone", Offer, 0)), "ok sfa [pwd] t=-1m +openid"},

	// A level that lapses.
	{"lasts: still", mfaHour, saw(pwd(-2*h), totp(-10*m)), p1, ask(acr("mfa")), "ok mfa [mfa otp pwd] t=-10m until=50m"},
	{"lasts: lapsed, the session stays", mfaHour, saw(pwd(-3*h), totp(-2*h)), p1, ask(), "ok sfa [pwd] t=-2h"},
	{"lasts: lapsed and asked", mfaHour, saw(pwd(-3*h), totp(-1*h)), p1, ask(acr("mfa")), "second totp because acr_asked"},
	{"lasts: a retyped password does not renew", mfaHour, saw(pwd(-3*h), totp(-2*h), pwd(0)), p1, ask(acr("mfa")), "second totp because acr_asked"},
	{"lasts: the scope binds the token, not the name", mfaHour, saw(pwd(-2*h), totp(-10*m)), p1, ask(essential("sfa"), billing), "ok sfa [mfa otp pwd] t=-10m +billing until=50m"},
	{"lasts: a lower level shorter than a higher", policy(lasting(1, h)), saw(verified(-2 * h)), person(key), ask(acr("phr")), "second passkey because acr_asked"},

	// Own factors against contact codes.
	{"contact codes: by channel order, on file too", std, saw(pwd(-1 * m)), person(password, onFile(SMS, "+39"), contact(Email, "X")), ask(acr("mfa")), "second email:X whatsapp:+39 sms:+39 because acr_asked"},
	{"contact codes always: after the factor", policy(codes(Always)), saw(pwd(-1 * m)), p1.but(reserve), ask(acr("mfa")), "second totp recovery email:X because acr_asked"},
	{"contact codes always: counts", policy(codes(Always)), saw(pwd(-1*m), mail(0, "X")), p1, ask(acr("mfa")), "ok mfa [mca mfa otp pwd] t=0 by=email"},
	{"contact codes never: a code only opens the enrolment", policy(codes(Never)), saw(pwd(-1 * m)), p0, ask(acr("mfa")), "second email:X because acr_asked"},
	{"contact codes never: then enrol", policy(codes(Never)), saw(pwd(-1*m), here(mail(0, "X"))), p0, ask(acr("mfa")), "enrol totp passkey because acr_asked"},
	{"contact codes never: the code is no mfa", policy(codes(Never)), saw(pwd(-1*m), mail(0, "X")), p0, ask(), "ok sfa [pwd] t=-1m"},
	{"sms factor: the same number by another channel", std, saw(pwd(-1 * m)), person(password, phone, contact(Email, "X")), ask(acr("mfa")), "second sms:+39 whatsapp:+39 because acr_asked"},
	{"sms factor: answered by whatsapp", std, saw(pwd(-1*m), own(whatsapp(0, "+39"))), person(password, phone), ask(acr("mfa")), "ok mfa [mca mfa otp pwd] t=0 by=whatsapp"},
	{"sms factor: an event of its old number", std, saw(pwd(-1*m), own(sms(0, "+40"))), person(password, phone), ask(), "ok sfa [pwd] t=-1m"},
	{"sms factor: the channel is switched off", policy(func(p *Policy) { p.Channels = []Method{Email} }), saw(pwd(-1 * m)), person(password, phone, contact(Email, "X")), ask(acr("mfa")), "unmet_authentication_requirements because unreachable"},
	{"factor removed: its events are nothing", std, saw(pwd(-2*m), totp(-1*m)), p0, ask(), "ok sfa [pwd] t=-2m"},
	{"factor disabled: its events are nothing", std, saw(pwd(-2*m), totp(-1*m)), p0.but(offApp), ask(), "ok sfa [pwd] t=-2m"},
	{"factor disabled: the mailbox does not take its place", std, saw(pwd(-1 * m)), p0.but(offApp), ask(acr("mfa")), "unmet_authentication_requirements because unreachable"},
	{"factor disabled: a reserve code does", std, saw(pwd(-1 * m)), p0.but(offApp, reserve), ask(acr("mfa")), "second recovery because acr_asked"},
	{"all factors removed: the reserve code too", std, saw(pwd(-2*m), code(-1*m)), p0, ask(), "ok sfa [pwd] t=-2m"},
	{"contact removed: its code is nothing", std, saw(pwd(-2*m), mail(-1*m, "X")), person(password, contact(Email, "Y")), ask(), "ok sfa [pwd] t=-2m"},
	{"factor switched on meanwhile: the old code is nothing", std, saw(pwd(-2*m), mail(-1*m, "X")), p1, ask(billing), "second totp because scope_floor billing"},

	// Fresh contacts, weak factors.
	{"fresh contact: rests", std, saw(pwd(-1 * m)), person(password, freshContact("Z", h)), ask(billing), "unmet_authentication_requirements because cooling billing"},
	{"fresh contact: another one serves", std, saw(pwd(-1 * m)), p0.but(freshContact("Z", h)), ask(billing), "second email:X because scope_floor billing"},
	{"fresh contact: under preferred too", preferred, saw(pwd(-1 * m)), person(password, freshContact("Z", h)), ask(billing), "unmet_authentication_requirements because cooling billing"},
	{"fresh contact: rested", std, saw(pwd(-1 * m)), person(password, freshContact("Z", 0)), ask(billing), "second email:Z because scope_floor billing"},
	{"fresh contact: a code taken while it rested", std, saw(pwd(-3*h), mail(-2*h, "Z")), person(password, freshContact("Z", -1*h)), ask(billing), "second email:Z because scope_floor billing"},
	{"weak factor: rests", std, saw(pwd(-2*m), totp(-1*m)), p0.but(weakApp), ask(billing), "unmet_authentication_requirements because cooling billing"},
	{"weak factor: nor its reserve codes", std, saw(pwd(-1 * m)), p0.but(weakApp, reserve), ask(billing), "unmet_authentication_requirements because cooling billing"},
	{"weak factor: nor by its reserve code all the same", std, saw(pwd(-2*m), code(-1*m)), p0.but(weakApp, reserve), ask(), "ok sfa [pwd] t=-2m"},
	{"weak factor: a strong one serves", std, saw(pwd(-1 * m)), p1.but(weakCall), ask(billing), "second totp because scope_floor billing"},
	{"weak factor: rested", std, saw(pwd(-2*m), totp(-1*m)), p0.but(ripeApp), ask(billing), "ok mfa [mfa otp pwd] t=-1m +billing"},
	{"weak factor: used while it rested", std, saw(pwd(-9*m), totp(-8*m)), p0.but(ripeApp), ask(billing), "second totp because scope_floor billing"},
	{"weak factor under preferred: counts, claims nothing", preferred, saw(pwd(-2*m), totp(-1*m)), p0.but(weakApp), ask(billing), "ok mfa [otp pwd] t=-1m +billing"},
	{"weak passkey: signs in, proves no more", std, saw(verified(-1 * m)), person(has(Factor{ID: "key", Method: Passkey, WeakUntil: now.Add(h)})), ask(), "ok sfa [pop user] t=-1m"},

	// Independence.
	{"google(X): X not offered", std, saw(google(-1*m, "X")), person(linked("google"), contact(Email, "X")), ask(acr("mfa")), "unmet_authentication_requirements because unreachable"},
	{"google(X): preferred, X last", preferred, saw(google(-1*m, "X")), person(linked("google"), contact(Email, "X"), contact(Email, "Y")), ask(acr("mfa")), "second email:Y email:X? because acr_asked"},
	{"google(X): preferred, X counts without mfa", preferred, saw(google(-2*m, "X"), mail(-1*m, "X")), person(linked("google"), contact(Email, "X")), ask(acr("mfa")), "ok mfa [mca otp] t=-1m by=email idp=google"},
	{"google(X, unverified Y): neither", std, saw(google(-1*m, "X", "Y")), person(linked("google"), contact(Email, "X"), contact(Email, "Y")), ask(acr("mfa")), "unmet_authentication_requirements because unreachable"},
	{"google(X) and the password: X is independent of that", std, saw(google(-3*m, "X"), pwd(-2*m), mail(-1*m, "X")), p0.but(linked("google")), ask(acr("mfa")), "ok mfa [mca mfa otp pwd] t=-1m by=email idp=google"},
	{"password reset by X: in every session, google's too", std, saw(google(-1 * m)), person(linked("google"), contact(Email, "X"), resetBy("X", -1*h)), ask(acr("mfa")), "unmet_authentication_requirements because cooling"},
	{"password reset by X: a code taken meanwhile never ripens", std, saw(pwd(-3*h), mail(-2*h, "X")), p0.but(resetBy("X", -25*h)), ask(acr("mfa")), "second email:X because acr_asked"},
	{"password reset by X: Y serves", std, saw(pwd(-1 * m)), p0.but(contact(Email, "Y"), resetBy("X", -1*h)), ask(acr("mfa")), "second email:Y because acr_asked"},
	{"password reset by X: the app serves", std, saw(pwd(-1 * m)), p1.but(resetBy("X", -1*h)), ask(acr("mfa")), "second totp because acr_asked"},
	{"password reset by the number of the factor", std, saw(pwd(-2*m), own(sms(-1*m, "+39"))), person(password, phone, resetBy("+39", -1*h)), ask(acr("mfa")), "unmet_authentication_requirements because cooling"},

	// Who needs more.
	{"client floor", std, saw(pwd(-1 * m)), p1, ask(floor("mfa")), "second totp because client_floor"},
	{"client floor, silent", std, saw(pwd(-1 * m)), p1, ask(floor("mfa"), none), "interaction_required because client_floor"},
	{"client floor, declined", std, saw(pwd(-1 * m)), p1, ask(floor("mfa"), declined), "access_denied because declined"},
	{"client floor against a listed sfa", std, saw(pwd(-1 * m)), p1, ask(floor("mfa"), acr("sfa"), declined), "access_denied because declined"},
	{"client floor: its name is the answer", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(floor("mfa"), acr("sfa")), "ok mfa [mfa otp pwd] t=-1m"},
	{"client floor, essential sfa: the asked name", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(floor("mfa"), essential("sfa")), "ok sfa [mfa otp pwd] t=-1m"},
	{"provider floor", policy(providerFloor("mfa")), saw(google(-1 * m)), person(linked("google"), app), ask(), "second totp because provider_floor"},
	{"provider floor, unknown level", policy(providerFloor("gone")), saw(google(-1 * m)), person(linked("google"), app), ask(), "unmet_authentication_requirements because unreachable"},
	{"provider floor binds its sign-ins only", policy(providerFloor("mfa")), saw(pwd(-1 * m)), p1.but(linked("google")), ask(), "ok sfa [pwd] t=-1m"},
	{"own choice, silent", std, saw(pwd(-1 * m)), p1.but(choice), ask(none), "interaction_required because own_choice"},
	{"own choice, nothing to keep it with", std, saw(pwd(-1 * m)), bare.but(choice), ask(), "unmet_authentication_requirements because unreachable"},
	{"own choice by the mailbox", std, saw(pwd(-1 * m)), p0.but(choice), ask(), "second email:X because own_choice"},
	{"own choice under prompt=login: asked again", std, saw(pwd(-3*h), totp(-3*h), here(pwd(0))), p1.but(choice), ask(login), "second totp because own_choice"},
	{"when enrolled: at every sign-in", whenOwn, saw(pwd(-1 * m)), p1, ask(), "second totp because own_choice"},
	{"when enrolled: not enrolled", whenOwn, saw(pwd(-1 * m)), p0, ask(), "ok sfa [pwd] t=-1m"},
	{"when enrolled: google's sign-ins too", whenOwn, saw(google(-1 * m)), person(linked("google"), app), ask(), "second totp because own_choice"},

	// Trusted upstream levels.
	{"trusted acr", std, saw(partner(-1*m, "up2")), person(linked("partner")), ask(acr("mfa")), "ok mfa [mfa] t=-1m idp=partner"},
	{"trusted acr, no further than mapped", std, saw(partner(-1*m, "up2")), person(linked("partner")), ask(), "ok mfa [mfa] t=-1m idp=partner"},
	{"trusted acr, higher", std, saw(partner(-1*m, "up3")), person(linked("partner")), ask(acr("phr")), "ok phr [mfa] t=-1m idp=partner"},
	{"acr nobody mapped", std, saw(partner(-1*m, "up9")), person(linked("partner")), ask(), "ok sfa [] t=-1m idp=partner"},
	{"acr mapped to an unknown level", std, saw(partner(-1*m, "gone")), person(linked("partner")), ask(), "ok sfa [] t=-1m idp=partner"},
	{"acr of a provider that is not trusted", std, saw(at(-1*m, Event{Method: Social, Credential: "google/1", Provider: "google", UpstreamAcr: "up2"})), person(linked("google")), ask(), "ok sfa [] t=-1m idp=google"},

	// First and later social sign-ins.
	{"first social: code or a factor at once", std, quarantine(google(-1*m, "X")), person(unproved("google"), bornHere, contact(Email, "X"), contact(Email, "Y")), ask(), "second email:Y because first_social, free totp passkey"},
	{"first social: only the provider's mailbox: a factor", std, quarantine(google(-1*m, "X")), person(unproved("google"), bornHere, contact(Email, "X")), ask(), "enrol totp passkey because first_social"},
	{"first social: preferred, the provider's mailbox last", preferred, quarantine(google(-1*m, "X")), person(unproved("google"), bornHere, contact(Email, "X")), ask(), "second email:X? because first_social, free totp passkey"},
	{"first social: a fresh contact of an account born here", std, quarantine(google(-1*m, "X")), person(unproved("google"), bornHere, freshContact("Y", 24*h)), ask(), "second email:Y because first_social, free totp passkey"},
	{"first social: enrolled, still quarantine", std, quarantine(google(-1*m, "X"), totp(0)), person(unproved("google"), bornHere, app), ask(), "second totp because first_social"},
	{"first social: the factor already there", std, quarantine(google(-1*m, "X")), p1.but(unproved("google")), ask(), "second totp because first_social"},
	{"first social: declined", std, quarantine(google(-1 * m)), person(unproved("google"), contact(Email, "Y")), ask(declined), "access_denied because declined"},
	{"Q60 first social: later visit account, nothing independent", std, quarantine(google(-1*h, "X")), person(unproved("google"), contact(Email, "X")), ask(), "unmet_authentication_requirements because unreachable"},
	{"first social: a factor that rests", std, quarantine(google(-1*h, "X"), totp(0)), person(unproved("google"), contact(Email, "X"), weakApp), ask(), "unmet_authentication_requirements because cooling"},
	{"first social: whatever is asked, the proof comes first", std, quarantine(google(-1 * h)), person(unproved("google"), contact(Email, "Y")), ask(login, maxAge(0), acr("phr")), "second email:Y because first_social"},
	{"quarantine of a login unlinked meanwhile", std, quarantine(google(-1 * m)), p1, ask(), "login_required because quarantine"},
	{"quarantine of nobody", std, quarantine(), nobody, ask(), "login_required because quarantine"},
	{"unproved in a session: mfa all the same", std, saw(google(-1 * m)), person(unproved("google"), contact(Email, "Y")), ask(), "second email:Y because first_social"},
	{"unproved in a session, proved by the code", std, saw(google(-2*m), mail(-1*m, "Y")), person(unproved("google"), contact(Email, "Y")), ask(), "ok mfa [mca mfa otp] t=-1m by=email idp=google"},
	{"proved: sfa", std, saw(google(-1 * m)), person(linked("google")), ask(), "ok sfa [] t=-1m idp=google"},
	{"new_device: a known one", policy(social(SocialNewDevice)), saw(google(-1 * m)), person(linked("google"), app), ask(), "ok sfa [] t=-1m idp=google"},
	{"new_device: a new one", policy(social(SocialNewDevice)), saw(newDevice(google(-1 * m))), person(linked("google"), app), ask(), "second totp because first_social"},
	{"new_device: an unproved login", policy(social(SocialNewDevice)), saw(google(-1 * m)), person(unproved("google"), app), ask(), "second totp because first_social"},
	{"always", policy(social(SocialAlways)), saw(google(-1 * m)), person(linked("google"), app), ask(), "second totp because first_social"},
	{"never", policy(social(SocialNever)), saw(google(-1 * m)), person(unproved("google"), app), ask(), "ok sfa [] t=-1m idp=google"},
	{"a first social sign-in inside a password session", std, saw(pwd(-1*h), google(0)), p0.but(unproved("google")), ask(), "ok sfa [pwd] t=-1h"},

	// Re-authentication.
	{"again: password, passkey, a provider that can", std, saw(pwd(-1 * h)), person(password, key, app, linked("partner"), linked("google")), ask(login), "first pwd passkey social:partner because prompt_login"},
	{"again: upstream", std, saw(partner(-1*h, "")), person(linked("partner"), app), ask(login), "first social:partner because prompt_login"},
	{"again: upstream, answered", std, saw(partner(-1*h, ""), here(partner(0, ""))), person(linked("partner"), app), ask(login), "ok sfa [] t=0 idp=partner"},
	{"again: upstream, answered from an old sign-in of its own", std, saw(partner(-1*h, ""), here(partner(-30*m, ""))), person(linked("partner"), app), ask(login, received(-1*m)), "first social:partner because prompt_login"},
	{"again: upstream, old for max_age too", std, saw(partner(-1*h, ""), here(partner(-30*m, ""))), person(linked("partner"), app), ask(maxAge(10*m), received(-1*m)), "first social:partner because max_age"},
	{"again: upstream, its clock a little behind", std, saw(partner(-1*h, ""), here(partner(-90*time.Second, ""))), person(linked("partner"), app), ask(login, received(-1*m)), "ok sfa [] t=-1m30s idp=partner"},
	{"again: local, the own factor", std, saw(google(-1 * h)), person(linked("google"), app), ask(login), "first totp because prompt_login"},
	{"again: local, answered", std, saw(google(-1*h), here(totp(0))), person(linked("google"), app), ask(login), "ok mfa [mfa otp] t=0 idp=google"},
	{"again: local, google clicked again", std, saw(google(-1*h), here(google(0))), person(linked("google"), app), ask(login), "first totp because prompt_login"},
	{"again: local, no factor", std, saw(google(-1 * h)), person(linked("google"), contact(Email, "Y")), ask(login), "login_required because prompt_login"},
	{"again: local, max_age, the own factor", std, saw(google(-1 * h)), person(linked("google"), app), ask(maxAge(10 * m)), "first totp because max_age"},
	{"again: local, max_age, no factor", std, saw(google(-1 * h)), person(linked("google"), contact(Email, "Y")), ask(maxAge(10 * m)), "login_required because max_age"},
	{"again: local, max_age, mfa by a code", std, saw(google(-1*h), mail(-1*h, "Y")), person(linked("google"), contact(Email, "Y")), ask(maxAge(10*m), acr("mfa")), "second email:Y because max_age"},
	{"prompt=login in the request that opened the session", std, saw(here(google(-1 * m))), person(linked("google")), ask(login), "ok sfa [] t=-1m idp=google"},
	{"prompt=login, an own factor does not replace the password", std, saw(pwd(-1*h), here(totp(0))), p1, ask(login), "first pwd because prompt_login"},
	{"prompt=login, unreachable: no page", std, saw(pwd(-1 * h)), bare, ask(login, acr("mfa")), "unmet_authentication_requirements because unreachable"},
	{"prompt=login, declined", std, saw(pwd(-1 * h)), p0, ask(login, declined), "access_denied because declined"},

	// max_age.
	{"max_age: held", std, saw(pwd(-9 * m)), p0, ask(maxAge(10 * m)), "ok sfa [pwd] t=-9m"},
	{"max_age: exactly", std, saw(pwd(-10 * m)), p0, ask(maxAge(10 * m)), "ok sfa [pwd] t=-10m"},
	{"max_age: passed, silent", std, saw(pwd(-11 * m)), p0, ask(maxAge(10*m), none), "login_required because max_age"},
	{"max_age: factor too old, silent", std, saw(pwd(-1*m), totp(-3*h)), p1, ask(acr("mfa"), maxAge(10*m), none), "interaction_required because max_age"},
	{"max_age: the stale factor is not told", std, saw(pwd(-1*m), totp(-3*h)), p1, ask(maxAge(10 * m)), "ok sfa [pwd] t=-1m"},
	{"max_age: nor opens a dropped scope", std, saw(pwd(-1*m), totp(-3*h)), p1, ask(openid, dnsDrop, maxAge(10*m)), "ok sfa [pwd] t=-1m +openid"},
	{"max_age: but a step_up scope asks", std, saw(pwd(-1*m), totp(-3*h)), p1, ask(billing, maxAge(10*m)), "second totp because max_age billing"},
	{"max_age: the listed sfa is fresh, declined", std, saw(pwd(-1*m), totp(-3*h)), p1, ask(acr("mfa sfa"), maxAge(10*m), declined), "ok sfa [pwd] t=-1m"},
	{"max_age=0 and mfa: the factor once", std, saw(pwd(-3*h), totp(0)), p1, ask(acr("mfa"), maxAge(0)), "second totp because max_age"},
	{"max_age=0 and mfa: answered", std, saw(pwd(-3*h), here(totp(-2*m))), p1, ask(acr("mfa"), maxAge(0)), "ok mfa [mfa otp pwd] t=-2m"},
	{"max_age=0 silent", std, saw(pwd(0)), p0, ask(maxAge(0), none), "login_required because max_age"},
	{"max_age: passkey alone, the old password is not told", std, saw(pwd(-5*h), verified(-1*m)), person(password, key), ask(maxAge(10 * m)), "ok phr [mfa pop user] t=-1m"},

	// Scopes.
	{"scope max_age: within", std, saw(pwd(-1*m), totp(-10*m)), p1, ask(payments), "ok mfa [mfa otp pwd] t=-10m +payments until=5m"},
	{"scope max_age: the last moment is too late", std, saw(pwd(-1*m), totp(-15*m)), p1, ask(payments), "second totp because scope_max_age payments"},
	{"scope max_age: dropped, not asked", std, saw(pwd(-1*m), totp(-20*m)), p1, ask(openid, scope("payments", "mfa", Drop, 15*m)), "ok mfa [mfa otp pwd] t=-20m +openid"},
	{"scope max_age: offered", std, saw(pwd(-1*m), totp(-20*m)), p1, ask(openid, scope("payments", "mfa", Offer, 15*m)), "second totp because scope_max_age payments, or without"},
	{"scope max_age: a retyped password is no second factor", std, saw(totp(-20*m), pwd(-1*m)), p1, ask(payments, none), "interaction_required because scope_max_age payments"},
	{"scope max_age of the lowest level: the password", std, saw(pwd(-20 * m)), p0, ask(scope("profile", "", StepUp, 15*m)), "first pwd because scope_max_age profile"},
	{"scopes: two reasons on one page", std, saw(pwd(-1 * m)), p1, ask(billing, dnsOffer), "second totp because scope_floor billing dns"},
	{"scopes: offered, silent", std, saw(pwd(-1 * m)), p1, ask(openid, dnsOffer, none), "ok sfa [pwd] t=-1m +openid"},
	{"scopes: offered to someone who cannot", std, saw(pwd(-1 * m)), bare, ask(openid, dnsOffer), "ok sfa [pwd] t=-1m +openid"},
	{"scopes: offered phr beside a needed mfa, first the factor", std, saw(pwd(-1 * m)), p1, ask(billing, scope("vault", "phr", Offer, 0)), "second totp because scope_floor billing vault"},
	{"scopes: then the passkey, or without", std, saw(pwd(-2*m), here(totp(-1*m))), p1, ask(billing, scope("vault", "phr", Offer, 0)), "enrol passkey because scope_floor vault, or without"},
	{"scopes: no on_unmet means step_up", std, saw(pwd(-1 * m)), p1, ask(scope("x", "mfa", "", 0), declined), "access_denied because declined x"},
	{"scopes: offered and dropped floors still bind the name when granted", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(acr("sfa"), dnsDrop), "ok mfa [mfa otp pwd] t=-1m +dns"},

	// Asked names.
	{"best effort: still asks", std, saw(pwd(-1 * m)), p1, ask(acr("mfa"), bestEffort), "second totp because acr_asked, or less"},
	{"best effort: cannot", std, saw(pwd(-1 * m)), bare, ask(acr("mfa"), bestEffort), "ok sfa [pwd] t=-1m"},
	{"best effort: silent", std, saw(pwd(-1 * m)), p1, ask(acr("mfa"), bestEffort, none), "ok sfa [pwd] t=-1m"},
	{"best effort: declined", std, saw(pwd(-1 * m)), p1, ask(acr("mfa"), bestEffort, declined), "ok sfa [pwd] t=-1m"},
	{"best effort lowers no floor", std, saw(pwd(-1 * m)), bare, ask(acr("mfa"), bestEffort, billing), "unmet_authentication_requirements because unreachable billing"},
	{"best effort is not for essential", std, saw(pwd(-1 * m)), bare, ask(essential("mfa"), bestEffort), "unmet_authentication_requirements because unreachable"},
	{"wish: asks", std, saw(pwd(-1 * m)), p1, ask(wishes("mfa")), "second totp because acr_asked, or less"},
	{"wish: never an error", std, saw(pwd(-1 * m)), bare, ask(wishes("mfa")), "ok sfa [pwd] t=-1m"},
	{"wish: silent", std, saw(pwd(-1 * m)), p1, ask(wishes("mfa"), none), "ok sfa [pwd] t=-1m"},
	{"wish: no enrolment for it", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(wishes("phr")), "ok mfa [mfa otp pwd] t=-1m"},
	{"wish: its spelling comes back", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(wishes(refeds)), "ok " + refeds + " [mfa otp pwd] t=-1m"},
	{"acr_values override wishes", std, saw(pwd(-1 * m)), p1, ask(wishes("mfa"), acr("sfa")), "ok sfa [pwd] t=-1m"},
	{"essential overrides acr_values", std, saw(pwd(-1 * m)), p1, ask(essential("mfa"), acr("sfa"), none), "interaction_required because acr_asked"},
	{"essential without a value asks nothing", std, saw(pwd(-1 * m)), p1, ask(essential("")), "ok sfa [pwd] t=-1m"},
	{"first reachable: one that needs no enrolment goes before", std, saw(pwd(-1 * m)), p1, ask(acr("phr mfa")), "second totp because acr_asked"},
	{"first reachable: held", std, saw(pwd(-1 * m)), bare, ask(acr("phr mfa sfa")), "ok sfa [pwd] t=-1m"},
	{"all that is supported, weakest first: no page", std, saw(pwd(-1 * m)), p1, ask(acr("sfa mfa " + refeds + " phr phrh")), "ok sfa [pwd] t=-1m"},
	{"told a name not held: the lowest", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(knows("phr")), "ok sfa [mfa otp pwd] t=-1m"},
	{"told only the lowest: the highest held", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(knows("sfa")), "ok mfa [mfa otp pwd] t=-1m"},
	{"told an alias: that spelling", std, saw(pwd(-2*m), totp(-1*m)), p1, ask(knows(refeds)), "ok " + refeds + " [mfa otp pwd] t=-1m"},

	// Enrolling while stepping up.
	{"Q60 the thief: an account without a contact", std, saw(pwd(-1 * m)), bare, ask(billing), "unmet_authentication_requirements because unreachable billing"},
	{"Q60 the thief: the same, essential", std, saw(pwd(-1 * m)), bare, ask(essential("mfa")), "unmet_authentication_requirements because unreachable"},
	{"Q60 the thief: the same under preferred", preferred, saw(pwd(-1 * m)), bare, ask(billing), "unmet_authentication_requirements because unreachable billing"},
	{"Q60 the thief: its only contact set the password", std, saw(pwd(-1 * m)), p0.but(resetBy("X", -1*h)), ask(acr("mfa")), "unmet_authentication_requirements because cooling"},
	{"Q60 the thief: the same, phr", std, saw(pwd(-1 * m)), p0.but(resetBy("X", -1*h)), ask(acr("phr")), "unmet_authentication_requirements because cooling"},
	{"Q60 the thief: its only contact rests", std, saw(pwd(-1 * m)), person(password, freshContact("Z", h)), ask(acr("mfa")), "unmet_authentication_requirements because cooling"},
	{"Q60 the thief: the same under preferred", preferred, saw(pwd(-1 * m)), person(password, freshContact("Z", h)), ask(acr("phr")), "unmet_authentication_requirements because cooling"},
	{"Q60 the thief: a code taken while the contact rested", preferred, saw(pwd(-1*m), here(mail(0, "Z"))), person(password, freshContact("Z", h)), ask(acr("phr")), "unmet_authentication_requirements because cooling"},
	{"Q60 the thief: the login reported its only contact", std, saw(google(-1*m, "X")), person(linked("google"), contact(Email, "X")), ask(acr("phr")), "unmet_authentication_requirements because unreachable"},
	{"Q60 the owner: a settled contact: its code first", std, saw(pwd(-1 * m)), p0, ask(acr("phr")), "second email:X because acr_asked"},
	{"Q60 the owner: then the factor", std, saw(pwd(-1*m), here(mail(0, "X"))), p0, ask(acr("phr")), "enrol passkey because acr_asked"},
	{"Q60 the owner: another contact than that of the password", std, saw(pwd(-1 * m)), p0.but(contact(Email, "Y"), resetBy("X", -1*h)), ask(acr("phr")), "second email:Y because acr_asked"},
	{"Q60 the owner: under preferred that of the password serves", preferred, saw(pwd(-1 * m)), p0.but(resetBy("X", -1*h)), ask(acr("phr")), "second email:X? because acr_asked"},
	{"Q60 the owner: then the factor, which rests", preferred, saw(pwd(-1*m), here(mail(0, "X"))), p0.but(resetBy("X", -1*h)), ask(acr("phr")), "enrol passkey because acr_asked"},
	{"Q60 the owner: an alternative is held", std, saw(pwd(-1 * m)), bare, ask(acr("mfa sfa")), "ok sfa [pwd] t=-1m"},
	{"Q60 the owner: offered scopes he cannot have", std, saw(pwd(-1 * m)), bare, ask(openid, dnsOffer), "ok sfa [pwd] t=-1m +openid"},
	{"enrol: phr behind a contact code", std, saw(pwd(-1 * m)), p0, ask(acr("phr")), "second email:X because acr_asked"},
	{"enrol: phr after the contact code", std, saw(pwd(-1*m), here(mail(0, "X"))), p0, ask(acr("phr")), "enrol passkey because acr_asked"},
	{"enrol: an old contact code opens nothing", std, saw(pwd(-1*h), mail(-1*h, "X")), p0, ask(acr("phr")), "second email:X because acr_asked"},
	{"enrol: phr behind a reserve code of a disabled app", std, saw(pwd(-1 * m)), p0.but(offApp, reserve), ask(acr("phr")), "second recovery because acr_asked"},
	{"enrol: phr, the factor rests", std, saw(pwd(-1*m), totp(0)), p0.but(weakApp), ask(acr("phr")), "unmet_authentication_requirements because cooling"},
	{"enrol: silent", std, saw(pwd(-1 * m)), p0, ask(acr("phr"), none), "interaction_required because acr_asked"},
	{"enrol: nothing to enrol here", policy(func(p *Policy) { p.Enrollable = nil }), saw(pwd(-1 * m)), p0, ask(acr("phr")), "unmet_authentication_requirements because unreachable"},
	{"enrol: an sms number, where the channel exists", policy(func(p *Policy) { p.Enrollable = []Method{SMS} }), quarantine(google(0)), person(unproved("google"), bornHere), ask(), "enrol sms because first_social"},
	{"enrol: an sms number, where it does not", policy(func(p *Policy) { p.Enrollable, p.Channels = []Method{SMS}, nil }), quarantine(google(0)), person(unproved("google"), bornHere), ask(), "unmet_authentication_requirements because unreachable"},
	{"enrol: phrh with a first passkey", std, saw(pwd(-1*m), here(totp(0))), p1, ask(acr("phrh")), "enrol passkey because acr_asked"},
}

func TestDecide(t *testing.T) {
	reasons := map[Reason]bool{}
	for _, r := range table {
		t.Run(r.n, func(t *testing.T) {
			d := Decide(r.policy, r.request, r.person, r.evidence, now)
			if got := told(d); got != r.want {
				t.Errorf("\n got %s\nwant %s", got, r.want)
			}
			reasons[d.Reason] = true
		})
	}
	for _, why := range []Reason{
		ReasonNone, ReasonNoSession, ReasonPromptLogin, ReasonMaxAge, ReasonOtherPerson, ReasonQuarantine, ReasonAcrAsked,
		ReasonClientFloor, ReasonScopeFloor, ReasonScopeMaxAge, ReasonProviderFloor, ReasonOwnChoice, ReasonFirstSocial,
		ReasonUnreachable, ReasonUnknownAcr, ReasonDeclined, ReasonCooling,
	} {
		if !reasons[why] {
			t.Errorf("no row reaches reason %q", why)
		}
	}
}
