package config

import "regexp"

// MaxGroups is how many groups an account can be put into by the people API and by command: they stand in tokens.
const MaxGroups = 50

// groupName has no blank, comma or quote: panels hand lists of groups on in headers and variables, and one name must not
// become two there, of which another one gives rights.
var groupName = regexp.MustCompile(`^[A-Za-z0-9._~:/#@+-]{1,100}$`)

// GroupRule says in words what GroupName demands.
const GroupRule = "a group has 1 to 100 letters, digits and . _ ~ : / # @ + -"

// GroupName reports whether s can be the name of a group.
func GroupName(s string) bool { return groupName.MatchString(s) }
