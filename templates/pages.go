// Package templates owns what people see: layout, pages, messages by channel, texts in Italian and English, static files.
//
// It never queries and never decides: each page is a typed struct below, filled by a handler. It leaves routing, CSRF
// and headers to web.
//
// Easy to get wrong: a missing translation or a misspelt field. Every page has a fixture, and a test renders each in
// every language.
package templates

// Page is what every page has.
type Page struct {
	Lang    string // "it", "en"
	Title   string // id of a text; filled by the page's own default when empty
	Dev     bool   // the ribbon
	Step    string // data-step of <main>
	Error   *FormError
	Request string     // base path of the authorization request, "/login/{id}"; "" outside one
	Panel   string     // the panel's name; "" outside a request
	Ref     string     // reference number
	Home    string     // URL of the home panel
	From    *PanelLink // in the account area: the panel that the person came from; nil = none
	Shown   string     // tag of whom the page shows, which its forms send back (web.Site.Shown)
	Self    string     // path and query of this page, to which the language links add lang; "" = Request
}

// FormError is what was wrong with a form: shown as a summary on top with focus and a link to the field.
type FormError struct {
	Field string // id of the field; "" = none
	Text  string // id of a text
	Args  map[string]any
}

// WrongCode is the error of a code that opened nothing, in the words of the method that its page is about. Wrong, replayed,
// paused and disabled read the same: nobody may learn that a refused code was right.
func WrongCode() *FormError { return &FormError{Field: "otp", Text: "wrong_code"} }

// TooSoon is the text for who asks for another code before its time; capped: the contact gets no more of them for now.
func TooSoon(capped bool) string {
	if capped {
		return "resend_limit"
	}
	return "resend_wait"
}

// Held is the text for who gets no code for now, and not because of asking for many.
const Held = "resend_held"

// page is a page, by pointer. Each says its kind beside its fields.
type page interface {
	common() *Page
	kind() kind
}

func (p *Page) common() *Page { return p }

// kind is what the layout and the parts that pages share must know of a page (docs/conventions.md: stable ids for automated
// browsers).
type kind struct {
	file    string   // html/<file>.html
	step    string   // data-step of its <main>
	title   string   // id of its title
	titles  []string // ids that come before it, as far as there are such texts
	words   bool     // the title is in a method's words, see Set.words
	method  string   // of the title; "" = in general ones
	heading string   // id of the heading's element; "" = page-title
	icon    string   // "" = none
	failed  bool     // it reports an error; its title says so first
	wide    bool     // it is read, so its lines are longer
	area    bool     // it has the menu of the account area
	place   string   // step of the menu's entry that it belongs to; "" = its own
	leadsTo string   // URL to which it goes on by itself; "" = it stays
	leadsIn int      // after so many seconds
	holds   string   // CodePage.Holds
	way     string   // CodePage.Way

	// For the language links.
	fixed      bool // they would lose what the page holds
	ownAddress bool // it is not shown at Request
}
