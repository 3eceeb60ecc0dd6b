package notify

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"github.com/soglia-sso/soglia/mailaddress"
)

// maxSubject bounds the subject, in characters.
const maxSubject = 200

// compose makes the mail. Whatever stands in the fields, it is one message to one recipient (F11): no header takes a line
// break.
func (s *smtpDriver) compose(d Delivery, to mailaddress.Address) *mail.Msg {
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&netmail.Address{Name: s.name, Address: s.from.String()})
	msg.ToMailAddress(&netmail.Address{Address: to.String()})
	msg.Subject(oneLine(d.Subject))
	msg.SetMessageIDWithValue(d.ID + "@" + s.from.Domain) // the same at every try, so that a doubled mail can be recognised
	msg.SetDateWithValue(d.Created)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetBodyString(mail.TypeTextPlain, d.Text)
	if d.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, d.HTML)
	}
	return msg
}

// recipient takes a bare address and nothing else: no display name, no list, no group, no comment. Whoever filed it checked
// it by the same rule.
func recipient(to string) (mailaddress.Address, error) {
	a, err := mailaddress.Parse(to)
	if err != nil {
		return a, fmt.Errorf("%w: recipient is not one mail address", ErrRefused)
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
