package config

import (
	"strings"
	"testing"
)

func TestADriverIsRefusedWhereItCannotServe(t *testing.T) {
	for text, want := range map[string]string{
		"{driver: outbox}":               "for soglia dev",
		"{driver: meta_cloud}":           "driver cannot be \"meta_cloud\"",
		"[{driver: smtp}]":               "email must hold keys with values",
		"{driver: smtp, for: [\"+39\"]}": "unknown key \"for\" in email",
	} {
		_, err := Parse([]byte(small+"channels: {email: "+text+"}\n"), Options{Drivers: drivers, Env: environment})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := parse(t, small+"channels: {email: {driver: outbox}}\n", Options{Dev: true}); err != nil {
		t.Errorf("in dev: %v", err)
	}
	_, err := Parse([]byte(small), Options{Env: environment, Overlay: func(f *File) {
		f.Channels.Email = &FileGateway{Driver: "carrier"}
	}})
	if err == nil {
		t.Error("an overlay named a driver nobody wrote")
	}
}

// Which gateway serves whom is decided by prefixes: each must be one, there is no hole but a told one, and every gateway can
// be told from the others. The channel itself is refused by its name until the pages are there, so the part is looked at alone.
func TestTheGatewaysOfAChannelAreCheckedTogether(t *testing.T) {
	hook := func(more string) FileGateway {
		g := FileGateway{Driver: "webhook"}
		g.Settings = drivers.Kinds["webhook"].Settings()
		v := reflectOf(g.Settings)
		v.FieldByName("BaseURL").SetString("https://gateway.example.it/hook")
		v.FieldByName("Token").SetString("whsec_c29nbGlhLWZha2UtZ2F0ZXdheS1rZXktMzItYnl0ZXM=")
		for part := range strings.FieldsSeq(more) {
			if name, ok := strings.CutPrefix(part, "name="); ok {
				g.Name = name
			} else {
				g.For = append(g.For, part)
			}
		}
		return g
	}
	for text, want := range map[string]string{
		"":                          "",
		"+39 | name=b *":            "",
		"+39 | name=b +39 *":        "",
		"+39 | name=b +3906":        "warning: no gateway of channels.sms serves \"*\"",
		"39":                        "for must hold prefixes",
		"0039":                      "for must hold prefixes",
		"+0":                        "for must hold prefixes",
		"+":                         "for must hold prefixes",
		"+39x | name=b *":           "for must hold prefixes",
		"+1234567890123456":         "for must hold prefixes",
		"IT":                        "for must hold prefixes",
		"+39 +39 *":                 "for holds \"+39\" twice",
		"+39 | *":                   "two gateways are called \"webhook\"",
		"name=A *":                  "name must be of small letters",
		"name=a/b *":                "name must be of small letters",
		"name=x * | name=x +39":     "two gateways are called \"x\"",
		"name=a * | name=b * +39":   "",
		"name=a +44 | name=b * +39": "",
	} {
		c, err := Parse([]byte(small+"branding: {support: {phone: \"+39 0000\"}}\nfactors: {codes: {channels: [sms]}}\n"), Options{Dev: true, Env: environment, Drivers: drivers, Overlay: func(f *File) {
			for one := range strings.SplitSeq(text, "|") {
				f.Channels.SMS = append(f.Channels.SMS, hook(one))
			}
		}})
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case len(c.Warnings) > 0:
			got = "warning: " + c.Warnings[0].Message
		}
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if err == nil && len(c.Channels["sms"]) > 0 {
			if g := c.Channels["sms"][0]; text == "" && (g.Name != "webhook" || len(g.For) != 1 || g.For[0] != "*") {
				t.Errorf("what stands for nothing: %+v", g)
			}
		}
	}
}
