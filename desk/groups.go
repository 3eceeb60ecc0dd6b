package desk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soglia-sso/soglia/audit"
	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/user"
)

// Why groups stay as they are.
var (
	ErrTooManyGroups = errors.New("desk: an account cannot be in so many groups")
	ErrNoGroup       = errors.New("desk: the person was not put into this group")
)

// ChangeGroups puts a person into groups and takes it out of others. What a group gives or demands holds from the next use
// of every session and token on. It returns the groups of afterwards: those that are kept with the account, not those that
// only the YAML gives. ErrNoGroup, ErrTooManyGroups.
func (d *Desk) ChangeGroups(ctx context.Context, db storage.Records, p *storage.Person, add, remove []string, now time.Time) ([]string, error) {
	row, err := db.Person(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for _, name := range remove {
		if !slices.Contains(row.Groups, name) {
			return nil, ErrNoGroup
		}
	}
	left := slices.DeleteFunc(slices.Clone(row.Groups), func(name string) bool { return slices.Contains(remove, name) })
	groups := user.SortedGroups(slices.Concat(left, add))
	switch before := row.Groups; {
	case len(groups) > config.MaxGroups:
		return nil, ErrTooManyGroups
	case slices.Equal(groups, before):
		return groups, nil
	default:
		row.Groups, row.Updated = groups, now
		if err := db.UpdatePerson(ctx, row); err != nil {
			return nil, err
		}
		record := d.record(ctx, audit.PersonUpdated, "groups", p, now)
		record.Detail = GroupsDetail(before, groups)
		return groups, db.Append(ctx, record)
	}
}

// GroupsDetail is what a record says of changed groups; nil when none changed.
func GroupsDetail(before, after []string) []byte {
	without := func(all, some []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(some, name) })
	}
	detail := struct {
		Added   []string `json:"groups_added,omitempty"`
		Removed []string `json:"groups_removed,omitempty"`
	}{without(after, before), without(before, after)}
	if len(detail.Added)+len(detail.Removed) == 0 {
		return nil
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		panic(err) // lists of texts
	}
	return raw
}
