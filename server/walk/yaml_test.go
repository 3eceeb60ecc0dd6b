package walk

import (
	"maps"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/config"
)

// yaml is what the operator's file says now, as far as the walk changes it.
type yaml struct {
	cooling        time.Duration
	idle, absolute time.Duration
	preferred      bool          // independent: preferred
	always         bool          // every_sign_in: when_enrolled
	closed         bool          // registration
	remember       time.Duration // remember_me; 0 = off
	lasts          time.Duration
	floors         map[string]bool // scopes that want mfa
	age            map[string]time.Duration
	clients        map[string]*client
}

// client is what the file says of a panel.
type client struct {
	gone    bool
	scopes  []string
	require bool // require_acr: mfa
	public  bool
	unmet   string
}

func (c *client) may(scope string) bool { return !c.gone && slices.Contains(c.scopes, scope) }

var floored = []string{"billing", "dns", "payments"}

func newYAML() yaml {
	all := append([]string{"openid", "profile", "email", "offline_access"}, floored...)
	return yaml{
		cooling: 24 * time.Hour, idle: time.Hour, absolute: 12 * time.Hour,
		floors: map[string]bool{"billing": true, "dns": true, "payments": true},
		age:    map[string]time.Duration{"payments": 15 * time.Minute},
		clients: map[string]*client{
			"panel":  {scopes: all, unmet: "drop"},
			"panel2": {scopes: slices.Clone(all), unmet: "step_up"},
			"public": {scopes: slices.Clone(all), unmet: "step_up", public: true},
			"offers": {scopes: slices.Clone(all), unmet: "offer"},
			"vault":  {scopes: slices.Clone(all), unmet: "step_up", require: true},
		},
	}
}

var redirects = map[string]string{
	"panel": "https://panel.example.test/cb", "panel2": "https://dns.partner.test/cb", "public": "https://app.example.test/cb",
	"offers": "https://offers.example.test/cb", "vault": "https://vault.example.test/cb",
}

// write puts it into the file.
func (y *yaml) write(f *config.File) {
	f.Sessions.Idle, f.Sessions.Absolute = y.idle, y.absolute
	f.Sessions.RememberMe = config.DurationOrOff(y.remember)
	f.SecondFactor.Independent, f.SecondFactor.EverySignIn = "required", "when_chosen"
	if y.preferred {
		f.SecondFactor.Independent = "preferred"
	}
	if y.always {
		f.SecondFactor.EverySignIn = "when_enrolled"
	}
	f.Limits.WrongPasswordsFree, f.Limits.WrongPasswordsPerIP = 1000, 100_000
	f.Limits.FactorFailures, f.Limits.RequestsPerBrowser, f.Limits.RequestsPerIP, f.Limits.ResetsPerHour = 1000, 10_000, 100_000, 1000
	many := map[string]int{"sms": 100, "whatsapp": 100} // the pace of messages is not what is walked here
	f.Factors.Codes.PerHour.ByChannel, f.Factors.Codes.PerDay = many, many
	for i := range f.Acr {
		if f.Acr[i].Name == "mfa" {
			f.Acr[i].Lasts = config.SessionOrDuration(y.lasts)
		}
	}
	scopes := maps.Clone(f.Scopes)
	for _, name := range floored {
		s := scopes[name]
		s.Acr, s.MaxAge = "", 0
		if y.floors[name] {
			s.Acr, s.MaxAge = "mfa", y.age[name]
		}
		scopes[name] = s
	}
	f.Scopes = scopes
	template := f.Clients[0]
	f.Clients = nil
	for _, id := range slices.Sorted(maps.Keys(y.clients)) {
		c := y.clients[id]
		if c.gone {
			continue
		}
		n := template
		n.ID, n.Name, n.RedirectURIs, n.Scopes = id, id, []string{redirects[id]}, slices.Clone(c.scopes)
		n.OnUnmet = config.OnUnmet{All: c.unmet}
		n.PostLogoutRedirectURIs, n.Introspect = nil, config.Introspect{All: id == "panel"}
		if c.require {
			n.RequireAcr = "mfa"
		}
		if c.public {
			n.Public, n.Secret = true, nil
		}
		f.Clients = append(f.Clients, n)
	}
	f.Registration = &config.FileRegistration{Mode: "open", PeopleAPI: true}
	if y.closed {
		f.Registration.Mode = "closed"
	}
	f.Clients = append(f.Clients, config.FileClient{
		ID: "crm", Secret: template.Secret, Grants: []string{"client_credentials"}, Scopes: []string{"people.read", "people.write"},
		PKCE: template.PKCE, AcrValues: template.AcrValues,
	})
}
