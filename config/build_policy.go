package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/soglia-sso/soglia/acr"
	"github.com/soglia-sso/soglia/phonenumber"
)

// standardFactors is what people can use when the file says nothing: the app, and codes by mail where mail leaves.
func (b *builder) standardFactors() *FileFactors {
	f := &FileFactors{TOTP: &FileTOTP{}, Recovery: &FileRecovery{Codes: 10}}
	if b.file.Channels.Email != nil {
		f.Codes = &FileCodes{Channels: []string{"email"}, Digits: 6, TTL: 10 * time.Minute, Tries: 5, ResendAfter: time.Minute}
	}
	return f
}

// buildPolicy makes the factors, the levels and the rules when to ask.
func (b *builder) buildPolicy(c *Config) {
	f := b.file.Factors
	if f == nil {
		f = b.standardFactors()
	}
	p := &acr.Policy{
		ContactCodes:         acr.ContactCodes(b.file.SecondFactor.ContactCodes),
		Social:               acr.SocialRule(b.file.SecondFactor.Social),
		EverySignIn:          b.file.SecondFactor.EverySignIn == "when_enrolled",
		IndependentPreferred: b.file.SecondFactor.Independent == "preferred",
		Cooling:              b.file.Contacts.Cooling,
		Providers:            map[string]acr.Provider{},
		GroupFloors:          map[string]string{},
	}
	if f.TOTP != nil {
		c.Factors.TOTP = TOTP{Issuer: f.TOTP.Issuer}
		if f.TOTP.Issuer == "" {
			c.Factors.TOTP.Issuer = b.file.Branding.Name
		}
		p.Enrollable = append(p.Enrollable, acr.TOTP)
	}
	if f.Codes != nil {
		c.Factors.Codes = b.codes(*f.Codes, c.Channels)
		for _, channel := range f.Codes.Channels {
			p.Channels = append(p.Channels, acr.Method(channel))
		}
	}
	b.idle(f.Codes, c.Channels)
	if f.Recovery != nil {
		c.Factors.Recovery = f.Recovery.Codes
	}
	p.Countries = b.countries(f.SMS)
	b.numbers(f, p)
	b.policy, c.Policy = p, p
	b.buildLevels()
}

// idle warns of gateways for telephones by which no code goes: whoever wrote the stanza believes that it does.
func (b *builder) idle(codes *FileCodes, there Channels) {
	for _, channel := range []string{"sms", "whatsapp"} {
		if len(there[channel]) > 0 && (codes == nil || !slices.Contains(codes.Channels, channel)) {
			b.mistakes.warn(b.places.of("channels."+channel), "docs/gateways.md says what to write", "no code goes by %s: factors.codes.channels does not name it", channel)
		}
	}
}

// numbers lets people switch on a number of theirs by every channel that reaches one, and which some level takes.
func (b *builder) numbers(f *FileFactors, p *acr.Policy) {
	if f.SMS == nil {
		return
	}
	for _, m := range []acr.Method{acr.SMS, acr.WhatsApp} { // whoever wants WhatsApp says so
		if slices.Contains(p.Channels, m) {
			p.Enrollable = append(p.Enrollable, m)
		}
	}
	if !slices.ContainsFunc(p.Channels, acr.Method.ByPhone) {
		b.errorf("factors.sms", "", "factors.sms needs sms or whatsapp among factors.codes.channels")
	}
}

// countries are those to whose numbers codes go. What the file does not say is not all there are: codes abroad are what
// toll fraud is made of (docs/security.md, numbers).
func (b *builder) countries(f *FileSMSFactor) []string {
	list := standardCountries
	if f != nil && len(f.Countries) > 0 {
		list = f.Countries
	}
	countries, unknown := phonenumber.Countries(list)
	for _, c := range unknown {
		b.errorf(fmt.Sprintf("factors.sms.countries[%d]", slices.Index(list, c)), meantCountry(c),
			"unknown country %q: two capital letters of ISO 3166, such as IT, or EU", c)
	}
	b.twice("factors.sms.countries", list)
	return countries
}

// meantCountry is a hint at the code that was meant. Codes of two letters are all near to each other, so spelling tells nothing.
func meantCountry(written string) string {
	code := strings.ToUpper(written)
	if known, ok := map[string]string{"UK": "GB", "EL": "GR"}[code]; ok { // as the EU writes them
		code = known
	}
	if !slices.Contains(phonenumber.Known(), code) {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", code)
}

var standardCountries = []string{phonenumber.EU, "CH", "SM", "VA", "GB"}

func (b *builder) codes(f FileCodes, there Channels) Codes {
	perHour := f.PerHour.of(map[string]int{"email": 10, "whatsapp": 6, "sms": 5})
	perDay := PerChannel{ByChannel: f.PerDay}.of(map[string]int{"email": 20, "whatsapp": 12, "sms": 8})
	b.twice("factors.codes.channels", f.Channels)
	for i, channel := range f.Channels {
		if len(there[channel]) == 0 {
			b.errorf(fmt.Sprintf("factors.codes.channels[%d]", i), "", "codes by %s need channels.%s", channel, channel)
		}
	}
	return Codes{
		Digits: f.Digits, TTL: f.TTL, Tries: f.Tries, ResendAfter: f.ResendAfter, PerHour: perHour, PerDay: perDay,
	}
}

var kinds = map[string]acr.Kind{
	"first_step": acr.FirstStep, "second_factor": acr.SecondFactor,
	"phishing_resistant": acr.PhishingResistant, "hardware_bound": acr.HardwareBound,
	// OpenID Connect Extended Authentication Profile ACR Values 1.0, §2
	"phr": acr.PhishingResistant, "phrh": acr.HardwareBound,
}

// buildLevels makes the hierarchy and the names by which the rest of the file refers to it.
func (b *builder) buildLevels() {
	levels := b.file.Acr
	if len(levels) == 0 && len(b.policy.Enrollable)+len(b.policy.Channels) == 0 {
		b.errorf("factors", "", "no second factor is configured: neither factors.totp nor a channel in factors.codes")
	}
	if len(levels) == 0 {
		mfa := FileLevel{Name: "mfa"}
		for _, m := range slices.Concat(b.policy.Enrollable, b.policy.Channels) {
			if !slices.Contains(mfa.Second, string(m)) {
				mfa.Second = append(mfa.Second, string(m))
			}
		}
		if f := b.file.Factors; len(b.policy.Enrollable) > 0 && (f == nil || f.Recovery != nil) {
			mfa.Second = append(mfa.Second, string(acr.Recovery))
		}
		levels = []FileLevel{{Name: "sfa"}, mfa}
	}
	b.canonical = map[string]string{}
	for i, f := range levels {
		path := fmt.Sprintf("acr[%d]", i)
		level := acr.Level{Name: f.Name, Aliases: slices.Clone(f.Aliases), Lasts: time.Duration(f.Lasts)}
		for _, m := range f.Second {
			level.Second = append(level.Second, acr.Method(m))
		}
		b.twice(path+".second", f.Second)
		b.name(path+".name", f.Name, f.Name)
		for j, alias := range f.Aliases {
			b.name(fmt.Sprintf("%s.aliases[%d]", path, j), alias, f.Name)
		}
		kind, ok := kindOf(i, f)
		if !ok && b.file.Acr != nil {
			b.errorf(path, "say kind: and one of first_step, second_factor, phishing_resistant, hardware_bound",
				"level %q has no second: list and no kind", f.Name)
			b.unclear = true
		}
		if ok && kind != acr.SecondFactor && len(f.Second) > 0 {
			b.errorf(path+".second", "", "second belongs to levels of the kind second_factor")
		}
		level.Kind = kind
		b.policy.Levels = append(b.policy.Levels, level)
	}
	b.policy.Enrollable = slices.DeleteFunc(b.policy.Enrollable, func(m acr.Method) bool { return m.Facts().Contact != "" && !b.accepted(m) })
	b.plainFactors(fieldsOf(reflect.TypeFor[FileFactors]()))
}

// plainFactors switches on the own factors that have no options: one without a section in
// factors is there where a level accepts it.
func (b *builder) plainFactors(sections []field) {
	for _, m := range acr.Methods(func(f acr.Facts) bool { return f.Enrols && f.Contact == "" }) {
		if b.accepted(m) && !slices.ContainsFunc(sections, func(f field) bool { return f.key == string(m) }) {
			b.policy.Enrollable = append(b.policy.Enrollable, m)
		}
	}
}

// accepted reports whether some level takes a method as its second step.
func (b *builder) accepted(m acr.Method) bool {
	return slices.ContainsFunc(b.policy.Levels, func(l acr.Level) bool { return slices.Contains(l.Second, m) })
}

// checkPolicy lets acr judge the whole: order, reach, rules between them.
func (b *builder) checkPolicy() {
	if b.unclear || b.places.isBad("acr") {
		return
	}
	available := append([]acr.Method{acr.Password}, b.policy.Enrollable...)
	if len(b.policy.Providers) > 0 {
		available = append(available, acr.Social)
	}
	if b.policy.ContactCodes != acr.Never {
		available = append(available, b.policy.Channels...)
	}
	for _, err := range b.policy.Validate(available) {
		var mistake *acr.PolicyError
		if !errors.As(err, &mistake) {
			continue
		}
		if mistake.Level == "" {
			b.errorf("acr", "", "acr: %s", mistake.Problem)
		}
		for i, l := range b.policy.Levels { // unknown names were reported where they stand
			if l.Name == mistake.Level {
				b.errorf(fmt.Sprintf("acr[%d]", i), "", "level %q: %s", l.Name, mistake.Problem)
			}
		}
	}
}

func kindOf(i int, f FileLevel) (acr.Kind, bool) {
	if kind, ok := kinds[f.Kind]; ok {
		return kind, true
	}
	if len(f.Second) > 0 {
		return acr.SecondFactor, true
	}
	if kind, ok := kinds[f.Name]; ok {
		return kind, true
	}
	return acr.FirstStep, i == 0
}

// name makes a name or alias known.
func (b *builder) name(path, name, canonical string) {
	if name == "" {
		b.unclear = true
		return
	}
	if odd(name) {
		b.unclear = true
		b.errorf(path, "", "level name %q must not have spaces or quotes: acr_values is a list of words", name)
		return
	}
	if _, twice := b.canonical[name]; twice {
		b.unclear = true
		b.errorf(path, "", "level name %q is already taken", name)
		return
	}
	b.canonical[name] = canonical
	b.levels = append(b.levels, name)
}

// level resolves a reference to a level by name or alias; "" stays "".
func (b *builder) level(path, name string) string {
	if name == "" {
		return ""
	}
	canonical, ok := b.canonical[name]
	switch {
	case ok:
	case slices.Contains(b.goneLevels, name):
		b.errorf(path, "", "level `%s` is not available in this version", name)
	default:
		b.errorf(path, didYouMean(name, b.levels), "unknown level %q", name)
	}
	return canonical
}
