package templates

import "time"

// Forgot asks for user name or e-mail. Sent is the answer, the same for whoever was meant.
type Forgot struct {
	Page
	Sent    bool
	Late    bool   // mails do not go out at the moment, to anybody
	Minutes int    // validity of the link
	Back    string // path of the sign-in page; "" = none
}

func (p *Forgot) kind() kind {
	if p.Sent {
		return kind{file: "forgot", step: "forgot_sent", title: "forgot.sent_title", icon: "mail"}
	}
	return kind{file: "forgot", step: "forgot", title: "forgot.title", icon: "key"}
}

// SetPassword sets a new password by a mailed link.
type SetPassword struct {
	Page
	Username string
	Min      int  // fewest characters
	First    bool // the person has none yet
}

func (p *SetPassword) kind() kind {
	k := kind{file: "setpassword", step: "set_password", title: "setpassword.title", icon: "key"}
	if p.First {
		k.title = "setpassword.first_title"
	}
	return k
}

// PasswordSet says that it was done.
type PasswordSet struct {
	Page
	First bool // it was the first one
}

func (p *PasswordSet) kind() kind {
	k := kind{file: "passwordset", step: "password_set", title: "passwordset.title", icon: "check"}
	if p.First {
		k.title = "passwordset.first_title"
	}
	return k
}

// ChangePassword offers the link by which somebody signed in changes the password; Sent is the answer.
type ChangePassword struct {
	Page
	Username string
	First    bool // the person has none yet
	Sent     bool
	Late     bool // mails do not go out at the moment
	Minutes  int
}

func (p *ChangePassword) kind() kind {
	if p.Sent {
		return kind{file: "changepassword", step: "change_password_sent", title: "forgot.sent_title", icon: "mail"}
	}
	k := kind{file: "changepassword", step: "change_password", title: "changepassword.title", icon: "key"}
	if p.First {
		k.title = "setpassword.first_title"
	}
	return k
}

// Revert asks whether to take a change of the contacts back, behind the link that tells of it; Done says that it was.
type Revert struct {
	Page
	Username string
	Hours    int    // for which an address that comes back rests
	Done     string // password: a new one can be had by mail; social: there is none; support: no mailbox takes a link now; "" = not yet
}

func (p *Revert) kind() kind {
	if p.Done != "" {
		return kind{file: "revert", step: "contact_revert_done", title: "revert.done_title", icon: "check"}
	}
	return kind{file: "revert", step: "contact_revert", title: "revert.title", icon: "shield"}
}

// NotMe asks whether to end everything, behind "it was not me"; Done says it happened.
type NotMe struct {
	Page
	Username string
	Password bool // the person has one
	Done     bool
	Until    time.Time // Done: what holds the account ends by itself then; zero = this browser is told no particulars
	Zone     string
	Ways     []Way // … and what ends it at once
}

func (p *NotMe) kind() kind {
	if p.Done {
		return kind{file: "notme", step: "not_me_done", title: "notme.done_title", icon: "check"}
	}
	return kind{file: "notme", step: "not_me", title: "notme.title", icon: "shield"}
}
