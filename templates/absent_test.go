package templates

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// everything is an installation that has all there is to speak of.
var everything = Has{Usernames: true, Emails: true, App: true, Reserve: true, EverySignIn: true, Mail: true, Phone: true, Areas: true}

// thing is what an installation or a person may lack, with the words that name it. A page may name it where its own fields
// (values) hold it: they are what the person has.
type thing struct {
	name  string
	has   func(h Has, p page, values string) bool
	words []string
}

var things = []thing{
	{"the app", func(h Has, p page, values string) bool {
		return h.App || strings.Contains(values, "totp") || strings.HasPrefix(p.kind().step, "recovery") // which come with it
	}, []string{"authenticator", " app ", "l’app "}},
	{"reserve codes", func(h Has, p page, values string) bool {
		f, ok := p.(*AccountFactors)
		return h.Reserve || strings.Contains(values, "recovery") || strings.HasPrefix(p.kind().step, "recovery") || ok && (f.Renew || f.Done == "codes" || f.Done == "renewed")
	}, []string{"codice di riserva", "codici di riserva", "recovery code"}},
	{"a code at every sign-in", func(h Has, p page, values string) bool {
		c, asks := p.(*CodePage)
		k, begins := p.(*EnrolKey)
		f, lists := p.(*AccountFactors)
		if asks && c.Every || begins && k.Every || lists && f.Every != "" {
			return true // it is the person's choice
		}
		return h.EverySignIn || strings.Contains(values, "own_choice")
	}, []string{"a ogni accesso", "at every sign-in"}},
	{"mail with codes", func(h Has, p page, values string) bool {
		return h.Mail || strings.Contains(values, "email") || strings.HasSuffix(p.kind().step, "_sent")
	}, []string{"posta indesiderata", "spam folder"}},
	{"codes to contacts", func(h Has, p page, _ string) bool {
		c, ok := p.(*CodePage)
		return h.Codes() || ok && (c.Sent || c.Capped)
	}, []string{"codice non arriva", "no code ", "codice inviato a", "send to a contact", "send a code to", "code sent to a"}},
	{"a telephone", func(h Has, p page, values string) bool {
		f, lists := p.(*AccountFactors)
		return h.Phone || lists && f.Phone || strings.Contains(values, "sms") || strings.Contains(values, "whatsapp")
	}, []string{" sms ", "whatsapp", "text message"}},
	{"sensitive areas", func(h Has, _ page, _ string) bool { return h.Areas }, []string{"aree riservate", "sensitive areas"}},
	{"user names", func(h Has, p page, _ string) bool {
		_, shown := p.(*AccountOverview)
		return h.Usernames || shown
	}, []string{"nome utente", "user name"}},
	{"addresses to sign in by", func(h Has, _ page, _ string) bool { return h.Emails }, []string{"utente o e-mail", "utente o l’e-mail", "name or e-mail"}},
	{"a social login", func(_ Has, p page, values string) bool {
		r, removes := p.(*AccountRemove)
		f, failed := p.(*Failure)
		n, notMe := p.(*NotMe)
		return strings.Contains(values, "Google") || strings.Contains(values, "Facebook") || strings.Contains(values, "social") ||
			removes && !r.Password || notMe && !n.Password || failed && strings.Contains(f.Code, "provider")
	}, []string{"con google", "with google", "con facebook", "with facebook", "altro servizio", "servizio con cui", "another service", "other service", "the service"}},
	{"registration", func(_ Has, p page, _ string) bool {
		c, ok := p.(*Connect)
		return !ok || !c.Closed
	}, []string{"ne creiamo uno", "make a new one"}},
	{"a password", func(_ Has, p page, _ string) bool {
		switch p := p.(type) {
		case *AccountFactors:
			return p.Password
		case *AccountRemove:
			return p.Password || p.Error != nil
		case *AccountOverview:
			return p.Password
		case *NotMe:
			return p.Password || !p.Done
		}
		return true
	}, []string{"password"}},
	{"a former password", func(_ Has, p page, _ string) bool {
		switch p := p.(type) {
		case *SetPassword:
			return !p.First
		case *PasswordSet:
			return !p.First
		case *ChangePassword:
			return !p.First || p.Sent
		}
		return true
	}, []string{"password cambiata", "password changed", "cambia la password", "cambiare la password", "change the password", "secondo passaggio", "second step"}},
	{"contacts", func(_ Has, p page, _ string) bool {
		switch p := p.(type) {
		case *AccountFactors:
			return p.Contacts || !p.SentPaused.IsZero()
		case *AccountRemove:
			return p.Contacts
		}
		return true
	}, []string{"tuoi recapiti", "your contacts", "per e-mail", "e-mailed you", "e-mail you"}},
	{"an account that is older than the page", func(_ Has, p page, _ string) bool {
		c, ok := p.(*CodePage)
		return !ok || !c.Typed && !c.FirstSocial
	}, []string{"associato all’account", "address on the account"}},
}

// named is the word by which a text names the thing; "" = none.
func (x thing) named(said string) string {
	for _, word := range x.words {
		if strings.Contains(said, word) {
			return word
		}
	}
	return ""
}

// Q08: texts pointed to what was not there: WhatsApp where no such channel is, the app where none can be switched on, "besides
// your password" to somebody without one. No page names what is absent, in any language, under any combination of what an
// installation may have; and so with each of its own facts turned round.
func TestQ08NoPageNamesWhatIsAbsent(t *testing.T) {
	s, told := newSet(t), map[string]bool{}
	for i, h := range installations() {
		s.brand.Has, s.texts.has = h, h
		for _, given := range pagesUnder(i) {
			values := fmt.Sprintf("%v", given)
			for _, lang := range languages {
				p, err := pageOf(given)
				if err != nil {
					t.Fatal(err)
				}
				p.common().Lang = lang
				var b bytes.Buffer
				if err := s.Render(&b, p); err != nil {
					t.Fatalf("%T: %v", given, err)
				}
				said := readable(b.String())
				for _, x := range things {
					word, of := x.named(said), x.name+p.kind().step
					if word == "" || told[of] || x.has(h, p, values) {
						continue
					}
					told[of] = true
					t.Errorf("%T says %q without %s, under %+v:\n%s\n%+v", given, word, x.name, h, said, given)
				}
			}
		}
	}
}

// The same of messages, and of sentences that a handler fills.
func TestQ08NoMessageNamesWhatIsAbsent(t *testing.T) {
	s := newSet(t)
	about := map[string]string{"factor_added": "a code at every sign-in", "every_on": "a code at every sign-in", "every_off": "a code at every sign-in", "recovery_used": "reserve codes", "recovery_regenerated": "reserve codes", "rest_waived": "sensitive areas"}
	for _, h := range installations() {
		s.brand.Has, s.texts.has = h, h
		for _, lang := range languages {
			for id := range s.texts.known[lang] {
				kind, ok := strings.CutPrefix(id, "notice.")
				if !ok || strings.HasSuffix(kind, ".subject") {
					continue
				}
				for _, password := range []bool{false, true} {
					m, err := s.mailed(NoticeMessage{Lang: lang, Kind: kind, At: noon, Zone: "Europe/Rome", Password: password})
					if err != nil {
						t.Fatal(err)
					}
					said := readable(m.Text)
					for _, x := range things[:8] {
						if word := x.named(said); word != "" && !x.has(h, &Support{}, "") && (about[kind] != x.name || kind == "factor_added") {
							t.Fatalf("%s %s says %q without %s", lang, kind, word, x.name)
						}
					}
					if !password && !strings.HasPrefix(kind, "password_") && strings.Contains(said, "password") {
						t.Fatalf("%s %s speaks of a password to somebody without one:\n%s", lang, kind, said)
					}
				}
			}
			for _, id := range []string{"social_stuck", "social_stale", "contact_reported"} {
				said := readable(s.Text(lang, id, map[string]any{"Provider": "X", "Password": false, "App": h.App}))
				if strings.Contains(said, "password") || !h.App && strings.Contains(said, "authenticator") {
					t.Fatalf("%s: %s", lang, said)
				}
			}
		}
	}
}

// installations are all that can be, first the one with everything and the one with least. What people type to say who they
// are is varied apart: it is at least one thing, and no sentence speaks of it and of something else.
func installations() []Has {
	n := reflect.TypeFor[Has]().NumField()
	all := []Has{everything, {Usernames: true}, {Emails: true}}
	for bits := range 1 << n {
		var h Has
		for i := range n {
			reflect.ValueOf(&h).Elem().Field(i).SetBool(bits>>i&1 == 1)
		}
		if h.Usernames && h.Emails {
			all = append(all, h)
		}
	}
	return all
}

// pagesUnder are the example pages and, in the first few installations, each once more with every one of its facts turned round.
func pagesUnder(installation int) []any {
	var out []any
	for _, f := range Fixtures() {
		out = append(out, f.Page)
		v := reflect.ValueOf(f.Page)
		for i := range v.NumField() {
			if v.Field(i).Kind() == reflect.Bool && v.Type().Field(i).Name != "Sent" && installation < 3 {
				changed := reflect.New(v.Type()).Elem()
				changed.Set(v)
				changed.Field(i).SetBool(!v.Field(i).Bool())
				out = append(out, changed.Interface())
			}
		}
	}
	return out
}

// readable is what a page or a message says to somebody who reads it, in small letters, without marks and without the warning
// that nobody asks for a password.
func readable(page string) string {
	_, body, ok := strings.Cut(page, "</head>")
	if !ok {
		body = page
	}
	inside := false
	said := strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			inside = true
			return ' '
		case r == '>':
			inside = false
			return ' '
		case inside:
			return -1
		case strings.ContainsRune(".,:;?!()", r):
			return ' '
		}
		return r
	}, body)
	said = " " + strings.ToLower(strings.Join(strings.Fields(said), " ")) + " "
	for _, warning := range []string{"il nostro personale non ti chiederà mai la password", "our staff will never ask for your password"} {
		said = strings.ReplaceAll(said, warning, "")
	}
	return said
}
