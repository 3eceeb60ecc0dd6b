package stepup

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

func TestParseChallenge(t *testing.T) {
	step := &Challenge{Error: "insufficient_user_authentication", Description: "A second step.", AcrValues: []string{"mfa"}, MaxAge: 300 * time.Second, HasMaxAge: true, Scopes: []string{"dns"}}
	const text = `Bearer error="insufficient_user_authentication", error_description="A second step.", acr_values="mfa", max_age="300", scope="dns"`
	for what, c := range map[string]struct {
		header []string
		want   *Challenge // nil: an error
	}{
		"ours":                           {[]string{text}, step},
		"among others in one line":       {[]string{`Basic realm="a, b=c", Negotiate YWJj=, ` + text + `, DPoP algs="ES256"`}, step},
		"among other lines":              {[]string{`Basic realm=x`, text, `Negotiate`}, step},
		"other letters and spaces":       {[]string{`  ,bEARER  Error = "insufficient_user_authentication" ,, ERROR_DESCRIPTION="A second step.",acr_values=mfa,max_age=300 , scope=dns,`}, step},
		"unknown parameters":             {[]string{text + `, resource_metadata="https://a.test/x", x=y`}, step},
		"no token":                       {[]string{`Bearer realm="a"`}, &Challenge{}},
		"nothing":                        {[]string{`Bearer`}, &Challenge{}},
		"always anew":                    {[]string{`Bearer error="insufficient_user_authentication", max_age="0"`}, &Challenge{Error: "insufficient_user_authentication", HasMaxAge: true}},
		"quoted pairs":                   {[]string{`Bearer error="x", error_description="say \"a\\b\""`}, &Challenge{Error: "x", Description: `say "a\b"`}},
		"several":                        {[]string{`Bearer error=x, acr_values=" phr  mfa "`}, &Challenge{Error: "x", AcrValues: []string{"phr", "mfa"}}},
		"none":                           {nil, nil},
		"another scheme":                 {[]string{`Basic realm="Bearer"`}, nil},
		"two":                            {[]string{text + ", " + text}, nil},
		"two lines":                      {[]string{text, text}, nil},
		"a parameter twice":              {[]string{text + `, acr_values="sfa"`}, nil},
		"twice in other letters":         {[]string{text + `, ACR_VALUES="sfa"`}, nil},
		"no end of the quotes":           {[]string{`Bearer error="x`}, nil},
		"an escape at the end":           {[]string{`Bearer error="x\`}, nil},
		"no comma":                       {[]string{`Bearer error="x" scope="y"`}, nil},
		"no scheme":                      {[]string{`error="x"`}, nil},
		"no value":                       {[]string{`Bearer error=, scope="y"`}, nil},
		"a line break":                   {[]string{"Bearer error=\"x\n\""}, nil},
		"max_age below zero":             {[]string{`Bearer error=x, max_age="-1"`}, nil},
		"max_age with a sign":            {[]string{`Bearer error=x, max_age="+1"`}, nil},
		"max_age as a fraction":          {[]string{`Bearer error=x, max_age="1.5"`}, nil},
		"max_age that is empty":          {[]string{`Bearer error=x, max_age=""`}, nil},
		"max_age beyond all time":        {[]string{`Bearer error=x, max_age="9999999999999999999999"`}, nil},
		"a level with a quote":           {[]string{`Bearer error=x, acr_values="m\"fa"`}, nil},
		"a level with a letter of ours":  {[]string{`Bearer error=x, acr_values="mfà"`}, nil},
		"a word behind the scheme":       {[]string{`Bearer YWJj`}, nil},
		"something else behind a scheme": {[]string{`Bearer "x"`}, nil},
	} {
		got, err := ParseChallenge(http.Header{"Www-Authenticate": c.header})
		if (err == nil) != (c.want != nil) || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", what, got, err, c.want)
		}
	}
	if _, err := ParseChallenge(nil); !errors.Is(err, ErrNoChallenge) {
		t.Error(err)
	}
}

func TestTheNextAuthorizationRequest(t *testing.T) {
	conf := &oauth2.Config{ClientID: "panel", Endpoint: oauth2.Endpoint{AuthURL: iss + "/authorize"}, Scopes: []string{"openid", "profile"}}
	for text, want := range map[string]url.Values{
		`Bearer error="insufficient_user_authentication", acr_values="phr mfa", max_age="300", scope="dns openid"`: {"acr_values": {"phr mfa"}, "max_age": {"300"}, "scope": {"openid profile dns"}},
		`Bearer error="insufficient_user_authentication", max_age=0`:                                               {"max_age": {"0"}, "scope": {"openid profile"}},
		`Bearer error="insufficient_scope", scope="billing"`:                                                       {"scope": {"openid profile billing"}},
		`Bearer`: {"scope": {"openid profile"}},
	} {
		c, err := ParseChallenge(http.Header{"Www-Authenticate": {text}})
		if err != nil {
			t.Fatal(err)
		}
		if c.StepUp() != strings.Contains(text, "insufficient") {
			t.Errorf("%s: step-up %v", text, c.StepUp())
		}
		u, err := url.Parse(conf.AuthCodeURL("state", c.AuthCodeOptions(conf.Scopes...)...))
		if err != nil {
			t.Fatal(err)
		}
		got := u.Query()
		for _, name := range []string{"acr_values", "max_age", "scope"} {
			if !reflect.DeepEqual(got[name], want[name]) {
				t.Errorf("%s: %s is %q, want %q", text, name, got[name], want[name])
			}
		}
	}
}

// Whatever stands in the header: no panic, nothing but plain words taken from it, and what we write we read.
func FuzzParseChallenge(f *testing.F) {
	for _, s := range []string{
		`Bearer error="insufficient_user_authentication", error_description="A \"b\"", acr_values="mfa phr", max_age="300", scope="dns"`,
		`Basic realm="a, b=c", Negotiate YWJj=, Bearer`, `Bearer realm = x ,, y="z"`, `Bearer a="`, "mfa",
	} {
		f.Add(s, "mfa", int64(600))
	}
	f.Fuzz(func(t *testing.T, header, level string, age int64) {
		c, err := ParseChallenge(http.Header{"Www-Authenticate": {header}})
		if (c == nil) != (err != nil) {
			t.Fatalf("%+v, %v", c, err)
		}
		if c != nil {
			for _, w := range append(c.AcrValues, c.Scopes...) {
				if !plain(w) {
					t.Errorf("%q is no plain word", w)
				}
			}
			if c.MaxAge < 0 || c.MaxAge > 0 && !c.HasMaxAge {
				t.Errorf("max_age %v %v", c.MaxAge, c.HasMaxAge)
			}
			u, err := url.Parse((&oauth2.Config{Endpoint: oauth2.Endpoint{AuthURL: iss}}).AuthCodeURL("s", c.AuthCodeOptions("openid")...))
			if err != nil || u.Host != "sso.example.test" || u.Query().Get("state") != "s" {
				t.Errorf("%v, %v", u, err)
			}
		}
		if !plain(level) || age < 1 || age > maxAgeLimit {
			return
		}
		q := newRequirement(level, []Requirement{MaxAge(time.Duration(age) * time.Second), Scope(level)})
		back, err := ParseChallenge(http.Header{"Www-Authenticate": {`Basic realm="x"`, q.challenge(errLevel, iss)}})
		if err != nil || back.AcrValues[0] != level || back.Scopes[0] != level || back.MaxAge != q.maxAge || back.Error != errLevel.code {
			t.Errorf("%s: %+v, %v", q.challenge(errLevel, iss), back, err)
		}
	})
}
