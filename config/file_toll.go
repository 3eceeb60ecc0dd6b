package config

import "time"

// FileToll is the key section "limits.toll".
type FileToll struct {
	// Countries (ISO 3166) where most customers live: their numbers have no cap per country and prefix. The breaker and the other caps hold there, too. Left out: the country most people of locales.default live in: IT of it, US of en.
	Home []string `yaml:"home"`
	// Caps of codes by text message.
	SMS FileTollCaps `yaml:"sms"`
	// Caps of codes by WhatsApp.
	WhatsApp FileTollCaps `yaml:"whatsapp"`
	// What shuts a prefix whose codes nobody enters.
	Breaker FileTollBreaker `yaml:"breaker"`
}

// FileTollCaps is the key section "limits.toll.sms".
type FileTollCaps struct {
	// Codes in an hour to everybody together.
	PerHour int `yaml:"per_hour" default:"3000" min:"1"`
	// Codes in a day to everybody together.
	PerDay int `yaml:"per_day" default:"20000" min:"1"`
	// Codes of one account in an hour, to all its numbers.
	AccountPerHour int `yaml:"account_per_hour" default:"10" min:"1"`
	// Codes of one account in a day, to all its numbers.
	AccountPerDay int `yaml:"account_per_day" default:"20" min:"1"`
	// Codes to each foreign country in an hour.
	CountryPerHour int `yaml:"country_per_hour" default:"100" min:"1"`
	// Codes to each foreign country in a day.
	CountryPerDay int `yaml:"country_per_day" default:"1000" min:"1"`
	// Codes to each foreign prefix in an hour: a country and the next four digits.
	PrefixPerHour int `yaml:"prefix_per_hour" default:"20" min:"1"`
	// Codes to each foreign prefix in a day.
	PrefixPerDay int `yaml:"prefix_per_day" default:"100" min:"1"`
	// Accounts for which one number gets codes in a day (UTC).
	AccountsPerNumber int `yaml:"accounts_per_number" default:"5" min:"1"`
}

// FileTollBreaker is the key section "limits.toll.breaker".
type FileTollBreaker struct {
	// Codes to one prefix in window from which on it is judged.
	Codes int `yaml:"codes" default:"20" min:"1"`
	// How far back it looks.
	Window time.Duration `yaml:"window" default:"60m" min:"1s" max:"24h"`
	// Percentage of codes entered below which it opens.
	Entered int `yaml:"entered" default:"25" min:"1" max:"100"`
	// How long it stays open.
	Lasts time.Duration `yaml:"lasts" default:"60m" min:"1s"`
	// A code speaks against its prefix once it was not entered for so long. With twice as many as codes says under way at once there is no waiting: then half of entered is enough.
	Grace *time.Duration `yaml:"grace" default:"2m" min:"0s" max:"10m"`
}

// Caps are those of a channel; nil where codes cost nothing.
func (t *FileToll) Caps(channel string) *FileTollCaps {
	switch channel {
	case "sms":
		return &t.SMS
	case "whatsapp":
		return &t.WhatsApp
	}
	return nil
}

// FileAlerts is the key section "alerts".
type FileAlerts struct {
	// Mail address that is told when a limit shuts that others than its cause could feel: a prefix, a country, all codes of a channel. Left out: only the audit and the metrics say so.
	Email string `yaml:"email"`
}
