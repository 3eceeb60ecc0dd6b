package templates

import "fmt"

// letterAccount is one account of a mailbox, as the message says it.
type letterAccount struct {
	Says string
	URL  string
}

// linkLetter names each account of the mailbox with its own link; one without a password says how to get in instead.
func (s *Set) linkLetter(b Brand, m LinkMessage) (*letter, error) {
	id := "mail.link." + m.Kind
	if !s.Has(id) || !s.Has(id+".subject") {
		return nil, fmt.Errorf("templates: no link of kind %q", m.Kind)
	}
	l := s.letter("link", m.Lang, b)
	l.Notice, l.Ignore = s.Text(l.Lang, id, nil), s.Text(l.Lang, "mail.link.ignore", nil)
	if m.Kind == "invitation" {
		l.Ignore = s.Text(l.Lang, "mail.link.unexpected", nil) // there is no former password, and somebody else asked
	}
	l.Subject = s.Text(l.Lang, id+".subject", map[string]any{"Brand": l.Brand})
	for _, a := range m.Accounts {
		says, args := "mail.link.account", map[string]any{"Username": line(a.Username)}
		if a.URL == "" {
			var titles []string
			for _, t := range a.Providers {
				titles = append(titles, line(t))
			}
			says, args["Providers"] = "mail.link.social", s.texts.list(l.Lang, "list.and", titles)
		}
		l.Accounts = append(l.Accounts, letterAccount{s.Text(l.Lang, says, args), a.URL})
		if a.URL != "" && l.Valid == "" {
			until := local(m.Until, m.Zone)
			l.Valid = s.Text(l.Lang, "mail.link.valid", map[string]any{"Count": m.Minutes, "Clock": until.Format("15:04"), "Zone": until.Format("MST")})
			if m.Kind == "invitation" { // days
				l.Valid = s.Text(l.Lang, "mail.link.until", map[string]any{"On": s.dated("moment.on", l.Lang, m.Until, m.Zone)})
			}
		}
	}
	if l.Valid == "" {
		l.Ignore = "mail.link.unexpected" // none of the accounts has a password
	}
	l.Asked = s.Text(l.Lang, "mail.asked", map[string]any{"Panel": "", "On": s.dated("moment.on", l.Lang, m.At, m.Zone), "Browser": browser(m.Browser), "IP": address(m.IP)})
	return l, nil
}
