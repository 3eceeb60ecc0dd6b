package templates

import (
	"fmt"
	"strings"

	"github.com/soglia-sso/soglia/gsm7"
)

// about is what a short message may leave out.
type about struct {
	Brand, Panel, Phone string
	Areas               []string
}

// sms is a text message: one segment of the GSM alphabet, by which it is paid. Where that is too little, it leaves out the names
// of areas and panel or the telephone number, then the brand, whose host stands in a code's last line. A host so long that
// even then nothing fits is warned of when the configuration is checked; its messages have two segments.
func (s *Set) sms(l *letter) (Message, error) {
	all := about{Brand: gsm7.Plain(l.Brand), Panel: gsm7.Plain(l.panel), Phone: gsm7.Plain(l.phone)}
	for _, area := range l.areas {
		area = gsm7.Plain(area)
		if area == "" {
			all.Areas = nil
			break
		}
		all.Areas = append(all.Areas, area)
	}
	var said Message
	for _, a := range []about{all, {Brand: all.Brand}, {}} {
		var err error
		said, err = s.short(l, a)
		if err != nil {
			return Message{}, err
		}
		said.Text = typewritten.Replace(said.Text)
		if gsm7.One(said.Text) {
			break
		}
	}
	return said, nil
}

// typewritten puts what our own words have and the alphabet lacks.
var typewritten = strings.NewReplacer("’", "'")

// chat is a message as WhatsApp shows it: there it has room.
func (s *Set) chat(l *letter) (Message, error) {
	if l.name != "code" {
		return Message{}, fmt.Errorf("templates: no %s is said by WhatsApp", l.name)
	}
	return s.short(l, about{Brand: l.Brand, Panel: l.panel, Areas: l.areas})
}

// short is a message of a few words, without a subject or a link.
func (s *Set) short(l *letter, a about) (Message, error) {
	switch l.name {
	case "code":
		text := s.Text(l.Lang, "short.code", map[string]any{"Code": l.Code, "Brand": a.Brand, "For": s.shortPurpose(l, a), "Count": l.minutes})
		// The last line binds the code to our origin, so that a phone offers it on our pages only
		// (https://wicg.github.io/sms-one-time-codes/).
		return Message{Text: text + "\n@" + l.Host + " #" + l.Code}, nil
	case "notice":
		id := "short.notice." + l.kind
		if !s.Has(id) {
			return Message{}, fmt.Errorf("templates: no short notice of kind %q", l.kind)
		}
		happened := s.Text(l.Lang, id, map[string]any{"Brand": a.Brand})
		return Message{Text: s.Text(l.Lang, "short.notice", map[string]any{"Happened": happened, "Phone": a.Phone})}, nil
	}
	return Message{}, fmt.Errorf("templates: no %s is said to a number", l.name)
}

func (s *Set) shortPurpose(l *letter, a about) string {
	id := "short.for." + l.purpose
	switch {
	case len(l.areas) > 0:
		id = "short.for.areas"
	case !s.Has(id) || l.purpose == "areas":
		id = "short.for.login"
	}
	return s.Text(l.Lang, id, map[string]any{"Areas": s.texts.list(l.Lang, "list.and", a.Areas), "Panel": a.Panel})
}
