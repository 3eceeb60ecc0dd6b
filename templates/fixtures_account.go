package templates

import "time"

// accountFixtures are the pages of package account.
func accountFixtures(lang string) []Fixture {
	at := time.Date(2026, 11, 24, 17, 42, 0, 0, time.UTC)
	const rome = "Europe/Rome"
	in := func(path string) Page {
		return Page{Lang: lang, Request: path, Self: path, Ref: "7F3K-92QD", Home: "https://clienti.example.it/"}
	}
	from := in("/account")
	from.From = &PanelLink{"Area Clienti", "https://clienti.example.it/"}
	editWrong := in("/account/profile/edit")
	editWrong.Error = &FormError{Field: "birthdate", Text: "profile_wrong"}
	wrong := in("/account/factors/f1/remove")
	wrong.Error = &FormError{Field: "password", Text: "wrong_password"}
	swapWrong := in("/account/factors/f1/swap")
	swapWrong.Error = &FormError{Field: "password", Text: "wrong_password"}
	known := in("/account/email")
	known.Error = &FormError{Field: "email", Text: "contact_known"}
	alone := in("/account/contacts/c1")
	alone.Error = &FormError{Text: "contact_stays.mailbox"}
	scopes := []ConsentScope{{Name: "openid"}, {Name: "email"}, {Name: "dns", Title: "DNS"}}
	return []Fixture{
		{"signin-remember", SignIn{Page: Page{Lang: lang, Request: "/login/q7Fv2mXo", Panel: "Area Clienti", Ref: "7F3K-92QD"}, Password: true, Remember: true}},
		{"account-door", AccountDoor{Page: in("/account/door"), Go: "/account"}},
		{"account-door-removed", AccountDoor{Page: in("/account/door"), Done: "removed", Go: "/account/sign-in?to=factors"}},
		{"account-door-swapped", AccountDoor{Page: in("/account/door"), Done: "swapped", Method: "totp", Go: "/account/sign-in?to=codes"}},
		{"account-door-swapped-sms", AccountDoor{Page: in("/account/door"), Done: "swapped", Method: "sms", Go: "/account/sign-in?to=codes"}},
		{"account", AccountOverview{
			Page: from, Name: "Mario Rossi", Username: "mario.rossi", Password: true, Mailbox: "m•••@e•••.it", Factors: []string{"totp"}, Devices: 2,
			Previous: &AccountAccess{At: at, Zone: rome, IP: "203.0.113.7", Browser: "Firefox, Linux"},
		}},
		{"account-first", AccountOverview{Page: in("/account"), Username: "mario.rossi", Enrols: true, Contacts: true, Devices: 1, ContactRemoved: true}},
		{"account-profile", AccountProfile{
			Page: in("/account/profile"), Adds: true, Zone: rome, Done: "email",
			Contacts: []AccountContact{{ID: "c1", Destination: "m•••@e•••.it", Verified: true, Primary: true}, {ID: "c2", Destination: "••• ••• 567"},
				{ID: "c5", Destination: "r•••@p•••.it", Verified: true, Rests: at.Add(24 * time.Hour), Shortens: "you"},
				{ID: "c3", Destination: "••• ••• 890", Verified: true, Notices: "on"}, {ID: "c4", Destination: "••• ••• 321", Verified: true, NoCodes: true, Notices: "off"}},
			Details: []AccountDetail{{"name", "Mario Rossi"}, {"birthdate", "1980-05-17"}, {"address", "Via Roma 1, 00100 Roma RM, Italia"}, {"customer_number", "40217"}},
		}},
		{"account-edit", AccountEdit{Page: in("/account/profile/edit"), Version: 3, Fields: []AccountField{{"name", "Mario Rossi"}, {"birthdate", "1980-05-17"}, {"street_address", "Via Roma 1"}, {"postal_code", "00100"}, {"locality", "Roma"}, {"region", "RM"}, {"country", "Italia"}}}},
		{"account-edit-wrong", AccountEdit{Page: editWrong, Version: 3, Fields: []AccountField{{"name", "Mario Rossi"}, {"birthdate", "17 maggio"}}}},
		{"account-contact", AccountContactPage{Page: in("/account/contacts/c3"), Zone: rome, Phone: true, Done: "codes", AccountContact: AccountContact{ID: "c3", Destination: "••• ••• 890", Verified: true, NoCodes: true}, NoRemoval: "factor"}},
		{"account-contact-new", AccountContactPage{Page: in("/account/contacts/c5"), Zone: rome, AccountContact: AccountContact{ID: "c5", Destination: "r•••@p•••.it", Verified: true, Rests: at.Add(24 * time.Hour), Shortens: "you"}, NoPrimary: "rests"}},
		{"account-contact-only", AccountContactPage{Page: alone, Zone: rome, AccountContact: AccountContact{ID: "c1", Destination: "m•••@e•••.it", Verified: true, Primary: true}, NoCodesWhy: "last", NoRemoval: "mailbox"}},
		{"account-contact-on-file", AccountContactPage{Page: in("/account/contacts/c2"), Zone: rome, Phone: true, AccountContact: AccountContact{ID: "c2", Destination: "••• ••• 567", Rests: at.Add(24 * time.Hour), Shortens: "desk"}, NoPrimary: "unverified", NoCodesWhy: "alone", NoRemoval: "alone"}},
		{"account-new-contact", AccountNewContact{Page: in("/account/contacts")}},
		{"account-new-contact-full", AccountNewContact{Page: in("/account/contacts"), Full: true}},
		{"account-email", AccountEmail{Page: in("/account/email")}},
		{"account-email-known", AccountEmail{Page: known, Address: "mario@example.it"}},
		{"account-email-code", CodePage{Page: in("/account/email"), Method: "email", Icon: "mail", Sent: true, Digits: true, Destination: "nuovo@example.it", Typed: true, Reason: "verify_email", Minutes: 10, Delivery: Delivery{State: Queued}, ResendIn: 45, Way: "email:c9", Others: []Way{{Value: "new", Method: "contact"}}}},
		{"account-profile-empty", AccountProfile{Page: in("/account/profile")}},
		{"account-factors", AccountFactors{
			Page: in("/account/factors"), Zone: rome, Recovery: 8, RecoveryPaused: at.Add(time.Hour), Renew: true, Done: "renewed", Password: true, Contacts: true,
			Factors: []AccountFactor{{ID: "f1", Method: "totp", Created: at.Add(-1000 * time.Hour), LastUsed: at, Paused: at.Add(15 * time.Minute)}},
		}},
		{"account-factors-number", AccountFactors{
			Page: in("/account/factors"), Zone: rome, Recovery: 10, Renew: true, Done: "channel", Password: true, Contacts: true, Phone: true, PhoneVerified: true, Every: "off", Add: []string{"totp"},
			Factors: []AccountFactor{{ID: "f1", Method: "sms", Number: "••• ••• 567", Channels: []string{"sms"}, Channel: "whatsapp", Swap: "totp", Created: at.Add(-1000 * time.Hour), LastUsed: at}},
		}},
		{"account-factors-new", AccountFactors{Page: in("/account/factors"), Zone: rome, Phone: true, Add: []string{"totp", "sms"}, AddNumber: "sms", Password: true, Contacts: true}},
		{"account-number-code", CodePage{Page: in("/account/number/enrol"), Method: "sms", Icon: "message", Sent: true, Digits: true, Destination: "+39 333 123 4567", Typed: true, Reason: "verify", Confirms: "contact", Minutes: 10, Delivery: Delivery{State: Queued}, ResendIn: 45, Way: "sms:f2"}},
		{"account-channel", CodePage{Page: in("/account/factors/f2/channel"), Method: "whatsapp", Icon: "message", Sent: true, Digits: true, Destination: "••• ••• 567", Reason: "channel", Minutes: 10, Delivery: Delivery{State: Queued}, ResendIn: 45, Way: "whatsapp:f2"}},
		{"account-factors-off", AccountFactors{
			Page: in("/account/factors"), Zone: rome, Recovery: 1, Password: true, Contacts: true,
			Factors: []AccountFactor{{ID: "f1", Method: "totp", Created: at.Add(-1000 * time.Hour), LastUsed: at, Disabled: true}},
		}},
		{"account-factors-none", AccountFactors{Page: in("/account/factors"), Zone: rome, SentPaused: at.Add(15 * time.Minute), Add: []string{"totp"}, Password: true, Contacts: true}},
		{"account-new", AccountNew{Page: in("/account/factors"), Methods: []string{"sms", "totp"}}},
		{"account-swap-confirm", CodePage{Page: in("/account/confirm/swap.f1"), Method: "sms", Icon: "message", Sent: true, Digits: true, Destination: "••• ••• 567", Minutes: 10, Delivery: Delivery{State: Queued}, ResendIn: 60, Removes: "sms", Keep: "/account/factors/new", Way: "sms:f1"}},
		{"account-swap", AccountSwap{Page: in("/account/factors/f1/swap"), Method: "sms", To: []string{"totp"}, Keep: "/account/factors/new"}},
		{"account-swap-password", EnrolNumber{Page: swapWrong, Countries: countries(lang), Country: "IT", Method: "sms", Number: "+39 333 1234567", Password: true}},
		{"account-remove", AccountRemove{Page: in("/account/factors/f1/remove"), Method: "totp", Password: true, Contacts: true}},
		{"account-remove-wrong", AccountRemove{Page: wrong, Method: "totp", Password: true, Contacts: true}},
		{"account-remove-social", AccountRemove{Page: in("/account/factors/f1/remove"), Method: "totp", Contacts: true}},
		{"account-sessions", AccountSessions{Page: in("/account/sessions"), Zone: rome, Done: true, Sessions: []AccountSession{
			{ID: "s1", Current: true, Browser: "Firefox, Linux", IP: "203.0.113.7", Created: at, LastSeen: at, Methods: []string{"pwd", "totp"}},
			{ID: "s2", IP: "2001:db8::7", Created: at, LastSeen: at, Methods: []string{"social"}},
		}, Told: []AccountTold{
			{Panel: "Area Clienti", State: "sent", At: at}, {Panel: "Webmail", State: "queued"}, {Panel: "DNS", State: "failed"}, {Panel: "Statistiche", State: "nobody"}, {Panel: "Rubrica", State: "browser"},
		}}},
		{"account-sessions-one", AccountSessions{Page: in("/account/sessions"), Zone: rome, Sessions: []AccountSession{
			{ID: "s1", Current: true, Browser: "Safari, iOS", IP: "203.0.113.7", Created: at, LastSeen: at, Methods: []string{"pwd"}},
		}}},
		{"account-door-unlinked", AccountDoor{Page: in("/account/door"), Done: "unlinked", Go: "/account/sign-in?to=logins"}},
		{"account-logins", AccountLogins{Page: in("/account/logins"), Zone: rome, Logins: []AccountLogin{
			{ID: "l1", Provider: "Google", Address: "m•••@g•••.com", Since: at.Add(-900 * time.Hour), Proved: true}, {ID: "l2", Provider: "Google", Since: at},
		}, Add: []ProviderButton{{Name: "facebook", Title: "Facebook", Type: "facebook"}}}},
		{"account-logins-last", AccountLogins{Page: in("/account/logins"), Zone: rome, Logins: []AccountLogin{{ID: "l1", Provider: "Google", Address: "m•••@g•••.com", Since: at, Proved: true, Last: true}}}},
		{"account-logins-none", AccountLogins{Page: in("/account/logins"), Zone: rome, Add: []ProviderButton{{Name: "google", Title: "Google", Type: "google"}}}},
		{"account-activity", AccountActivity{Page: in("/account/activity"), Zone: rome, Days: 90, First: true, Next: "MTc2", Entries: []AccountEntry{
			{What: "session.new", At: at, IP: "203.0.113.7", Browser: "Firefox, Linux", Panel: "Area Clienti", Current: true},
			{What: "mfa.ok", Reason: "totp", Method: "totp", At: at, IP: "203.0.113.7", Browser: "Firefox, Linux", Panel: "Area Clienti", Current: true},
			{What: "authn.fail", Reason: "wrong", Key: "MTc2", At: at.Add(-time.Hour), IP: "2001:db8:85a3::8a2e:370:7334", Browser: "Chrome, Windows"},
			{What: "contact.removed", At: at.Add(-26 * time.Hour), Staff: true},
			{What: "factor.added", Reason: "totp", Method: "totp", Key: "MTc2", At: at.Add(-50 * time.Hour), IP: "203.0.113.7", Browser: "Firefox, Linux"},
			{What: "consent.given", Key: "MTc2", At: at.Add(-300 * time.Hour), IP: "203.0.113.7", Browser: "Firefox, Linux", Panel: "DNS Partner"},
		}}},
		{"account-not-me", AccountNotMe{Page: in("/account/activity/not-me"), Zone: rome}},
		{"account-not-me-entry", AccountNotMe{Page: in("/account/activity/not-me"), Zone: rome, Entry: &AccountEntry{What: "session.new", At: at, IP: "203.0.113.7", Browser: "Chrome, Windows", Panel: "Area Clienti", Key: "MTc2"}}},
		{"account-activity-none", AccountActivity{Page: in("/account/activity"), Zone: rome, Days: 90}},
		{"account-panels", AccountPanels{Page: in("/account/panels"), Zone: rome, Done: true, Panels: []AccountPanel{{ID: "dns", Name: "DNS Partner", Scopes: scopes, Since: at}}}},
		{"account-panels-none", AccountPanels{Page: in("/account/panels")}},
		{"account-confirm", CodePage{Page: in("/account/confirm/sessions"), Method: "totp", Icon: "phone", Digits: true, Reason: "account", Way: "totp:f1"}},
		{"account-confirm-profile", CodePage{Page: in("/account/confirm/profile"), Method: "totp", Icon: "phone", Digits: true, Reason: "profile", Way: "totp:f1"}},
	}
}
