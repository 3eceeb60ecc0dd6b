package templates

import "time"

// Delivery is what is known of the way of the code that a page waits for. The zero value is a page without one.
type Delivery struct {
	State      string // of those below
	At         time.Time
	Zone       string // IANA name
	OtherFirst bool   // another channel stands first, as far as the person has one (Way.Next)
	OtherIn    int    // seconds until it does, if no word comes that the code arrived
	Poll       string // path that knows more, for the script; "" = nothing more will be known
	Again      int    // in how many seconds to ask there
}

// The states, which are also the ends of the texts' ids.
const (
	Queued      = "queued"
	Late        = "late"        // a try failed, or the channel is in trouble
	Sent        = "sent"        // a gateway took it
	Delivered   = "delivered"   // the gateway says that it arrived
	Undelivered = "undelivered" // the gateway says that it did not
	Unsent      = "unsent"      // no gateway took it, as far as we know
)

// Bad: the code does not arrive as it should, so that the page shows what else there is.
func (d Delivery) Bad() bool { return d.State == Late || d.State == Undelivered || d.State == Unsent }

// Clock is the time of the state in the person's zone; "" = it has none.
func (d Delivery) Clock() string {
	if d.At.IsZero() {
		return ""
	}
	return local(d.At, d.Zone).Format("15:04")
}

// aClock stands in a text where the script puts the time.
const aClock = "00:00"

// other is what the form that goes to another way sees.
type other struct {
	*view
	P     *CodePage
	Way   Way
	First bool
}

// Other shows a way among the others, or first.
func (v *view) Other(w Way, first bool) other { return other{v, v.P.(*CodePage), w, first} }

// DeliverySays is the sentence of a state: of the page's own with its time, of one that the script may hear of with a clock
// for it to fill in.
func (v *view) DeliverySays(state string) (string, error) {
	p := v.P.(*CodePage)
	clock := aClock
	if p.Delivery.State == state {
		clock = p.Delivery.Clock()
	}
	id := "delivery." + state
	if !v.set.Has(id) {
		id = v.set.words(id, p.Method)
	}
	channel, err := v.T(v.set.words("channel", p.Method))
	if err != nil {
		return "", err
	}
	return v.T(id, "Channel", channel, "Clock", clock, "Others", len(p.Others) > 0)
}
