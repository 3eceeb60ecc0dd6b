package tokens

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
)

func FuzzMembersOf(f *testing.F) {
	for _, object := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":"}","b":"\\","c":"\"}"}`, "{\"name\" :\n\t\"A \\\"b\\\"\" , \"x\":null}", `{"a":{"b":[1,{"c":"]}"}],"d":{}},"e":[[],[{}]],"f":-1.5e3}`,
		`{"a":true,"b":false,"n":null,"t":""}`, `{"ü":"ü","claims":{"groups":["a","b"],"x":"{"}}`, `[]`, `"{"`, `7`, `null`, ``,
	} {
		f.Add([]byte(object))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		var want map[string]json.RawMessage
		if !json.Valid(object) || bytes.ContainsRune(object, '\\') && bytes.Contains(object, []byte(`\u`)) {
			return // profileOf asks no further, and names are ours
		}
		if json.Unmarshal(object, &want) != nil {
			want = nil
		}
		got := map[string]string{}
		for _, m := range membersOf(nil, object) {
			if bytes.ContainsAny(m.name, "\\\xef") || !json.Valid(append(append([]byte{'"'}, m.name...), '"')) {
				return
			}
			got[string(m.name)] = string(m.value)
		}
		if len(got) != len(want) {
			t.Fatalf("%s: %q, want %q", object, got, want)
		}
		for name, v := range want {
			if got[name] != string(bytes.TrimSpace(v)) {
				t.Errorf("%s: %s is %q, want %q", object, name, got[name], v)
			}
		}
	})
}

// What is broken at rest breaks no answer: it is a person without these claims.
func TestABrokenProfileIsNone(t *testing.T) {
	names := []string{"name", "preferred_username", "plan", "claims", "nickname"}
	for profile, want := range map[string]string{
		``:                           `{"preferred_username":"anna"}`,
		`{"name":"Anna`:              `{"preferred_username":"anna"}`,
		`{"name":"Anna"}}`:           `{"preferred_username":"anna"}`,
		`["name","Anna"]`:            `{"preferred_username":"anna"}`,
		`{"claims":"plan"}`:          `{"preferred_username":"anna"}`,
		`{"claims":{"plan":"gold"}}`: `{"preferred_username":"anna","plan":"gold"}`,
		`{"name":"Anna","nickname":"","claims":{"plan":[]}}`: `{"name":"Anna","preferred_username":"anna"}`,
	} {
		m := PersonClaims(Object(0), &config.Config{}, &storage.Person{Username: "anna", Profile: []byte(profile)}, names, nil, nil)
		if got := string(m.End()); got != want {
			t.Errorf("%s: %s, want %s", profile, got, want)
		}
	}
}
