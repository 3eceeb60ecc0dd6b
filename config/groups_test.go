package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestGroupsAreChecked(t *testing.T) {
	var tooMany []string
	for i := range MaxGroups + 1 {
		tooMany = append(tooMany, fmt.Sprint("r", i))
	}
	for text, want := range map[string][]string{
		`{}`:          nil,
		`{staff: {}}`: nil,
		`{staff: {roles: [admin, dns:write], members: [anna, Berta, "ｃarla"]}, billing/it: {members: [anna]}}`: nil,
		`{all staff: {}}`:                           {`group "all staff" must have 1 to 100 letters`},
		`{"a,b": {}}`:                               {`group "a,b" must have`},
		`{staff: {}, Staff: {}}`:                    {`group "staff" must not be written so: some programs take it for "Staff"`},
		`{staff: {roles: [a b, a, a]}}`:             {`role "a b" must have`, `"a" is in the list twice`},
		`{staff: {members: [a b, "", Anna, anna]}}`: {`member "a b" cannot be a user name`, `members is empty`, `"anna" is in the list twice`},
		`{staff: {role: [a]}}`:                      {`unknown key "role" in staff`},
		`{staff: [anna]}`:                           {`staff must hold keys with values`},
		`{staff: {roles: [` + strings.Join(tooMany, ", ") + `]}}`: {`a group has at most 50 roles`},
		`{staff: {acr: mfa}, crew: {acr: sfa}}`:                   nil,
		`{staff: {acr: maf}}`:                                     {`unknown level "maf"`},
		`{staff: {acr: maf}}
second_factor: {contact_codes: never}
acr: [{name: sfa}, {name: maf, second: [email]}]`: {`level "maf": no configured factor can reach it`},
		`{staff: {acr: phr}}
acr: [{name: sfa}, {name: mfa, second: [totp]}, {name: phr}]`: {"`phr` is not available in this version", "level `phr` is not available in this version"},
	} {
		_, err := parse(t, small+"groups: "+text+"\n", Options{})
		got := heads(t, err)
		if len(got) != len(want) {
			t.Errorf("%.60s: %q, want %q", text, got, want)
			continue
		}
		for _, w := range want {
			if !slices.ContainsFunc(got, func(g string) bool { return strings.Contains(g, w) }) {
				t.Errorf("%.60s: %q, want %q", text, got, w)
			}
		}
	}
}

func TestGroupsOfAPersonAreThoseOfBothSources(t *testing.T) {
	c, err := parse(t, small+"groups: {staff: {roles: [dba, mail], members: [Anna, berta]}, admins: {roles: [root, dba], members: [anna]}}\n", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		kept          []string
		groups, roles string
	}{
		{"anna", nil, "admins staff", "dba mail root"},
		{"anna", []string{"staff", "x"}, "admins staff x", "dba mail root"},
		{"berta", []string{"Admins"}, "Admins staff", "dba mail"},
		{"carla", []string{"admins"}, "admins", "dba root"},
		{"carla", []string{"x"}, "x", ""},
		{"carla", nil, "", ""},
	} {
		groups := c.GroupsOf(tt.name, tt.kept)
		if got := strings.Join(groups, " "); got != tt.groups {
			t.Errorf("%s %v: %s", tt.name, tt.kept, got)
		}
		if got := strings.Join(c.RolesOf(groups), " "); got != tt.roles {
			t.Errorf("%s %v: roles %s", tt.name, tt.kept, got)
		}
	}
	if !slices.Equal(c.Members["anna"], []string{"admins", "staff"}) || !slices.Equal(c.Groups["staff"].Roles, []string{"dba", "mail"}) {
		t.Error("a question changed the configuration")
	}
	for name, want := range map[string]string{"Staff": "staff", "staff": "", "other": ""} {
		if got := c.MeantGroup(name); got != want {
			t.Errorf("%s is meant to be %q", name, got)
		}
	}
	if !c.PutsIntoGroups("anna") || c.PutsIntoGroups("carla") {
		t.Error("who is named")
	}
}
