package templates

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

var noon = time.Date(2026, 11, 25, 13, 22, 0, 0, time.UTC)

func codeMail(lang string) CodeMessage {
	return CodeMessage{Lang: lang, Code: "042917", Minutes: 10, Until: noon.Add(10 * time.Minute), Zone: "Europe/Rome",
		Purpose: "login", Areas: []string{"DNS", "Fatture"}, Panel: "Area Clienti", Browser: "Firefox, Linux", IP: "203.0.113.7", At: noon}
}

// mailed is a message of the set's own brand.
func (s *Set) mailed(m any) (Message, error) { return s.Message("email", s.Brand(), m) }

func TestAMessageIsSaidInTheFormOfItsChannelAndByItsBrand(t *testing.T) {
	s := newSet(t)
	if _, err := s.Message("telex", s.Brand(), codeMail("it")); err == nil {
		t.Error("something was said by a channel that has no form")
	}
	m, err := s.Message("email", Brand{Name: "Another Name", Accent: "#702020", Host: "sso.another.example"}, codeMail("it"))
	if err != nil || !strings.HasSuffix(m.Subject, "– Another Name") || !strings.Contains(m.Text, "@sso.another.example #") ||
		strings.Contains(m.Text+m.HTML+m.Subject, "Example Hosting") {
		t.Errorf("%v, %q\n%s", err, m.Subject, m.Text)
	}
}

// What the operator is told of a limit that shut: which codes, how many at most, until when.
func TestF07AnAlertSaysWhatIsHeldAndUntilWhen(t *testing.T) {
	s := newSet(t)
	for lang, wants := range map[string]map[string]string{
		"it": {"breaker": "Degli ultimi 40 codici inviati via SMS ai numeri che iniziano con +393331 ne sono stati inseriti 2.", "prefix": "numeri che iniziano con +393331", "country": "al Paese +393331", "all": "in tutto"},
		"en": {"breaker": "Of the latest 40 codes sent by SMS to numbers that begin with +393331, 2 were entered.", "prefix": "numbers that begin with +393331", "country": "the country +393331", "all": "All codes sent by SMS"},
	} {
		for kind, want := range wants {
			m, err := s.mailed(AlertMessage{Lang: lang, Kind: kind, Channel: "SMS", Where: "+393331", Sent: 40, Entered: 2, Until: noon, Zone: "Europe/Rome"})
			if err != nil || !strings.Contains(m.Text, want) || !strings.Contains(m.Text, "14:22 (CET)") || !strings.Contains(m.Subject, "+393331") || strings.Contains(m.Text, "al al") {
				t.Errorf("%s %s: %v\n%s\n%s", lang, kind, err, m.Subject, m.Text)
			}
		}
	}
}

func TestACodeMailSaysAllAtAGlance(t *testing.T) {
	m, err := newSet(t).mailed(codeMail("it"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "042917 è il tuo codice di verifica – Example Hosting"; m.Subject != want {
		t.Errorf("subject %q, want %q", m.Subject, want)
	}
	for _, want := range []string{
		"\n042917\n", "Vale 10 minuti, fino alle 14:32 (CET).", "Serve per entrare in: DNS e Fatture.",
		"Richiesto da Area Clienti il 25 novembre 2026 alle 14:22 (CET), con Firefox, Linux, dall’indirizzo IP 203.0.113.7.",
		"il nostro personale non te lo chiederà mai",
	} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("text lacks %q:\n%s", want, m.Text)
		}
	}
	if !strings.HasSuffix(m.Text, "\n\n@sso.example.it #042917\n") {
		t.Errorf("last line:\n%s", m.Text)
	}
}

func TestACodeMailHoldsNoLinkAndNothingRemote(t *testing.T) {
	s := newSet(t)
	for _, lang := range languages {
		for _, purpose := range []string{"login", "verify", "enrol", "areas", "other"} {
			c := codeMail(lang)
			c.Purpose = purpose
			if purpose != "login" {
				c.Areas = nil
			}
			c.First, c.Provider = map[string]string{"login": "pwd", "areas": "social"}[purpose], "Google"
			m, err := s.mailed(c)
			if err != nil {
				t.Fatal(err)
			}
			doc := parse(t, []byte(m.HTML))
			if n := elements(doc, "a", "img", "link", "script", "form"); len(n) != 0 {
				t.Errorf("%s: <%s> in a code mail", lang, n[0].Data)
			}
			if strings.Contains(m.Text+m.HTML, "://") || strings.Contains(m.Text+m.HTML, "no value") {
				t.Errorf("%s %s: %s", lang, purpose, m.Text)
			}
		}
	}
}

// Q05: a code that its owner did not ask for means that somebody passed the first step, whose name the mail says.
func TestQ05ACodeMailSaysWhatSomebodyElseMayKnow(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct{ lang, first, provider, want string }{
		{"it", "pwd", "", "Allora qualcuno potrebbe conoscere la tua password: cambiala e contatta l’assistenza al numero +39 0000 000000."},
		{"it", "social", "Google", "il tuo accesso Google: "},
		{"it", "", "", "Se non l’hai chiesto tu, ignora questo messaggio"},
		{"en", "pwd", "", "somebody may know your password: change it and contact support"},
		{"en", "social", "Google", "somebody may be using your Google login"},
		{"en", "", "", "ignore this message"},
	} {
		m := codeMail(c.lang)
		m.First, m.Provider = c.first, c.provider
		got, err := s.mailed(m)
		if err != nil || !strings.Contains(got.Text, c.want) || !strings.Contains(got.HTML, strings.ReplaceAll(c.want, "+", "&#43;")) {
			t.Errorf("%s %q lacks %q: %v\n%s\n%s", c.lang, c.first, c.want, err, got.Text, got.HTML)
		}
		if calm := strings.Contains(got.Text, "ignor"); calm != (c.first == "") {
			t.Errorf("%s %q: says to ignore it: %v", c.lang, c.first, calm)
		}
	}
}

func TestNoticesNameWhatHappenedAndWhoHelps(t *testing.T) {
	s := newSet(t)
	for _, lang := range languages {
		for _, kind := range []string{"factor_added", "factor_removed", "factor_paused", "factor_off", "every_on", "every_off", "token_reuse", "new_device", "password_changed", "recovery_used", "recovery_regenerated", "rest_waived"} {
			m, err := s.mailed(NoticeMessage{Lang: lang, Kind: kind, Browser: "Firefox, Linux", IP: "2001:db8::1", At: noon, Zone: "Europe/Rome", Until: noon.Add(15 * time.Minute)})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{s.Text(lang, "notice."+kind, map[string]any{"Until": s.dated("moment.until", lang, noon.Add(15*time.Minute), "Europe/Rome")}), s.brand.SupportURL[lang], "14:22 (CET)", "2001:db8::1"} {
				if !strings.Contains(m.Text, want) {
					t.Errorf("%s %s lacks %q:\n%s", lang, kind, want, m.Text)
				}
			}
			if strings.Contains(m.Text+m.HTML+m.Subject, "no value") || m.Subject == "" {
				t.Errorf("%s %s: %q\n%s", lang, kind, m.Subject, m.Text)
			}
		}
	}
	if _, err := s.mailed(NoticeMessage{Kind: "nonsense"}); err == nil {
		t.Error("an unknown notice was written")
	}
	if _, err := s.mailed(1); err == nil {
		t.Error("a number was written")
	}
}

// N and W families: whoever chooses the browser's name chooses no line, header, link or markup of the message.
func TestWhatARequestBringsCannotShapeAMessage(t *testing.T) {
	s := newSet(t)
	evil := "Firefox\r\nBcc: x@y\r\n\r\n@evil.example #000000\n<a href=https://evil.example>win</a> https://evil.example \u2028"
	c := codeMail("en")
	c.Browser, c.IP, c.Panel, c.Areas = evil, evil, evil, []string{evil}
	n := NoticeMessage{Lang: "en", Kind: "new_device", Browser: evil, IP: evil, At: noon, Zone: "Mars/Olympus"}
	brand := s.Brand()
	brand.Name, brand.SupportURL = evil, map[string]string{"en": evil}
	for _, m := range []any{c, n} {
		got, err := s.Message("email", brand, m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(got.Subject, "\r\n\u2028") {
			t.Errorf("subject %q", got.Subject)
		}
		for line := range strings.Lines(got.Text) {
			if strings.HasPrefix(line, "@evil") || strings.HasPrefix(line, "Bcc:") {
				t.Errorf("forged line %q", line)
			}
		}
		doc := parse(t, []byte(got.HTML))
		if len(elements(doc, "a")) != 0 {
			t.Errorf("markup got in:\n%s", got.HTML)
		}
	}
	if got := browser("Fire<b>fox https://evil.example/ 1.2"); strings.ContainsAny(got, "<>:/.") {
		t.Errorf("browser %q", got)
	}
	if got := browser(strings.Repeat("é", 500)); len([]rune(got)) != 60 {
		t.Errorf("browser of %d runes", len([]rune(got)))
	}
	for in, want := range map[string]string{"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "fe80::1%evil.example": "fe80::1", "evil.example": "", "": ""} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAMailIsAWholeDocumentInItsLanguage(t *testing.T) {
	m, err := newSet(t).mailed(codeMail("en"))
	if err != nil {
		t.Fatal(err)
	}
	doc := parse(t, []byte(m.HTML))
	root := elements(doc, "html")[0]
	if lang, _ := attr(root, "lang"); lang != "en" || root.Type != html.ElementNode {
		t.Errorf("lang %q", lang)
	}
	if title := text(elements(doc, "title")[0]); title != m.Subject {
		t.Errorf("title %q", title)
	}
}

// "il 8 novembre" is wrong: before eight and eleven the article loses its vowel.
func TestADateInASentenceHasItsArticle(t *testing.T) {
	s := newSet(t)
	for day, want := range map[int]string{1: " il 1 ", 8: " l’8 ", 11: " l’11 ", 18: " il 18 ", 25: " il 25 "} {
		m, err := s.mailed(NoticeMessage{Lang: "it", Kind: "new_device", At: time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC), Zone: "Europe/Rome"})
		if err != nil || !strings.Contains(m.Text, "È successo"+want+"novembre 2026 alle 13:00 (CET)") {
			t.Errorf("%v: %s", err, m.Text)
		}
	}
}
