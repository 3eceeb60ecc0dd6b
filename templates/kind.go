package templates

import "fmt"

// kind is what a page's type decides: its file, the data-step of its <main>, the id of its heading's text and the id
// of the heading itself (protocol.md §4: stable ids for automated browsers).
type kind struct {
	file    string // html/<file>.html
	step    string
	title   string
	words   bool   // the title is in a method's words, see Set.words
	method  string // of the title; "" = in general ones
	heading string
	icon    string // "" = none
	fixed   bool   // a language link would lose what the page holds
}

// kindOf is the table of pages.
func kindOf(page any) (kind, error) {
	switch p := page.(type) {
	case *SignIn:
		title := "signin.title"
		if p.Fixed {
			title = "signin.title_again"
		}
		return kind{file: "signin", step: "login", title: title, heading: "login-title"}, nil
	case *CodePage:
		k := kind{file: "code", step: "otp", title: "code.title", words: true, method: p.Method, heading: "page-title", icon: p.Icon}
		switch {
		case p.Paused:
			k.title, k.words = "code.title_paused", false
		case p.Unsent:
			k.title, k.words = "code.title_unsent", false
		}
		return k, nil
	case *SendPage:
		return kind{file: "send", step: "send", title: "send.title", heading: "page-title", icon: "shield"}, nil
	case *Consent:
		return kind{file: "consent", step: "consent", title: "consent.title", heading: "page-title", icon: "shield"}, nil
	case *AskContact:
		return kind{file: "contact", step: "contact", title: "contact.title", heading: "page-title", icon: "mail"}, nil
	case *Connect:
		return kind{file: "connect", step: "connect", title: "connect.title", heading: "login-title"}, nil
	case *EnrolStart:
		return kind{file: "enrolstart", step: "enrol", title: "enrol.title", words: true, method: p.only(), heading: "page-title", icon: "phone"}, nil
	case *EnrolKey:
		return kind{file: "enrolkey", step: "enrol_" + p.Method, title: "key.title", words: true, method: p.Method, heading: "page-title", icon: "phone"}, nil
	case *RecoveryStart:
		return kind{file: "recoverystart", step: "recovery", title: "recovery.title", heading: "page-title", icon: "key"}, nil
	case *RecoveryCodes:
		return kind{file: "recoverycodes", step: "recovery_codes", title: "recovery.title", heading: "page-title", icon: "key", fixed: true}, nil
	case *Forgot:
		if p.Sent {
			return kind{file: "forgot", step: "forgot_sent", title: "forgot.sent_title", heading: "page-title", icon: "mail"}, nil
		}
		return kind{file: "forgot", step: "forgot", title: "forgot.title", heading: "page-title", icon: "key"}, nil
	case *SetPassword:
		return kind{file: "setpassword", step: "set_password", title: "setpassword.title", heading: "page-title", icon: "key"}, nil
	case *PasswordSet:
		return kind{file: "passwordset", step: "password_set", title: "passwordset.title", heading: "page-title", icon: "check"}, nil
	case *ChangePassword:
		if p.Sent {
			return kind{file: "changepassword", step: "change_password_sent", title: "forgot.sent_title", heading: "page-title", icon: "mail"}, nil
		}
		return kind{file: "changepassword", step: "change_password", title: "changepassword.title", heading: "page-title", icon: "key"}, nil
	case *NotMe:
		if p.Done {
			return kind{file: "notme", step: "not_me_done", title: "notme.done_title", heading: "page-title", icon: "check"}, nil
		}
		return kind{file: "notme", step: "not_me", title: "notme.title", heading: "page-title", icon: "shield"}, nil
	case *SignOut:
		if p.Confirm {
			return kind{file: "signout", step: "logout", title: "signout.title", heading: "page-title", icon: "door"}, nil
		}
		return kind{file: "signout", step: "logged_out", title: "signout.done_title", heading: "logged-out", icon: "check"}, nil
	case *Failure:
		return kind{file: "failure", step: "error", title: "title.error", heading: "page-title", icon: "warning"}, nil
	case *Leave:
		return kind{file: "leave", step: "leave", title: "leave.title", heading: "page-title", fixed: true}, nil
	case *FormPost:
		return kind{file: "formpost", step: "form_post", title: "leave.title", heading: "page-title", fixed: true}, nil
	case *Support:
		return kind{file: "support", step: "support", title: "support.title", heading: "page-title", icon: "help"}, nil
	case *HomeInfo:
		return kind{file: "home", step: "home", title: "home.title", heading: "page-title"}, nil
	}
	if k, ok := accountKind(page); ok {
		return k, nil
	}
	return kind{}, fmt.Errorf("templates: %T is no page", page)
}
