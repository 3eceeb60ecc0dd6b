package certification_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
)

// claims are the lines of the plan Basic about userinfo.
var claims = []line{
	{"userinfo by GET", func(t *try) {
		got := t.signs()
		status, info := t.userinfo(got.access)
		if status != http.StatusOK || info["sub"] != got.claims["sub"] {
			t.Errorf("%d %v", status, info)
		}
	}},
	{"userinfo by POST, the token in the header", func(t *try) {
		got := t.signs()
		status, _, info := call(t.T, http.MethodPost, metadata(t.T)["userinfo_endpoint"].(string), nil, bearer(got.access))
		if status != http.StatusOK || info["sub"] != got.claims["sub"] {
			t.Errorf("%d %v", status, info)
		}
	}},
	{"userinfo by POST, the token in the body", func(t *try) {
		got := t.signs()
		status, _, info := call(t.T, http.MethodPost, metadata(t.T)["userinfo_endpoint"].(string), url.Values{"access_token": {got.access}}, nil)
		if status != http.StatusOK || info["sub"] != got.claims["sub"] {
			t.Errorf("%d %v", status, info)
		}
	}},
	{"scope profile opens all of its claims", func(t *try) {
		t.opens("profile", "name given_name family_name middle_name nickname profile picture website gender birthdate zoneinfo locale updated_at preferred_username")
	}},
	{"scope email opens all of its claims", func(t *try) { t.opens("email", "email email_verified") }},
	{"scope address opens its claim", func(t *try) { t.opens("address", "address") }},
	{"scope phone opens all of its claims", func(t *try) { t.opens("phone", "phone_number phone_number_verified") }},
	{"all scopes at once open all of their claims", func(t *try) {
		t.opens("profile email address phone", "name given_name family_name middle_name nickname profile picture website gender birthdate zoneinfo locale"+
			" updated_at preferred_username email email_verified address phone_number phone_number_verified")
	}},
	{"claims asks for name: it is in userinfo and not in the ID token", func(t *try) {
		got := t.signs("claims", `{"userinfo":{"name":{"essential":true}}}`)
		_, info := t.userinfo(got.access)
		if name, _ := info["name"].(string); name == "" || got.claims["name"] != nil {
			t.Errorf("userinfo %v, ID token %v", info, got.claims)
		}
	}},
}

// opens looks whether scopes open exactly these claims, with the values of the person's file.
func (t *try) opens(scopes, names string) {
	t.Helper()
	got := t.signs("scope", "openid "+scopes)
	status, info := t.userinfo(got.access)
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, info)
	}
	text, err := os.ReadFile("../../examples/certification.json")
	var said map[string]any
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"sub": true}
	for name := range strings.FieldsSeq(names) {
		want[name] = true
		switch value, there := info[name]; {
		case !there:
			t.Errorf("userinfo lacks %s", name)
		case said[name] != nil && name != "phone_number" && !reflect.DeepEqual(value, said[name]):
			t.Errorf("%s is %v, want %v", name, value, said[name])
		}
	}
	for name := range info {
		if !want[name] {
			t.Errorf("userinfo has %s, too", name)
		}
	}
}

// encoded is a part of a JWT.
func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
