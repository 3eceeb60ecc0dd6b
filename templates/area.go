package templates

// Area is what the pages of the account area have besides what every page has: the menu, and a way back to the panel.

// PanelLink leads back to the panel that a person came from.
type PanelLink struct{ Name, URL string }

// place is an entry of the menu of the account area.
type place struct {
	ID, Path string
	Title    string // id of a text
	Step     string // data-step of its page
	Below    bool   // a section of the one before that is not
}

var places = []place{
	{ID: "to-account", Path: "/account", Title: "account.title", Step: "account"},
	{ID: "to-factors", Path: "/account/factors", Title: "account_factors.place", Step: "account_factors", Below: true},
	{ID: "to-sessions", Path: "/account/sessions", Title: "account_sessions.place", Step: "account_sessions", Below: true},
	{ID: "to-activity", Path: "/account/activity", Title: "account_activity.place", Step: "account_activity", Below: true},
	{ID: "to-logins", Path: "/account/logins", Title: "account_logins.title", Step: "account_logins", Below: true},
	{ID: "to-panels", Path: "/account/panels", Title: "account_panels.place", Step: "account_panels", Below: true},
	{ID: "to-profile", Path: "/account/profile", Title: "account_profile.title", Step: "account_profile"},
}

// MenuPlace is a place with whether this page is it.
type MenuPlace struct {
	place
	Current bool
}

// Area tells a page of the account area from one that asks one thing.
func (v *view) Area() bool { return v.kind.area }

// Body is the class of the page's body.
func (v *view) Body() string {
	switch {
	case v.kind.area:
		return "area"
	case v.kind.wide:
		return "wide"
	}
	return ""
}

// Places are the entries of the menu.
func (v *view) Places() (list []MenuPlace) {
	for _, p := range places {
		list = append(list, MenuPlace{p, p.Step == v.kind.place || p.Step == v.kind.step})
	}
	return list
}

// Place is the text of the entry that this page belongs to.
func (v *view) Place() string {
	for _, p := range v.Places() {
		if p.Current {
			return p.Title
		}
	}
	return v.Title
}
