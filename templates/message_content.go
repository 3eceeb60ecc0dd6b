package templates

import (
	"cmp"
	"fmt"
	"html/template"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// letter is what the bodies of a message see.
type letter struct {
	set               *Set
	Lang, Brand       string
	Subject           string
	Code, Host        string
	Valid, For, Asked string
	Notice, Ignore    string
	Heading           string // the subject without the brand
	Button, ButtonInk template.CSS
	Happened, NotYou  string
	NotMe             string // URL
	Tap               string // id of what its button says
	Accounts          []letterAccount
	name              string

	// What short messages say in words of their own.
	minutes              int
	purpose, panel, kind string
	areas                []string
	phone                string
}

// T is a text of the message's language.
func (l *letter) T(id string) (string, error) {
	s, ok := l.set.texts.get(l.Lang, id, nil)
	if !ok {
		return "", fmt.Errorf("no text %q in %q", id, l.Lang)
	}
	return s, nil
}

// Message is a rendered message.
type Message struct {
	Subject string // of mails only
	Text    string // plain
	HTML    string // of mails only
}

// saidBy is how a message is said, by channel. One whose messages are of another form, such as a short text, has its row
// here.
var saidBy = map[string]func(*Set, *letter) (Message, error){
	"email":    (*Set).mail,
	"sms":      (*Set).sms,
	"whatsapp": (*Set).chat,
}

// Message says what m means ([CodeMessage], [NoticeMessage], [AlertMessage] or [LinkMessage]) in the form of a channel (email,
// sms, whatsapp), as the brand says it. A message with a code holds no link: people who are used to links in such messages follow forged ones.
func (s *Set) Message(channel string, b Brand, m any) (Message, error) {
	form, ok := saidBy[channel]
	if !ok {
		return Message{}, fmt.Errorf("templates: nothing is said by %q", channel)
	}
	var l *letter
	var err error
	switch m := m.(type) {
	case CodeMessage:
		l, err = s.codeLetter(b, m)
	case NoticeMessage:
		l, err = s.noticeLetter(b, m)
	case AlertMessage:
		l, err = s.alertLetter(b, m)
	case LinkMessage:
		l, err = s.linkLetter(b, m)
	default:
		err = fmt.Errorf("templates: %T is no message", m)
	}
	if err != nil {
		return Message{}, err
	}
	return form(s, l)
}

func (s *Set) codeLetter(b Brand, m CodeMessage) (*letter, error) {
	l := s.letter("code", m.Lang, b)
	l.Code, l.Host, l.minutes, l.purpose = line(m.Code), line(b.Host), m.Minutes, m.Purpose
	panel := line(m.Panel)
	l.Subject = s.Text(l.Lang, "mail.code.subject", map[string]any{"Code": l.Code, "Brand": l.Brand})
	until := local(m.Until, m.Zone)
	l.Valid = s.Text(l.Lang, "mail.code.valid", map[string]any{"Count": m.Minutes, "Clock": until.Format("15:04"), "Zone": until.Format("MST")})
	var areas []string
	for _, a := range m.Areas {
		areas = append(areas, line(a))
	}
	l.panel, l.areas = panel, areas
	switch id := "mail.code.for." + m.Purpose; {
	case len(areas) > 0:
		l.For = s.Text(l.Lang, "mail.code.for.areas", map[string]any{"Areas": s.texts.list(l.Lang, "list.and", areas)})
	case s.Has(id) && m.Purpose != "areas":
		l.For = s.Text(l.Lang, id, map[string]any{"Panel": panel})
	default:
		l.For = s.Text(l.Lang, "mail.code.for.login", map[string]any{"Panel": panel})
	}
	// Whoever caused it has passed the first step. No address of a page here: only a telephone number.
	ignore := "mail.code.first." + m.First
	if !s.Has(ignore) {
		ignore = "mail.code.ignore"
	}
	l.Ignore = s.Text(l.Lang, ignore, map[string]any{"Provider": line(m.Provider), "Phone": line(b.SupportPhone)})
	l.Asked = s.Text(l.Lang, "mail.asked", map[string]any{"Panel": panel, "On": s.dated("moment.on", l.Lang, m.At, m.Zone), "Browser": browser(m.Browser), "IP": address(m.IP)})
	return l, nil
}

func (s *Set) noticeLetter(b Brand, m NoticeMessage) (*letter, error) {
	id := "notice." + m.Kind
	if !s.Has(id) || !s.Has(id+".subject") {
		return nil, fmt.Errorf("templates: no notice of kind %q", m.Kind)
	}
	l := s.letter("notice", m.Lang, b)
	l.kind, l.phone = m.Kind, line(b.SupportPhone)
	l.Notice = s.Text(l.Lang, id, map[string]any{"Until": s.dated("moment.until", l.Lang, m.Until, m.Zone)})
	l.Subject = s.Text(l.Lang, id+".subject", map[string]any{"Brand": l.Brand})
	l.Happened = s.Text(l.Lang, "mail.notice.happened", map[string]any{"On": s.dated("moment.on", l.Lang, m.At, m.Zone), "Browser": browser(m.Browser), "IP": address(m.IP)})
	support := cmp.Or(b.SupportURL[l.Lang], b.SupportPhone)
	l.NotYou, l.NotMe = s.Text(l.Lang, "mail.notice.not_you", map[string]any{"Support": line(support), "Password": m.Password}), m.NotMe
	if l.Tap = "mail.notice.not_me"; m.Revert {
		l.Tap = "mail.notice.revert"
	}
	return l, nil
}

func (s *Set) alertLetter(b Brand, m AlertMessage) (*letter, error) {
	id := "alert." + m.Kind
	if !s.Has(id) {
		return nil, fmt.Errorf("templates: no alert of kind %q", m.Kind)
	}
	l := s.letter("alert", m.Lang, b)
	args := map[string]any{
		"Brand": l.Brand, "Channel": line(m.Channel), "Where": line(m.Where), "Sent": m.Sent, "Entered": m.Entered,
		"Until": s.dated("moment.until", l.Lang, m.Until, m.Zone),
	}
	l.Subject, l.Notice, l.Happened = s.Text(l.Lang, "alert.subject", args), s.Text(l.Lang, id, args), s.Text(l.Lang, "alert.until", args)
	return l, nil
}

func (s *Set) letter(name, lang string, b Brand) *letter {
	if s.texts.known[lang] == nil {
		lang = s.brand.DefaultLang
	}
	// Nobody knows whether the mail program is light or dark, so the button stands out from both.
	colour := s.colour
	if b.Accent != s.brand.Accent {
		colour = paint(b.Accent)
	}
	button := colour.light.Button.until(3, white, colour.dark.Page)
	return &letter{set: s, name: name, Lang: lang, Brand: line(b.Name), Button: template.CSS(button.String()), ButtonInk: template.CSS(button.ink().String())}
}

// moment is a date and time with its zone, for people: the server's clock is of no use to them.
func (s *Set) moment(lang string, t time.Time, zone string) string {
	return s.dated("moment", lang, t, zone)
}

// dated is a moment in one of the forms that sentences need.
func (s *Set) dated(id, lang string, t time.Time, zone string) string {
	t = local(t, zone)
	return s.Text(lang, id, map[string]any{
		"Day": t.Day(), "Month": s.Text(lang, "month."+strconv.Itoa(int(t.Month())), nil), "Year": t.Year(),
		"Clock": t.Format("15:04"), "Zone": t.Format("MST"),
	})
}

// local is t in an IANA zone; UTC when there is no such zone.
func local(t time.Time, zone string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return t.In(loc)
}

// line makes one line of a text: a line break in a subject would begin a header of its own, and one in a body could
// forge the origin-bound last line.
func line(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

// browser keeps what a browser's name needs. The text comes from a request, so it may name no address that a mail
// program would turn into a link.
func browser(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ,()-", r) {
			return r
		}
		return -1
	}, s)
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60])
	}
	return strings.TrimSpace(s)
}

// address is an IP address, or nothing.
func address(s string) string {
	ip, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return ip.WithZone("").Unmap().String()
}
