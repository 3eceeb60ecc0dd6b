package templates

import "fmt"

// short is a message without a subject, as a phone shows it: a text message, or one of WhatsApp.
func (s *Set) short(l *letter) (Message, error) {
	if l.name != "code" {
		return Message{}, fmt.Errorf("templates: no %s is said to a number", l.name)
	}
	text := s.Text(l.Lang, "short.code", map[string]any{"Code": l.Code, "Brand": l.Brand, "Minutes": l.Minutes})
	// The last line binds the code to our origin, so that a phone offers it on our pages only
	// (https://wicg.github.io/sms-one-time-codes/).
	return Message{Text: text + "\n\n@" + l.Host + " #" + l.Code}, nil
}
