package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/soglia-sso/soglia/gsm7"
)

// phones are the channels whose messages are short.
var phones = []string{"sms", "whatsapp"}

func TestF09ACodeOnAPhoneSaysWhatItIsFor(t *testing.T) {
	s := newSet(t)
	for _, c := range []struct {
		lang, purpose string
		areas         []string
		want          string
	}{
		{"it", "login", []string{"DNS", "Fatture"}, "042917 è il tuo codice Example Hosting per entrare in DNS e Fatture. Vale 10 minuti. Non darlo a nessuno, nemmeno a noi."},
		{"it", "login", nil, "042917 è il tuo codice Example Hosting per accedere a Area Clienti. Vale 10 minuti. Non darlo a nessuno, nemmeno a noi."},
		{"it", "verify", nil, "042917 è il tuo codice Example Hosting per confermare questo numero. Vale 10 minuti. Non darlo a nessuno, nemmeno a noi."},
		{"it", "enrol", nil, "042917 è il tuo codice Example Hosting per attivare la verifica. Vale 10 minuti. Non darlo a nessuno, nemmeno a noi."},
		{"en", "account", nil, "042917 is your Example Hosting code for your security settings. Valid for 10 minutes. Never share it, even with us."},
		{"en", "areas", nil, "042917 is your Example Hosting code to sign in to Area Clienti. Valid for 10 minutes. Never share it, even with us."},
	} {
		m := codeMail(c.lang)
		m.Purpose, m.Areas = c.purpose, c.areas
		for _, channel := range phones {
			want := c.want + "\n@sso.example.it #042917"
			if channel == "sms" {
				want = strings.ReplaceAll(want, "’", "'")
			}
			if got, err := s.Message(channel, s.Brand(), m); err != nil || got.Text != want || got.Subject+got.HTML != "" {
				t.Errorf("%s %s: %v\n%q, want\n%q", channel, c.purpose, err, got.Text, want)
			}
		}
	}
}

// names that a brand, an area or a panel may have: what the alphabet has, what it has not, and too much of both.
var names = []string{
	"Example Hosting", "L’Università – Però", "È già là", "Łódź Šibenik", "🚀 Razzo", "Пример", "株式会社", "{[€]}", "",
	strings.Repeat("W", 40), strings.Repeat("€", 40), strings.Repeat("à", 400), "A\r\n@evil.example #000000",
}

// F09 over all texts: one segment of GSM-7, or each of them costs twice.
func TestF09EveryTextMessageIsOneSegment(t *testing.T) {
	kinds := noticeKinds(newSet(t))
	if len(kinds) < 16 {
		t.Fatalf("only %d kinds of notices were found", len(kinds))
	}
	for _, host := range []string{"sso.example.it", strings.Repeat("h", 30) + ".example.it"} {
		for _, name := range names {
			s := newSet(t, func(b *Brand) { b.Name, b.Host, b.SupportPhone = "x"+name, host, "+39 0000 000000 "+name })
			brand := s.Brand()
			brand.Name = name
			for _, lang := range languages {
				check := func(what string, m any) {
					t.Helper()
					got, err := s.Message("sms", brand, m)
					if size := gsm7.Measure(got.Text); err != nil || size.Alphabet != "GSM-7" || size.Segments != 1 {
						t.Errorf("%s, %s, %q: %v, %+v\n%s", lang, what, name, err, size, got.Text)
					}
					if strings.Contains(got.Text, "evil.example #") && strings.Contains(got.Text, "\n@evil") {
						t.Errorf("%s, %s: a forged last line\n%s", lang, what, got.Text)
					}
				}
				for _, purpose := range []string{"login", "verify", "enrol", "account"} {
					for _, areas := range [][]string{nil, {name}, {"DNS", name, "Fatture"}} {
						c := codeMail(lang)
						c.Purpose, c.Areas, c.Panel = purpose, areas, name
						check(purpose, c)
					}
				}
				for _, kind := range kinds {
					check(kind, NoticeMessage{Lang: lang, Kind: kind, Browser: name, At: noon, Until: noon, Zone: "Europe/Rome", NotMe: "https://sso.example.it/not-me?t=x"})
				}
			}
		}
	}
}

// noticeKinds are those there are mails for.
func noticeKinds(s *Set) (kinds []string) {
	for id := range s.texts.known["it"] {
		if kind, ok := strings.CutSuffix(id, ".subject"); ok && strings.HasPrefix(kind, "notice.") {
			kinds = append(kinds, strings.TrimPrefix(kind, "notice."))
		}
	}
	slices.Sort(kinds)
	return kinds
}

var linkLike = regexp.MustCompile(`://|www\.|\b[a-z0-9-]+\.(it|com|example)\b`)

func TestANoticeOnAPhoneHoldsNoLinkAndNamesUs(t *testing.T) {
	s := newSet(t)
	for _, lang := range languages {
		for _, kind := range noticeKinds(s) {
			m := NoticeMessage{Lang: lang, Kind: kind, Browser: "Firefox https://evil.example", IP: "203.0.113.7", At: noon, NotMe: "https://sso.example.it/not-me?t=x"}
			got, err := s.Message("sms", s.Brand(), m)
			if err != nil || linkLike.MatchString(got.Text) || !strings.Contains(got.Text, "Example Hosting") || !strings.Contains(got.Text, "+39 0000 000000") {
				t.Errorf("%s %s: %v\n%s", lang, kind, err, got.Text)
			}
			if _, err := s.Message("whatsapp", s.Brand(), m); err == nil {
				t.Errorf("%s: WhatsApp takes codes only, and %s was said by it", lang, kind)
			}
		}
	}
	for _, m := range []any{LinkMessage{Lang: "it", Kind: "forgotten"}, NoticeMessage{Kind: "nonsense"}} {
		for _, channel := range phones {
			if got, err := s.Message(channel, s.Brand(), m); err == nil {
				t.Errorf("%T by %s: %q", m, channel, got.Text)
			}
		}
	}
}

// What has no room is left out in this order: names of areas and panel, the brand; never the code, its use, its minutes, the
// warning or the last line.
func TestATextMessageLeavesOutWhatHasNoRoom(t *testing.T) {
	s := newSet(t)
	const end = " Vale 10 minuti. Non darlo a nessuno, nemmeno a noi.\n@sso.example.it #042917"
	brand := s.Brand()
	for _, c := range []struct {
		brand, area, want string
	}{
		{"Example", "DNS", "codice Example per entrare in DNS."},
		{"Example", "Пример", "codice Example per le aree riservate."},
		{"Пример", "DNS", "codice per entrare in DNS."},
		{"🚀 Example", "DNS 🚀", "codice Example per entrare in DNS."},
		{"Example", strings.Repeat("D", 40), "codice Example per le aree riservate."},
		{strings.Repeat("B", 60), "DNS", "codice per le aree riservate."},
	} {
		brand.Name = c.brand
		m := codeMail("it")
		m.Areas = []string{c.area}
		if got, err := s.Message("sms", brand, m); err != nil || got.Text != "042917 è il tuo "+c.want+end {
			t.Errorf("%q, %q: %v\n%s", c.brand, c.area, err, got.Text)
		}
	}
}

// The longest names, exactly: one letter more and something is left out, or two segments are paid.
func TestTheRoomOfATextMessageIsExact(t *testing.T) {
	room := func(of func(n int) bool) int {
		n := 1
		for of(n) {
			n++
		}
		return n - 1
	}
	host := room(func(n int) bool {
		fit, _, err := TextMessages("B", strings.Repeat("h", n), 6, 10)
		return fit && err == nil
	})
	brand := room(func(n int) bool {
		_, named, err := TextMessages(strings.Repeat("B", n), "sso.example.it", 6, 10)
		return named && err == nil
	})
	if fmt.Sprint(host, brand) != "45 30" {
		t.Errorf("a host of %d characters, a brand of %d beside sso.example.it", host, brand)
	}
	s := newSet(t)
	b := s.Brand()
	for _, more := range []int{0, 1} {
		named, one := true, true
		for _, lang := range languages {
			for _, purpose := range []string{"login", "verify", "enrol", "account"} {
				m := codeMail(lang)
				m.Purpose = purpose
				b.Name, b.Host = strings.Repeat("B", brand+more), "sso.example.it"
				said, _ := s.Message("sms", b, m)
				named = named && strings.Contains(said.Text, b.Name)
				if m.Areas = nil; purpose == "login" {
					m.Areas = []string{"DNS"}
				}
				said, _ = s.Message("sms", b, m)
				named = named && strings.Contains(said.Text, b.Name)
				b.Host = strings.Repeat("h", host+more)
				said, _ = s.Message("sms", b, m)
				one = one && gsm7.One(said.Text) && strings.HasSuffix(said.Text, "\n@"+b.Host+" #042917")
			}
		}
		if want := more == 0; named != want || one != want {
			t.Errorf("%d more: named %v, one segment %v", more, named, one)
		}
	}
}
