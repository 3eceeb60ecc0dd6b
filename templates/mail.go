package templates

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
)

func (s *Set) parseMails() error {
	s.mails, s.plain = map[string]*template.Template{}, map[string]*texttemplate.Template{}
	for _, name := range []string{"code", "notice", "link", "alert"} {
		h, err := template.ParseFS(files, "mail/frame.html", "mail/"+name+".html")
		if err != nil {
			return fmt.Errorf("templates: %w", err)
		}
		t, err := texttemplate.ParseFS(files, "mail/"+name+".txt")
		if err != nil {
			return fmt.Errorf("templates: %w", err)
		}
		s.mails[name], s.plain[name] = h, t
	}
	return nil
}

// mail is a message with a subject, once as plain text and once as a page.
func (s *Set) mail(l *letter) (Message, error) {
	l.Heading = strings.TrimSuffix(l.Subject, " – "+l.Brand)
	var text, html bytes.Buffer
	if err := s.plain[l.name].Execute(&text, l); err != nil {
		return Message{}, fmt.Errorf("templates: %w", err)
	}
	if err := s.mails[l.name].ExecuteTemplate(&html, l.name, l); err != nil {
		return Message{}, fmt.Errorf("templates: %w", err)
	}
	return Message{Subject: line(l.Subject), Text: text.String(), HTML: html.String()}, nil
}
