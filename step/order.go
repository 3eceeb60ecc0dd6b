package step

import (
	"context"
	"slices"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/storage"
)

// InOrder puts the ways that a decision offers into the order in which a person is asked: the first is asked, its code sent on
// arrival, the others go by click. It is the operator's order, but what the person chose last comes first; and nobody's number is
// told to WhatsApp's owner before they chose that once, so it is not asked first where there is another way.
//
// A chosen way that is not independent stays behind those that are.
func InOrder(person *storage.Person, ways []acr.Option) []acr.Option {
	first := -1
	if person != nil {
		first = slices.IndexFunc(ways, func(o acr.Option) bool { return o.Way() == person.ChosenWay })
	}
	switch {
	case first > 0 && ways[first].Independent == ways[0].Independent:
	case first == 0, len(ways) == 0, ways[0].Method != acr.WhatsApp, ways[0].Own:
		return ways
	default:
		first = slices.IndexFunc(ways, func(o acr.Option) bool { return o.Method != acr.WhatsApp && o.Method != acr.Recovery })
	}
	if first <= 0 {
		return ways
	}
	out := append(make([]acr.Option, 0, len(ways)), ways[first])
	return append(append(out, ways[:first]...), ways[first+1:]...)
}

// remember keeps the way by which a step was given where another one would be asked first the next time: a way that was chosen, then.
// It stands with the person, because contacts and factors are alike in it and the evidence of sessions ends with them. Reserve
// codes are for when nothing else works, and are never chosen.
func remember(ctx context.Context, db storage.Records, h Asking, way acr.Option) error {
	person := h.At().Current.Person
	if ways := h.Ways(); way.Method == acr.Recovery || len(ways) == 0 || ways[0].Way() == way.Way() {
		return nil
	}
	return db.ChooseWay(ctx, person.ID, way.Way())
}
