package config

import (
	"fmt"
	"slices"

	"github.com/soglia-sso/soglia/username"
)

// groups makes the groups and who is in them by the YAML's word.
func (b *builder) groups(c *Config) {
	c.Groups, c.Members = map[string]Group{}, map[string][]string{}
	var before []string
	for _, name := range sortedKeys(b.file.Groups) {
		f, path := b.file.Groups[name], "groups."+name
		twin := likeOne(before, name)
		switch {
		case !GroupName(name):
			b.mistakes.add(b.places.key(path), "", "group %q must have %s", name, GroupRule)
		case twin != "":
			b.mistakes.add(b.places.key(path), "", "group %q must not be written so: some programs take it for %q", name, twin)
		}
		before = append(before, name)
		if floor := b.level(path+".acr", f.Acr); floor != "" {
			b.policy.GroupFloors[name] = floor
		}
		c.Groups[name] = Group{Roles: b.roles(path+".roles", f.Roles)}
		b.members(c, path+".members", name, f.Members)
	}
}

func (b *builder) roles(path string, roles []string) []string {
	b.twice(path, roles)
	for i, role := range roles {
		if role != "" && !GroupName(role) {
			b.errorf(fmt.Sprintf("%s[%d]", path, i), "", "role %q must have %s", role, GroupRule)
		}
	}
	if len(roles) > MaxGroups {
		b.errorf(path, "", "a group has at most %d roles", MaxGroups)
	}
	out := slices.Clone(roles)
	slices.Sort(out)
	return out
}

// members notes who is named, in the form in which accounts keep user names.
func (b *builder) members(c *Config, path, group string, names []string) {
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", path, i)
		canonical, ok := username.Canonical(name)
		in := c.Members[canonical]
		switch {
		case name == "":
		case !ok:
			b.errorf(at, "", "member %q cannot be a user name: it has 1 to %d characters and no blanks", name, username.Max)
		case slices.Contains(in, group):
			b.errorf(at, "", "%q is in the list twice", name)
		case len(in) == MaxGroups:
			b.errorf(at, "", "member %q is in more than %d groups", name, MaxGroups)
		default:
			c.Members[canonical] = append(in, group) // sorted: groups come in the order of their names
		}
	}
}
