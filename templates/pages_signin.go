package templates

import "slices"

// SignIn is the first step: identifier and password on one page, social buttons below.
type SignIn struct {
	Page
	Username  string // kept after a wrong password, or login_hint
	Fixed     bool   // re-authentication of a known person: the user name is shown, not asked
	Password  bool   // false: only providers
	Providers []ProviderButton
	Reason    string // acr.Reason, why a signed-in person is asked again; "" = none
	RetryIn   int    // seconds until the next try; 0 = now
	Remember  bool   // offers "remember me" (field "remember")
}

func (p *SignIn) kind() kind {
	title := "signin.title"
	if p.Fixed {
		title = "signin.title_again"
	}
	return kind{file: "signin", step: "login", title: title, heading: "login-title"}
}

// ProviderButton is a social provider on the sign-in page. Its form posts to Request + "/social/" + Name.
// Type is its kind in the YAML, for its mark.
type ProviderButton struct{ Name, Title, Type string }

// CodePage asks for a code: from the app, or sent to a contact.
type CodePage struct {
	Page
	Method      string // acr.Method; Icon, Sent and Digits are its facts
	Icon        string
	Sent        bool     // the code is a sent one
	Digits      bool     // the code is digits
	Destination string   // masked; "" where none is sent
	Reason      string   // acr.Reason, or "connect": a social login waits for this account's second step
	Areas       []string // titles of the sensitive scopes, in the page's language
	Holds       string   // "session", or how long: minutes ("15") or a duration ("15m0s")
	Minutes     int      // validity of a sent code
	ResendIn    int      // seconds until "send again" is allowed; 0 = now
	Capped      bool     // because the contact gets no more codes for now: the page says what else there is
	Held        bool     // Capped, and not because this person asked for many
	Others      []Way    // "another way"
	Enrol       []string // methods that can be switched on instead
	FirstSocial bool     // a social login that never proved a second step waits for it
	Next        bool     // FirstSocial: from the next sign-in on it is enough
	Provider    string   // title of the social provider, for FirstSocial and "connect"
	Offer       bool     // "continue without"
	Typed       bool     // the destination was typed a moment ago, and belongs to nobody yet
	Gone        string   // id of the text that says why no code counts here, so that the page has no field for one; "" = one does
	Delivery    Delivery // what is known of the way of the code
	Way         string   // hidden field "way" of the code, resend and enrol forms: which of the person's ways this page is about
	Wanted      string   // method that can be switched on after the code, where that was asked for; "" = none was
	Removes     string   // method that a swap takes away: its own code is asked for first
	Keep        string   // … page on which another one is switched on and that one kept
	Confirms    string   // a number waits for this code: "factor" = that switches it on, "contact" = that only verifies it; "" = none does
	Every       bool     // … and the form asks whether a code is wanted at every sign-in (field "every")
	Then        string   // hidden field "then" of the forms: "enrol" goes on to switching the app on
	Connect     string   // FirstSocial: page on which an account that exists already may be connected instead; "" = none
}

func (p *CodePage) kind() kind {
	k := kind{file: "code", step: "otp", title: "code.title", words: true, method: p.Method, icon: p.Icon, holds: p.Holds, way: p.Way}
	switch {
	case p.Gone != "":
		k.title, k.words = "code.title_gone", false
	case p.Confirms != "":
		k.title, k.words = "number.title", false
	case p.Removes != "":
		k.title, k.words = "code.title_removes", false
	case p.Wanted != "":
		k.titles = []string{"code.title_next." + p.Wanted, "code.title_next.code"}
	}
	return k
}

// First is the way that stands first, because the code does not arrive by the page's own; nil = none does.
func (p *CodePage) First() *Way {
	for i := range p.Others {
		if p.Delivery.OtherFirst && p.Others[i].Next {
			return &p.Others[i]
		}
	}
	return nil
}

// Rest are the other ways that do not stand first.
func (p *CodePage) Rest() []Way {
	first := p.First()
	return slices.DeleteFunc(slices.Clone(p.Others), func(w Way) bool { return first != nil && w == *first })
}

// Refused is the error of a code that opened nothing.
func (p *CodePage) Refused() *FormError {
	if p.Gone != "" {
		return &FormError{Text: p.Gone, Args: map[string]any{"Destination": p.Destination}}
	}
	return WrongCode()
}

// TooSoon is the error of who asks for another code before its time.
func (p *CodePage) TooSoon() *FormError {
	text := TooSoon(p.Capped)
	if p.Held {
		text = Held
	}
	return &FormError{Text: text, Args: map[string]any{"Seconds": p.ResendIn, "Others": len(p.Others) > 0}}
}

// AskContact asks a newcomer from a social provider for an address to verify: POST Request + "/contact", field "email". It
// also leads to Connect, whether or not there is an account to connect.
type AskContact struct {
	Page
	Provider string
	Address  string   // kept after a mistake
	Connect  string   // page on which an account that exists already may be connected instead
	Enrol    []string // methods that can be switched on instead: totp
}

func (*AskContact) kind() kind {
	return kind{file: "contact", step: "contact", title: "contact.title", icon: "mail"}
}

// Connect asks for user name and password of the account that a social login is to be connected to: POST Request +
// "/connect". Unless Closed, an account of its own is made all the same by POST Request + "/connect/apart".
type Connect struct {
	Page
	Provider string
	Closed   bool   // nobody was made for the login, and nobody will be: the page says what else to do
	Username string // kept after a wrong password
	RetryIn  int    // seconds until the next try; 0 = now
}

func (*Connect) kind() kind {
	return kind{file: "connect", step: "connect", title: "connect.title", heading: "login-title"}
}

// Way is another way to complete the step. Its form posts field "way" to Request + "/way".
type Way struct {
	Value       string // opaque
	Method      string
	Destination string // masked
	Next        bool   // the channel that stands first when the code does not arrive by the page's own
}
