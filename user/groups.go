package user

import "slices"

// SortedGroups returns the groups in the form in which they are kept: sorted, each once; nil when there are none.
func SortedGroups(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	out := slices.Clone(names)
	slices.Sort(out)
	return slices.Compact(out)
}
