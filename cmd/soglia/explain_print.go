package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/server"
	"github.com/soglia-sso/soglia/session"
)

// printExplained prints the explanation for people: what is demanded, what the session holds, what the person has, and what comes
// next; where there is no session, the same after each way to sign in.
func printExplained(w io.Writer, q server.Question, now server.Explained, ahead []server.Explained) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at %s%s\n%s\n\n", q.Person.Username, q.Client.ID, asked(q), stay(q))
	if err := oneExplained(&b, now); err != nil {
		return err
	}
	for _, next := range ahead {
		e := next.Events[0].Event
		fmt.Fprintf(&b, "\n--- after a sign-in by %s, in a browser that is not known ---\n\n", named(e.Method, e.Provider))
		if err := oneExplained(&b, next); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// asked are the parameters of the request.
func asked(q server.Question) string {
	out := ", scope " + strings.Join(q.Scopes, " ")
	if len(q.AcrValues) > 0 {
		out += ", acr_values " + strings.Join(q.AcrValues, " ")
	}
	if q.MaxAge != nil {
		out += ", max_age " + q.MaxAge.String()
	}
	if len(q.Prompt) > 0 {
		out += ", prompt " + strings.Join(q.Prompt, " ")
	}
	return out
}

// stay is the session in a line.
func stay(q server.Question) string {
	s := q.Session
	switch {
	case q.Person.Disabled:
		return "locked (soglia user unlock): no session counts, and no sign-in succeeds"
	case s == nil:
		return "no session"
	}
	line := fmt.Sprintf("session %s since %s, last seen %s, ends %s", s.ID, when(s.Created), when(s.LastSeen), when(s.IdleUntil))
	for _, more := range []string{s.IP, session.Agent(s.UserAgent)} {
		if more != "" {
			line += ", " + more
		}
	}
	return line
}

func oneExplained(b *strings.Builder, x server.Explained) error {
	rows := [][]string{{"DEMANDED", "BY", "LEVEL", "WITHIN", "IS", "WHY"}}
	for _, r := range x.Rules {
		rows = append(rows, []string{demand(r), orDash(by(r)), orDash(r.Level), within(r.MaxAge), string(r.State), r.Reason.Words()})
	}
	if err := table(b, rows); err != nil {
		return err
	}
	if len(x.Events) > 0 {
		rows = [][]string{{"PROVED", "AT", "GOOD FOR", "UNTIL", "WHY NOT MORE"}}
		for _, e := range x.Events {
			rows = append(rows, []string{named(e.Event.Method, e.Event.Provider), when(e.Event.At), orDash(e.Level), end(e.Level, e.Until), orDash(e.Flaw.Words())})
		}
		b.WriteString("\n")
		if err := table(b, rows); err != nil {
			return err
		}
	}
	if x.Step != "" {
		b.WriteString("\n")
		if err := table(b, waysRows(x)); err != nil {
			return err
		}
	}
	fmt.Fprintf(b, "\n%s\n", next(x))
	return nil
}

// demand is the rule's name. One that is named after what is missing has another name while nothing is.
func demand(r acr.Rule) string {
	if r.Reason == acr.ReasonNoSession {
		return "sign_in"
	}
	return string(r.Reason)
}

// by is whose demand a rule is, with the level's names as the panel spelled them.
func by(r acr.Rule) string { return strings.TrimSpace(r.Of + " " + strings.Join(r.Names, " ")) }

func within(d time.Duration) string {
	if d == 0 {
		return "-"
	}
	return strings.TrimSuffix(d.String(), "0s")
}

// end is when an event is good for its level no longer.
func end(level string, t time.Time) string {
	if level != "" && t.IsZero() {
		return "the session ends"
	}
	return when(t)
}

// waysRows are what the person has for the step.
func waysRows(x server.Explained) [][]string {
	rows := [][]string{{"FOR " + x.Step, "TO", "SERVES", "UNTIL", "WHY NOT"}}
	serves := "yes"
	if x.Opens {
		serves = "to switch on " + methods(x.Enrol)
	}
	for _, o := range x.Ways {
		rows = append(rows, []string{named(o.Method, o.Provider), orDash(o.Address), serves, "-", "-"})
	}
	for _, o := range x.Withheld {
		rows = append(rows, []string{named(o.Method, o.Provider), orDash(o.Address), "no", when(o.Until), o.Why.Words()})
	}
	if len(x.Enrol) > 0 && !x.Opens {
		rows = append(rows, []string{methods(x.Enrol), "-", "can be switched on", "-", "-"})
	}
	if len(rows) == 1 {
		rows = append(rows, []string{"nothing", "-", "-", "-", "-"})
	}
	return rows
}

func methods(all []acr.Method) string {
	var out []string
	for _, m := range all {
		out = append(out, string(m))
	}
	return strings.Join(out, " or ")
}

// next is the outcome and the page.
func next(x server.Explained) string {
	d := &x.Decision
	why := ""
	for _, r := range x.Rules {
		if r.Because {
			why = fmt.Sprintf(", because of %s: %s", strings.TrimSpace(demand(r)+" "+by(r)), r.Reason.Words())
		}
	}
	switch d.Outcome {
	case acr.Refused:
		if x.Page != "" {
			return fmt.Sprintf("next: the page %q, for want of %s; from there the panel is answered %s%s", x.Page, strings.Join(d.Lacks, " "), d.Error, why)
		}
		return "next: no page, the panel is answered " + d.Error + why
	case acr.Satisfied:
		g := d.Granted
		gets := fmt.Sprintf("the panel gets acr %s, scope %s", g.Acr(), cmp.Or(strings.Join(g.Scopes(), " "), "-"))
		if x.Asked.Client == config.Account.ID {
			gets = "the account area opens"
		}
		if x.Page != "" {
			return fmt.Sprintf("next: the page %q, for what the panel wants to know; then %s", x.Page, gets)
		}
		return "next: no page, " + gets
	}
	text := fmt.Sprintf("next: the page %q", x.Page)
	if d.Offer {
		text += ", which can be left out"
	}
	return text + why
}
