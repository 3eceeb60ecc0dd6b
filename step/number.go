package step

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/web"
)

// A number is switched on in two pages, which a browser may reload: one asks for it, the other for the code that went there. The
// second is the page of any sent code, whose ways are the channels that reach the number.

func isPhone(c *storage.Contact) bool { return c.Channel == "phone" }

// ownNumber is the number of one of the person's contacts, which need not be typed again; "" = there is no such one.
func ownNumber(cfg *config.Config, person *storage.Person, contact string) string {
	for _, c := range knownNumbers(cfg, person) {
		if c.ID == contact {
			return c.Canonical
		}
	}
	return ""
}

// Kinds are the offered methods as pages list them: a number once, by the first of its channels.
func Kinds(offered []acr.Method) []acr.Method {
	number := slices.IndexFunc(offered, acr.Method.ByPhone)
	var out []acr.Method
	for i, m := range offered {
		if !m.ByPhone() || i == number {
			out = append(out, m)
		}
	}
	return out
}

// numbering is a host in which a number waits for its code.
type numbering struct {
	Host
	begun   *mfa.Enrolment
	offered []acr.Method
}

func (n *numbering) Ways() []acr.Option {
	var out []acr.Option
	for _, m := range n.offered {
		if m.ByPhone() {
			out = append(out, acr.Option{Method: m, Credential: n.begun.FactorID, Address: n.begun.Address, Own: true, Independent: true})
		}
	}
	return out
}

func (n *numbering) way(m acr.Method) acr.Option {
	return acr.Option{Method: m, Credential: n.begun.FactorID, Address: n.begun.Address, Own: true}
}

func (n *numbering) By(r *http.Request, way acr.Option) string {
	return n.Host.Page(r).Request + "/enrol?way=" + url.QueryEscape(way.Way())
}

// Page has its forms under /enrol.
func (n *numbering) Page(r *http.Request) templates.Page {
	page := n.Host.Page(r)
	page.Request += "/enrol"
	page.Step = "enrol_code"
	return page
}

func (n *numbering) Dress(r *http.Request, page any) {
	n.Host.Dress(r, page)
	if page, ok := page.(*templates.CodePage); ok {
		page.Destination, page.Typed, page.Reason, page.Areas, page.Holds = shownNumber(page.Lang, n.begun.Address), true, "enrol", nil, ""
		page.FirstSocial, page.Next, page.Connect, page.Offer, page.Enrol, page.Wanted, page.Then = false, false, "", false, nil, "", ""
		page.Others = append(page.Others, templates.Way{Value: "new", Method: "number"})
		page.Confirms, page.Every = "factor", mayChooseEvery(n.Host)
		if n.At().Contact {
			page.Confirms, page.Every, page.Reason = "contact", false, "verify"
		}
		if slices.ContainsFunc(n.At().Current.Person.Contacts, func(c *storage.Contact) bool { return isPhone(c) && c.Canonical == n.begun.Address }) {
			page.Destination, page.Typed = mfa.Mask(n.begun.Address), false // it was chosen from those on file, and not typed
		}
	}
}

// NumberPage is the page that asks for a number: for one that the person has already, unless another is wanted or typed.
func (p *Pages) NumberPage(r *http.Request, h Host, m acr.Method) *templates.EnrolNumber {
	page := &templates.EnrolNumber{Page: h.Page(r), Method: string(m), Number: r.PostForm.Get("number")}
	if !r.PostForm.Has("number") && r.URL.Query().Get("number") != "new" {
		for _, c := range knownNumbers(h.At().Config, h.At().Current.Person) {
			if !h.At().Contact || c.VerifiedAt.IsZero() {
				page.Known = append(page.Known, templates.KnownNumber{ID: c.ID, Shown: mfa.Mask(c.Canonical)})
			}
		}
	}
	numberField(h.At().Config, r.PostForm, page)
	h.Dress(r, page)
	return page
}

func (p *Pages) numberPage(w http.ResponseWriter, r *http.Request, h Host, m acr.Method, status int, wrong *templates.FormError, question ...string) error {
	page := p.NumberPage(r, h, m)
	page.Error, page.Question = wrong, question
	if wrong != nil && len(page.Known) > 0 {
		page.Error.Field = ""
	}
	return p.Site.Render(w, r, status, page)
}

// ShowEnrolment shows what a browser may see again of an enrolment: the page that asks for a number, or for its code.
func (p *Pages) ShowEnrolment(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	if m := acr.Method(r.URL.Query().Get("method")); m.ByPhone() && slices.Contains(offered, m) {
		return p.numberPage(w, r, h, m, http.StatusOK, nil)
	}
	n, way, err := p.numbering(r, h, offered, r.URL.Query().Get("way"))
	if n == nil || err != nil {
		return again(w, r, h, err)
	}
	return p.show(w, r, n, way, *n.begun.Sent)
}

// numbering finds the begun enrolment of a way; nil when there is none (any more).
func (p *Pages) numbering(r *http.Request, h Host, offered []acr.Method, value string) (*numbering, acr.Option, error) {
	method, ticket, _ := strings.Cut(value, ":")
	m := acr.Method(method)
	if !m.ByPhone() || !slices.Contains(offered, m) {
		return nil, acr.Option{}, nil
	}
	begun, err := p.Factors.Pending(r.Context(), p.Store, enrolled(r, h, m, ticket))
	if err != nil || begun.Sent == nil {
		return nil, acr.Option{}, err
	}
	n := &numbering{h, begun, offered}
	return n, n.way(m), nil
}

// enrolled names what is being switched on.
func enrolled(r *http.Request, h Host, m acr.Method, ticket string) mfa.Question {
	q := h.Try(r).Question
	q.Method, q.Credential, q.Replaces = m, ticket, h.At().replaces()
	q.OnlyContact = h.At().Contact
	return q
}

// again answers where nothing waits to be confirmed.
func again(w http.ResponseWriter, r *http.Request, h Host, err error) error {
	if err == nil || errors.Is(err, mfa.ErrNoFactor) {
		return h.Again(w, r)
	}
	return err
}

// begin takes a number and sends a code there. Whose it is, is neither looked up nor told.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request, h Host, m acr.Method, offered []acr.Method) error {
	cfg := h.At().Config
	known := ownNumber(cfg, h.At().Current.Person, r.PostForm.Get("contact"))
	if !r.PostForm.Has("number") && known == "" {
		return web.Redirect(w, r, h.Page(r).Request+"/enrol?method="+url.QueryEscape(string(m)), http.StatusSeeOther)
	}
	number, question, wrong := known, []string(nil), (*templates.FormError)(nil)
	if known == "" {
		number, question, wrong = readNumber(cfg, r.PostForm)
	}
	if wrong != nil {
		return p.numberPage(w, r, h, m, http.StatusUnprocessableEntity, wrong, question...)
	}
	var e *mfa.Enrolment
	err := p.Store.Tx(r.Context(), func(db storage.Records) (err error) {
		if e, err = p.Factors.Enrol(r.Context(), db, enrolled(r, h, m, ""), number); err != nil {
			return err
		}
		return sent(r, h, acr.Option{Method: m})(db)
	})
	var wait *mfa.Wait
	if errors.As(err, &wait) {
		seconds := web.Seconds(wait.Until.Sub(h.At().Now))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		text := templates.TooSoon(wait.Limit != "resend")
		if wait.Held() {
			text = templates.Held
		}
		return p.numberPage(w, r, h, m, http.StatusTooManyRequests, &templates.FormError{
			Field: "number", Text: text, Args: map[string]any{"Seconds": seconds},
		})
	}
	if err != nil {
		return err
	}
	n := &numbering{h, e, offered}
	return web.Redirect(w, r, n.By(r, n.way(m)), http.StatusSeeOther)
}

// SendEnrolment sends another code to the number.
func (p *Pages) SendEnrolment(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	n, way, err := p.numbering(r, h, offered, form.Get("way"))
	if n == nil || err != nil {
		return again(w, r, h, err)
	}
	return p.sentAgain(w, r, n, way, *n.begun.Sent)
}

// ChooseEnrolment goes back to the page that asks for a number, or sends the code by another channel.
func (p *Pages) ChooseEnrolment(w http.ResponseWriter, r *http.Request, h Host, offered []acr.Method) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if at := slices.IndexFunc(offered, acr.Method.ByPhone); form.Get("way") == "new" && at >= 0 {
		return web.Redirect(w, r, h.Page(r).Request+"/enrol?number=new&method="+url.QueryEscape(string(offered[at])), http.StatusSeeOther)
	}
	return p.SendEnrolment(w, r, h, offered)
}

// provedNumber leaves a number that has just become a factor among the person's contacts, too.
func (p *Pages) provedNumber(r *http.Request, db storage.Records, h Host, m acr.Method, number string) error {
	at := h.At()
	rests, origin := at.Now.Add(at.Config.Policy.Cooling), p.origin(at)
	if at.Current.AcrPerson(at.Config).BornHere { // there is nothing yet that a fresh number could open
		rests, origin = time.Time{}, ""
	}
	added, err := p.AddPhone(r.Context(), db, at.Current.Person, number, origin, rests, at.Now)
	if err != nil || !added {
		return err
	}
	done := h.Event(r, audit.ContactDone, audit.OK, string(m))
	done.Detail = mfa.Detail(number)
	return db.Append(r.Context(), done)
}
