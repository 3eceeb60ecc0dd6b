package config

import (
	"regexp"
	"slices"
	"strings"
)

// Group is one that the YAML describes; its floor is in the policy (acr.Policy.GroupFloors). What only accounts say to be in is no more than a name: panels may read it.
type Group struct {
	Roles []string // sorted
}

// MaxGroups is how many groups an account can be put into, and how many roles a group can have: they stand in tokens.
const MaxGroups = 50

// groupName has no blank, comma or quote: panels hand lists of groups on in headers and variables, and one name must not
// become two there, of which another one gives rights.
var groupName = regexp.MustCompile(`^[A-Za-z0-9._~:/#@+-]{1,100}$`)

// GroupRule says in words what GroupName demands.
const GroupRule = "1 to 100 letters, digits and . _ ~ : / # @ + -"

// GroupName reports whether s can be the name of a group, or a role.
func GroupName(s string) bool { return groupName.MatchString(s) }

// MeantGroup is the group of the YAML that a name differs from in case only; "" = there is none, or it is this very one. Some
// programs ignore case: such a name would be a group to them that demands nothing here.
func (c *Config) MeantGroup(name string) string {
	if _, there := c.Groups[name]; there {
		return ""
	}
	for _, known := range sortedKeys(c.Groups) {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// PutsIntoGroups reports whether the YAML puts whoever has this user name, in its canonical form, into a group. Nobody may take such a
// name for themselves.
func (c *Config) PutsIntoGroups(canonical string) bool { return len(c.Members[canonical]) > 0 }

// GroupsOf are the groups of a person, sorted: those of the account and those of the YAML that name it. canonical is the user
// name in its canonical form.
func (c *Config) GroupsOf(canonical string, ofAccount []string) []string {
	ofYAML := c.Members[canonical]
	if len(ofYAML)+len(ofAccount) == 0 {
		return nil
	}
	all := slices.Concat(ofYAML, ofAccount)
	slices.Sort(all)
	return slices.Compact(all)
}

// RolesOf are the roles that groups have together, sorted.
func (c *Config) RolesOf(groups []string) []string {
	var all []string
	for _, name := range groups {
		all = append(all, c.Groups[name].Roles...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
