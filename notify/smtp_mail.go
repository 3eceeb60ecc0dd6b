package notify

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
)

// maxSubject bounds the subject, in characters.
const maxSubject = 200

// compose makes the mail. Whatever stands in the fields, it is one message to one recipient (F11): the address must be
// nothing but an address, and no header takes a line break.
func (s *smtpDriver) compose(d Delivery) (*mail.Msg, error) {
	to, err := recipient(d.To)
	if err != nil {
		return nil, err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(to)
	msg.Subject(oneLine(d.Subject))
	_, domain, _ := strings.Cut(s.from.Address, "@")
	msg.SetMessageIDWithValue(d.ID + "@" + domain) // the same at every try, so that a doubled mail can be recognised
	msg.SetDateWithValue(d.Created)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetBodyString(mail.TypeTextPlain, d.Text)
	if d.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, d.HTML)
	}
	return msg, nil
}

// recipient takes a bare addr-spec and nothing else: no display name, no list, no group, no comment.
func recipient(to string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(to)
	if err != nil || a.Name != "" || a.Address != to || strings.ContainsFunc(to, unicode.IsControl) || len(to) > 254 {
		return nil, fmt.Errorf("%w: recipient is not one mail address", ErrRefused)
	}
	return a, nil
}

// oneLine makes a header value: line breaks and other controls become spaces.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if utf8.RuneCountInString(s) > maxSubject {
		s = string([]rune(s)[:maxSubject])
	}
	return s
}
