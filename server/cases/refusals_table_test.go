package cases

import "strings"

// kind is what a route hangs on, which decides how it refuses.
type kind string

const (
	onRequest kind = "step"    // one request of one browser
	onSession kind = "inside"  // a session
	onCode    kind = "code"    // a sent code, and the request or the session that it was sent in
	onLink    kind = "mailed"  // the secret of a mailed link, in a cookie
	onPanel   kind = "client"  // a panel's credentials
	onToken   kind = "bearer"  // an access token
	onEntry   kind = "entry"   // the parameters of whoever leads a browser here
	onNothing kind = "open"    // nothing
	begins    kind = "begins"  // nothing, and it stores the request that it begins
	onBytes   kind = "bytes"   // nothing, and nothing to say but always the same
	unlisted  kind = "unknown" // a route that somebody added: say what it is in [routes]
)

// routes says what each route of the server hangs on. There is none that is not here.
var routes = map[kind]string{
	onRequest: `/authorize/{id} /account/sign-in/{id} /login/{id} /login/{id}/forgot /login/{id}/social/{provider} /login/{id}/password /login/{id}/code
		/login/{id}/send /login/{id}/way /login/{id}/enrol /login/{id}/enrol/confirm /login/{id}/enrol/code /login/{id}/enrol/send
		/login/{id}/enrol/way /login/{id}/enrol/cancel /login/{id}/recovery
		/login/{id}/recovery/confirm /login/{id}/contact /login/{id}/contact/code /login/{id}/contact/send
		/login/{id}/contact/way /login/{id}/contact/cancel /login/{id}/connect /login/{id}/connect/apart /login/{id}/skip /login/{id}/cancel
		/login/{id}/consent /login/{id}/again /login/{id}/leave`,
	onSession: `/account /account/profile /account/profile/edit /account/activity /account/activity/not-me /account/logins /account/logins/link /account/logins/unlink /account/factors /account/factors/enrol /account/factors/enrol/confirm /account/factors/cancel
		/account/factors/new /account/factors/every /account/factors/enrol/code /account/factors/enrol/send /account/factors/enrol/way /account/factors/enrol/cancel
		/account/factors/{factor}/channel /account/factors/{factor}/channel/code /account/factors/{factor}/channel/send
		/account/factors/{factor}/channel/cancel /account/factors/{factor}/swap /account/factors/{factor}/swap/cancel
		/account/factors/{factor}/swap/enrol /account/factors/{factor}/swap/enrol/confirm /account/factors/{factor}/swap/enrol/code
		/account/factors/{factor}/swap/enrol/send /account/factors/{factor}/swap/enrol/way /account/factors/{factor}/swap/enrol/cancel
		/account/number /account/number/cancel /account/number/notices /account/number/enrol /account/number/enrol/code /account/number/enrol/send
		/account/number/enrol/way /account/number/enrol/cancel
		/account/contacts/new /account/contacts/{contact} /account/contacts/{contact}/primary /account/contacts/{contact}/codes
		/account/contacts/{contact}/remove /account/contacts/{contact}/settle /account/email /account/email/code /account/email/send
		/account/email/way /account/email/cancel
		/account/factors/recovery /account/factors/recovery/confirm /account/factors/{factor}/remove /account/sessions
		/account/sessions/end /account/sessions/others /account/sessions/everywhere /account/panels /account/panels/revoke
		/account/confirm/{action} /account/confirm/{action}/code /account/confirm/{action}/send /account/confirm/{action}/way
		/account/confirm/{action}/cancel`,
	onCode:    `/login/{id}/delivery/{code} /account/delivery/{code}`,
	onLink:    `/password/reset /not-me /contacts/revert`,
	onPanel:   `/token /introspect /revoke`,
	onToken:   `/userinfo /api/people /api/people/{external_id}`,
	onEntry:   `/authorize /end_session /callback/{provider}`,
	onNothing: `/{$} /login /support /help /forgot /password /password/done /account/door /end_session/confirm /end_session/done`,
	begins:    `/account/sign-in`,
	onBytes:   `/.well-known/openid-configuration /.well-known/oauth-authorization-server /jwks /api/openapi.json /static/`,
}

// kindOf finds a pattern in [routes]. Static files have their hash in their names.
func kindOf(pattern string) kind {
	if strings.HasPrefix(pattern, "/static/") {
		pattern = "/static/"
	}
	for k, list := range routes {
		for _, each := range strings.Fields(list) {
			if each == pattern {
				return k
			}
		}
	}
	return unlisted
}

// refused says how each kind answers whom it refuses: any of the answers between bars. A kind that is not named does not
// refuse.
var refused = map[string]map[kind]string{
	"no cookie": {
		onRequest: "403 other_browser", onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead", onPanel: "401 invalid_client", onToken: "401 invalid_token|401",
	},
	"cookies that are none of ours": {
		onRequest: "403 other_browser", onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead", onPanel: "401 invalid_client", onToken: "401 invalid_token|401",
	},
	"another browser, somebody signed in":                {onRequest: "403 other_browser", onCode: "404 not_found"},
	"the session without the browser it is in":           {onRequest: "403 other_browser", onCode: "404 not_found"},
	"a made-up request":                                  {onRequest: "410 session_expired", onCode: "404 not_found"},
	"a finished request":                                 {onRequest: "410 already_finished", onCode: "404 not_found"},
	"an expired request":                                 {onRequest: "410 session_expired", onCode: "404 not_found"},
	"an expired session":                                 {onRequest: "410 session_expired", onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead"},
	"a quarantine, and the request of a session":         {onRequest: "403 other_browser", onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead"},
	"the secrets of a quarantine as those of a session":  {onRequest: "403 other_browser", onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead"},
	"the secret of a session as that of everything else": {onRequest: "403 other_browser", onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead"},
	"a session as an access token":                       {onCode: "404 not_found", onPanel: "401 invalid_client", onToken: "401 invalid_token|401"},
	"a session that was signed out":                      {onCode: "404 not_found", onSession: toSignIn, onLink: "410 link_dead"},
}

// Whoever is not signed in is led to where a sign-in begins; only there is anything written.
const toSignIn = "302 /account/sign-in|303 /account/sign-in"
