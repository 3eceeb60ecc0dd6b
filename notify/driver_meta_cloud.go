package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"

	"github.com/soglia-sso/soglia/config"
	"github.com/soglia-sso/soglia/outbound"
)

// metaCloud is the WhatsApp Cloud API. It sends codes, by an authentication template with a button that copies the code,
// and nothing else. It knows no idempotency key: a message whose fate is open is sent once more at most, and that may be
// one duplicate.
type metaCloud struct {
	*metaCloudSettings
	out *outbound.Client
}

func init() { kinds["meta_cloud"] = driver(openMetaCloud, "whatsapp") }

// metaCloudSettings are those of a number at Meta.
type metaCloudSettings struct {
	// Id of the sender's number.
	PhoneNumberID string `yaml:"phone_number_id" required:"yes"`
	// Access token of a system user.
	Token config.Secret `yaml:"token" required:"yes"`
	// Approved authentication templates, by language.
	Template map[string]string `yaml:"template" keys:"@languages" required:"yes"`
	// Version of Meta's Graph API.
	Graph string `yaml:"graph" default:"v23.0"`
	// Secret of the app, with which receipts are signed. None = no receipts.
	AppSecret config.Secret `yaml:"app_secret"`
	// Word of your own choice, by which Meta proves the address for receipts.
	VerifyToken config.Secret `yaml:"verify_token"`
}

var (
	metaID      = regexp.MustCompile(`^[0-9]{5,25}$`)
	metaVersion = regexp.MustCompile(`^v[1-9][0-9]*\.[0-9]+$`)
	metaName    = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)
)

// Check looks at what Meta would refuse.
func (s *metaCloudSettings) Check(report, _ config.Report) {
	if s.PhoneNumberID != "" && !metaID.MatchString(s.PhoneNumberID) {
		report("phone_number_id", "phone_number_id must be the id that Meta shows, digits alone")
	}
	if !metaVersion.MatchString(s.Graph) {
		report("graph", "graph must be a version such as v23.0")
	}
	if s.Template != nil && len(s.Template) == 0 {
		report("template", "template must name a template for at least one language")
	}
	for lang, name := range s.Template {
		if !metaName.MatchString(name) {
			report("template", "template for %s must be a name of small letters, digits and underscores", lang)
		}
	}
	if (s.AppSecret == "") != (s.VerifyToken == "") {
		report("app_secret", "app_secret and verify_token belong together: receipts need both")
	}
}

func openMetaCloud(s *metaCloudSettings, r Reach) (Driver, error) { return &metaCloud{s, r.Out}, nil }

// template is the one for a language, else the first.
func (s *metaCloudSettings) template(lang string) (string, string) {
	if s.Template[lang] == "" {
		lang = slices.Sorted(maps.Keys(s.Template))[0]
	}
	return s.Template[lang], lang
}

// Send hands one code over. The text, the button and their language are the template's.
func (m *metaCloud) Send(ctx context.Context, d Delivery) (Taken, error) {
	if d.Code == "" || len(m.Template) == 0 {
		return Taken{}, fmt.Errorf("%w: only codes go by a template", ErrRefused)
	}
	name, lang := m.template(d.Lang)
	code := []map[string]string{{"type": "text", "text": d.Code}}
	body, err := json.Marshal(map[string]any{
		"messaging_product": "whatsapp", "recipient_type": "individual", "to": d.To, "type": "template",
		"biz_opaque_callback_data": d.ID,
		"template": map[string]any{"name": name, "language": map[string]string{"code": lang}, "components": []any{
			map[string]any{"type": "body", "parameters": code},
			map[string]any{"type": "button", "sub_type": "url", "index": "0", "parameters": code},
		}},
	})
	if err != nil {
		return Taken{}, err
	}
	a, err := ask(ctx, m.out, outbound.Request{
		URL: "https://graph.facebook.com/" + m.Graph + "/" + m.PhoneNumberID + "/messages", Body: body,
		Header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + string(m.Token)},
	})
	if err != nil {
		return Taken{}, err
	}
	var said struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
		Error *struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	err = read(a, &said)
	switch {
	case err == nil && said.Error != nil:
		return Taken{}, metaError(a.Status, said.Error.Code)
	case a.Status >= 300:
		return Taken{}, judge(a.Status, "")
	case err != nil:
		return Taken{}, err
	case len(said.Messages) == 0 || said.Messages[0].ID == "":
		return Taken{}, incomplete(a)
	}
	return Taken{ID: said.Messages[0].ID}, nil
}

// metaLater are the codes that say nothing about the message: the token, the permission, the bill, the pace, or a trouble
// of Meta's. Codes of permission are 10 and 200 to 299.
var metaLater = []int{
	0, 1, 2, 3, 4, 10, 190, 368, 80007, 130429, 131000, 131005, 131016, 131031, 131042, 131045, 131048, 131056, 131057, 133004, 133010,
}

// metaError goes by the code, as Meta asks, not by the status.
func metaError(status, code int) error {
	err := fmt.Errorf("status %d, code %d", status, code)
	if slices.Contains(metaLater, code) || code >= 200 && code < 300 {
		return &NotNow{Cause: err}
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// metaStates are Meta's words.
var metaStates = map[string]string{"sent": ReceiptSent, "delivered": ReceiptDelivered, "read": ReceiptRead, "failed": ReceiptFailed}

func (m *metaCloud) hook() (string, bool) { return "", m.AppSecret != "" }

// longest: up to a thousand receipts.
func (m *metaCloud) longest() int64 { return 1 << 20 }

// receipts are signed by the app's secret, many in one call.
func (m *metaCloud) receipts(c Call) ([]Receipt, error) {
	h := hmac.New(sha256.New, []byte(m.AppSecret))
	h.Write(c.Body)
	if m.AppSecret == "" || !equal("sha256="+hex.EncodeToString(h.Sum(nil)), c.Header.Get("X-Hub-Signature-256")) {
		return nil, ErrForged
	}
	var said struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Statuses []struct {
						ID     string `json:"id"`
						Status string `json:"status"`
					} `json:"statuses"`
				} `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(c.Body, &said); err != nil {
		return nil, err
	}
	var all []Receipt
	for _, entry := range said.Entry {
		for _, change := range entry.Changes {
			for _, s := range change.Value.Statuses {
				all = append(all, one(s.ID, s.Status, metaStates)...)
			}
		}
	}
	return all, nil
}

// challenge answers the call by which Meta proves the address once.
func (m *metaCloud) challenge(q url.Values) (string, bool) {
	right := q.Get("hub.mode") == "subscribe" && equal(string(m.VerifyToken), q.Get("hub.verify_token"))
	return q.Get("hub.challenge"), right
}
