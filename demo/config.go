package demo

import (
	"bytes"
	"fmt"
	"time"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/examples"
	"github.com/soglia-sso/soglia/notify"
	"github.com/soglia-sso/soglia/secret"
)

// socialProvider is the name of the demo's social provider at the sign-in server.
const socialProvider = "social"

// keys are the throw-away secrets of one run.
type keys struct {
	sso, social string            // master keys
	clients     map[string]string // of the panel's registrations and of the sign-in server at the social provider
}

func newKeys() keys {
	return keys{sso: secret.New(""), social: secret.New(""), clients: map[string]string{
		panelClient: secret.New("sog_cs_"), plainClient: secret.New("sog_cs_"), socialProvider: secret.New("sog_cs_"), ownClient: secret.New("sog_cs_"),
	}}
}

// ownClient is the registration of a panel of the visitor's own (--client).
const ownClient = "my-panel"

// ssoConfig is examples/hosting.yaml with other addresses, storage, gateways, providers and clients. The policy is the
// file's own, but for the pace of messages; a test holds it equal. What this version cannot do yet is switched off and named.
func ssoConfig(o *origins, k keys, database, ownRedirect string, tune func(*config.File)) (*config.Config, error) {
	return config.Parse(examples.Hosting, config.Options{
		Dev: true, SwitchOff: true, Drivers: notify.Drivers(), Name: "hosting.yaml", Files: examples.Files,
		Overlay: func(f *config.File) {
			f.Issuer, f.Listen, f.Admin = o.SSO.URL, o.SSO.listener.Addr().String(), ""
			f.TrustedProxies, f.Include, f.TLS = nil, nil, nil
			f.Storage = config.FileStorage{URL: config.Secret("sqlite:" + database)}
			f.Secrets.MasterKey = config.Secret(k.sso)
			f.Channels = inTheOutbox()
			f.Providers = map[string]config.FileProvider{socialProvider: {
				Type: "oidc", Name: "Social demo", Issuer: o.Social.URL,
				ClientID: "sso", ClientSecret: config.Secret(k.clients[socialProvider]), Reauth: "local",
			}}
			f.Clients = panelClients(o, k, ownRedirect)
			f.Home = panelClient
			paceless(f)
			if tune != nil {
				tune(f)
			}
		},
	})
}

// inTheOutbox are the channels: whatever leaves is shown on the outbox page.
func inTheOutbox() config.FileChannels {
	return config.FileChannels{
		Email: &config.FileGateway{Driver: "outbox"}, SMS: []config.FileGateway{{Driver: "outbox", Name: "sms"}},
		WhatsApp: &config.FileGateway{Driver: "outbox", Name: "whatsapp"},
	}
}

// paceless lets codes be sent again at once. Their pace keeps mailboxes from being filled, and bills; here there are none, and
// whoever repeats the walk would wait for a minute, and after ten codes for an hour.
func paceless(f *config.File) {
	const many = 10_000
	c, toll := f.Factors.Codes, &f.Limits.Toll
	c.ResendAfter = time.Second
	c.PerHour, c.PerDay = config.PerChannel{All: many}, map[string]int{"email": many, "sms": many, "whatsapp": many}
	for _, caps := range []*config.FileTollCaps{&toll.SMS, &toll.WhatsApp} {
		*caps = config.FileTollCaps{
			PerHour: many, PerDay: many, AccountPerHour: many, AccountPerDay: many, CountryPerHour: many, CountryPerDay: many,
			PrefixPerHour: many, PrefixPerDay: many, AccountsPerNumber: many,
		}
	}
	toll.Breaker.Codes = many
}

// panelClients are the two registrations of the demo panel, and the visitor's own.
func panelClients(o *origins, k keys, ownRedirect string) []config.FileClient {
	scopes := []string{"openid", "profile", "email", "offline_access"}
	for _, a := range areas {
		scopes = append(scopes, a.Scope)
	}
	client := func(id, name string) config.FileClient {
		return config.FileClient{
			ID: id, Name: name, Secret: config.ClientSecrets{{Secret: config.Secret(k.clients[id])}}, Scopes: scopes,
			RedirectURIs: []string{o.Panel.URL + "/callback"}, InitiateLoginURI: o.Panel.URL + "/login",
			PostLogoutRedirectURIs: []string{o.Panel.URL + "/signed-out"},
		}
	}
	knows := client(panelClient, "Area Clienti")
	knows.OnUnmet = config.OnUnmet{All: "drop"}
	plain := client(plainClient, "Area Clienti")
	plain.OnUnmet = config.OnUnmet{All: "step_up"}
	list := []config.FileClient{knows, plain}
	if ownRedirect != "" {
		own := client(ownClient, "My panel")
		own.RedirectURIs, own.InitiateLoginURI, own.PostLogoutRedirectURIs = []string{ownRedirect}, "", nil
		own.PKCE = "optional" // whatever the panel can do: this is for trying out
		list = append(list, own)
	}
	return list
}

// socialConfig is the social provider's.
func socialConfig(o *origins, k keys, database string) (*config.Config, error) {
	yaml, err := assets.ReadFile("assets/social.yaml")
	if err != nil {
		return nil, err
	}
	return config.Parse(bytes.TrimSpace(yaml), config.Options{
		Dev: true, Drivers: notify.Drivers(), Name: "social.yaml",
		Overlay: func(f *config.File) {
			f.Issuer, f.Listen = o.Social.URL, o.Social.listener.Addr().String()
			f.Storage = config.FileStorage{URL: config.Secret("sqlite:" + database)}
			f.Secrets.MasterKey = config.Secret(k.social)
			f.Clients[0].Secret = config.ClientSecrets{{Secret: config.Secret(k.clients[socialProvider])}}
			f.Clients[0].RedirectURIs = []string{fmt.Sprintf("%s/callback/%s", o.SSO.URL, socialProvider)}
			f.Clients[0].InitiateLoginURI = o.SSO.URL + "/"
		},
	})
}
