package step

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/mfa"
	"github.com/soglia-sso/soglia/storage"
	"github.com/soglia-sso/soglia/templates"
	"github.com/soglia-sso/soglia/user"
	"github.com/soglia-sso/soglia/web"
)

// patience is how long a code may be on its way, with no word that it arrived, before another channel stands first.
const patience = 30 * time.Second

// delivery is what is known of a code's way. Only a gateway's word that it arrived is told as that; a mail
// server never says so.
func (p *Pages) delivery(way acr.Method, sent time.Time, m storage.MessageState, zone string, now time.Time) templates.Delivery {
	d := templates.Delivery{State: templates.Queued, At: m.Ended, Zone: zone}
	switch {
	case m.Receipt == "delivered", m.Receipt == "read":
		d.State, d.At = templates.Delivered, m.ReceiptAt
	case m.Receipt == "failed":
		d.State = templates.Undelivered
	case m.State == "failed":
		d.State = templates.Unsent
	case m.State == "sent":
		d.State = templates.Sent
	case m.State == "retrying", p.Failing(string(way)):
		d.State = templates.Late
	}
	if left := sent.Add(patience).Sub(now); d.State != templates.Delivered {
		if d.OtherFirst = left <= 0 || d.Bad(); !d.OtherFirst {
			d.OtherIn = web.Seconds(left)
		}
	}
	switch {
	case d.State == templates.Delivered, d.State == templates.Undelivered, d.State == templates.Unsent, d.State == templates.Sent && !m.Reports:
		// nothing more will be known
	default: // the longer it takes, the less often
		d.Again = int(min(max(now.Sub(sent)/4, 2*time.Second), 15*time.Second) / time.Second)
	}
	return d
}

// dressDelivery says on a page what is known of the way of the code that it waits for.
func (p *Pages) dressDelivery(page *templates.CodePage, h Asking, way acr.Option, prompt mfa.Prompt) {
	if prompt.Code == "" {
		return
	}
	at := h.At()
	page.Delivery = p.delivery(way.Method, prompt.SentAt, prompt.Message, user.Zone(at.Current.Person.Profile, at.Config.Locales.Zone), at.Now)
	if page.Delivery.Again > 0 {
		page.Delivery.Poll = h.Delivery(prompt.Code)
	}
	next := -1
	for i, o := range page.Others {
		if near := nearness(page, o); near > 0 && (next < 0 || near > nearness(page, page.Others[next])) {
			next = i
		}
	}
	if next >= 0 {
		page.Others[next].Next = true
	}
}

// nearness orders what may stand first: another channel to the same number, another channel, the same one to another
// address; 0 = never. Reserve codes are few, and no channel.
func nearness(page *templates.CodePage, o templates.Way) int {
	switch {
	case acr.Method(o.Method).Facts().Contact == "":
		return 0
	case o.Method == page.Method:
		return 1
	case o.Destination == page.Destination:
		return 3
	}
	return 2
}

// Delivery answers the script of a page that waits for a code. It is no activity and costs one statement. A code that is none,
// not this browser's, used, replaced or over is not there: mine says whether it is this browser's.
func (p *Pages) Delivery(w http.ResponseWriter, r *http.Request, code string, mine func(*storage.Awaited) bool) error {
	now := p.Store.Now()
	c, err := p.Store.AwaitedCode(r.Context(), code, now)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return errNoCode
	case err != nil:
		return err
	case !mine(c), !c.UsedAt.IsZero(), !c.ReplacedAt.IsZero(), c.Tries >= c.MaxTries, !c.Expires.After(now):
		return errNoCode
	}
	d := p.delivery(acr.Method(c.Channel), c.Created, c.Message, user.Zone(c.Profile, p.Config().Locales.Zone), now)
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(struct {
		State string `json:"state"`
		Clock string `json:"clock"`
		Again int    `json:"again"` // seconds; 0 = nothing more will be known
	}{d.State, d.Clock(), d.Again})
}

var errNoCode = &web.Error{Status: http.StatusNotFound, Code: "not_found"}
