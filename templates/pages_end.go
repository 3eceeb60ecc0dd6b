package templates

import "slices"

// SignOut asks "sign out?" (Confirm) or says it happened.
type SignOut struct {
	Page
	Confirm bool
	Code    string            // #error-code: what was wrong with the panel's request; "" = nothing
	Hidden  map[string]string // hidden fields of the form
	Back    string            // URL to go on to; "" = none
	Onward  bool              // it goes on to Back by itself, once the frames are loaded
	Frames  []string          // addresses of panels that are told by being loaded in a hidden frame; https, or http on this machine
}

func (p *SignOut) kind() kind {
	k := kind{file: "signout", step: "logged_out", title: "signout.done_title", heading: "logged-out", icon: "check"}
	if p.Confirm {
		k = kind{file: "signout", step: "logout", title: "signout.title", icon: "door"}
	}
	k.ownAddress = true // Request only takes the answer
	if p.Onward {
		k.fixed, k.leadsTo, k.leadsIn = true, p.Back, framesFor
	}
	return k
}

// framesFor is how many seconds a page with frames stays. A browser begins to count when they are all loaded, so this is for
// what they do after that.
const framesFor = 2

// Patience is how many seconds the script waits for the frames, in all: one that hangs would keep the page.
func (p *SignOut) Patience() int { return 2 * framesFor }

// Failure is an error page: text, reference number, machine-readable code.
type Failure struct {
	Page
	Code   string // #error-code
	Text   string // id of a text
	Args   map[string]any
	Status int
	Retry  string // URL; "" = none
	Back   string // URL of the sign-in page that is still open; "" = none
}

// Help reports whether nobody but the help desk can go on from here.
func (p *Failure) Help() bool {
	return slices.Contains([]string{"unreachable", "unmet_authentication_requirements", "cooling", "frozen", "cooling_helpdesk", "connect_unproved", "account_disabled", "no_mailbox"}, p.Text)
}

func (p *Failure) kind() kind {
	return kind{
		file: "failure", step: "error", title: "title.error", icon: "warning", failed: true,
		titles: []string{p.Title, "title." + p.Text, "title." + p.Code},
	}
}

// Stopped says why a panel that insists on scopes (require_scopes) does not open: POST Request + "/again" asks the person once
// more, POST Request + "/leave" goes back to the panel.
type Stopped struct {
	Page
	Code   string         // #error-code: the error that the panel gets
	Why    string         // acr.Reason: declined, consent, cooling, frozen; anything else = nothing that the person has would do
	Scopes []ConsentScope // what is missing
}

// stop holds the ids of what a stopped page says: its title, what is needed, why that is missing, and the button that asks
// again; "" = asking again would change nothing.
type stop struct{ Title, Lead, Then, Again string }

var stops = map[string]stop{
	"declined": {"stopped.title.declined", "stopped.lead", "stopped.then.declined", "stopped.again.declined"},
	"consent":  {"stopped.title.consent", "stopped.lead.consent", "stopped.then.consent", "stopped.again.consent"},
	"cooling":  {"title.cooling", "stopped.lead", "cooling", "failure.retry"},
	"frozen":   {"title.frozen", "stopped.lead", "frozen", "failure.retry"},
}

// Says are the words of Why.
func (p *Stopped) Says() stop {
	if s, ok := stops[p.Why]; ok {
		return s
	}
	return stop{Title: "title.unreachable", Lead: "stopped.lead", Then: "stopped.then.unreachable"}
}

// Help reports whether the help desk can mend it.
func (p *Stopped) Help() bool { return p.Says().Again == "" || p.Why == "cooling" || p.Why == "frozen" }

func (p *Stopped) kind() kind {
	return kind{file: "stopped", step: "stopped", title: p.Says().Title, icon: "warning", failed: true}
}

// Leave answers 200 with meta refresh and a link: the hop to the panel after a form (CSP form-action).
type Leave struct {
	Page
	URL string
}

func (p *Leave) kind() kind {
	return kind{file: "leave", step: "leave", title: "leave.title", fixed: true, leadsTo: p.URL}
}

// FormPost is OAuth 2.0 Form Post Response Mode: its only form is ours, its script external, a button works without.
type FormPost struct {
	Page
	Action string
	Fields [][2]string
}

func (*FormPost) kind() kind {
	return kind{file: "formpost", step: "form_post", title: "leave.title", fixed: true}
}

// Support tells how to reach the help desk. It is linked from every step of a sign-in, and needs none.
type Support struct {
	Page
	URL   string
	Phone string
}

func (*Support) kind() kind {
	return kind{file: "support", step: "support", title: "support.title", icon: "help"}
}
