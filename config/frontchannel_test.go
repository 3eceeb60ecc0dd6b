package config

import (
	"strings"
	"testing"
)

func TestAFramesAddressIsTheOriginOfARedirectURI(t *testing.T) {
	const head = small + `branding: {support: {phone: "+39 0000 000000"}}
home: a
clients:
- {id: a, initiate_login_uri: "https://a.example/", secret: "${env:CLIENT_SECRET}", redirect_uris: ["https://a.example/cb", "https://b.example:8443/cb", "http://localhost:3000/cb"], `
	for uri, want := range map[string]string{
		"https://a.example/out":                "",
		"https://a.example:443/out?from=sso":   "",
		"https://A.example/out":                "",
		"https://b.example:8443/out":           "",
		"http://localhost:3000/out":            "", // a program under development, on this machine only
		"https://b.example/out":                "must have the scheme, host and port of a redirect URI",
		"https://www.a.example/out":            "must have the scheme, host and port of a redirect URI",
		"http://a.example/out":                 "is plain http to another machine",
		"https://a.example/out#x":              "has a fragment",
		"https://a.example/*":                  "has a wildcard",
		"https://u@a.example/out":              "holds a user name",
		"javascript:alert(1)":                  "has the scheme javascript",
		"/out":                                 "is relative",
		"https://a.example/out?sid=1":          "has iss or sid in its query",
		"https://a.example/out?x=1&iss=y":      "has iss or sid in its query",
		"https://a.example/out?x=1;y=2":        "has a query that cannot be read",
		"https://[::1]/out":                    "has an IPv6 address",
		"https://a.example;script-src%20'x'/o": "is not a URI",
		"https://a.example,b.example/out":      "has a host that is neither",
	} {
		c, err := parse(t, head+`frontchannel_logout_uri: "`+uri+"\"}\n", Options{})
		if want == "" && (err != nil || c.Clients["a"].FrontchannelLogoutURI != uri || len(c.Warnings) > 0) {
			t.Errorf("%s: %v", uri, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "client \"a\"") != 1) {
			t.Errorf("%s: %v, want %q", uri, err, want)
		}
	}

	c, err := parse(t, head+`backchannel_logout_uri: "https://a.example/back", frontchannel_logout_uri: "https://a.example/out"}`+"\n", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Clients["a"]; got.FrontchannelLogoutURI != "" || got.BackchannelLogoutURI == "" {
		t.Errorf("both count: %+v", got)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0].Message, "which alone counts") {
		t.Errorf("warnings %v", c.Warnings)
	}
}
