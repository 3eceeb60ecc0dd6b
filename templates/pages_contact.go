package templates

import "time"

// The pages about a person's own contacts, in the account area.

// AccountContact is an address, masked: whoever holds only the password learns none.
type AccountContact struct {
	ID          string
	Destination string
	Verified    bool
	Primary     bool
	NoCodes     bool      // no codes go there
	Notices     string    // of a number, whether security notices go there, too: on, off (POST /account/number/notices); "" = they cannot
	Rests       time.Time // until when no code there opens anything; zero = it does not rest
	Shortens    string    // who can let it settle earlier: you, desk; "" = nobody
}

// AccountContactPage is one contact, with what can be done to it: POST Request + "/primary", "/codes" (field "codes": on, off),
// "/remove", "/settle". Of each the text contact_stays.WHY says why it cannot; "" = it can.
type AccountContactPage struct {
	Page
	AccountContact
	Phone      bool
	NoPrimary  string
	NoCodesWhy string
	NoRemoval  string
	Zone       string
	Done       string // what just happened: primary, codes, settled; "" = nothing
}

func (*AccountContactPage) kind() kind {
	return kind{file: "accountcontact", step: "account_contact", title: "account_contact.title", area: true, place: "account_profile"}
}

// AccountNewContact is the choice between an address and a number.
type AccountNewContact struct {
	Page
	Full bool // there are as many as there may be
}

func (*AccountNewContact) kind() kind {
	return kind{file: "accountnewcontact", step: "account_new_contact", title: "account.add_contact", area: true, place: "account_profile"}
}

// AccountEmail asks for an address that is to be verified: POST Request, field "email".
type AccountEmail struct {
	Page
	Address string // kept after a mistake
}

func (*AccountEmail) kind() kind {
	return kind{file: "accountemail", step: "account_email", title: "account_email.title", area: true, place: "account_profile"}
}

// contactChange is one change on the page of a contact, as its form or the reason instead of it shows it.
type contactChange struct {
	*view
	Name string // primary, codes, remove
	Why  string // it cannot be made; "" = it can
	Off  bool   // of codes: none go there now
}

// Change shows a change of a contact.
func (v *view) Change(name, why string) contactChange {
	return contactChange{v, name, why, v.P.(*AccountContactPage).NoCodes}
}
