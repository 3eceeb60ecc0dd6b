package acr

import "strings"

// sameBox reports whether two addresses are, as far as anybody can know, one mailbox or one telephone number. It is the
// one comparison by which a code is judged dependent on the first step, and errs on that side. It is for nothing else: no
// account is found and no login linked by it.
func sameBox(a, b string) bool {
	if a == b {
		return true
	}
	if strings.Contains(a, "@") || strings.Contains(b, "@") {
		return box(a) == box(b)
	}
	return sameNumber(a, b)
}

// aliasDomains are the names under which the mailboxes of one provider are also reached.
var aliasDomains = map[string]string{
	"googlemail.com": "gmail.com",
	"me.com":         "icloud.com", "mac.com": "icloud.com",
	"proton.me": "protonmail.com", "pm.me": "protonmail.com", "protonmail.ch": "protonmail.com",
	"ya.ru": "yandex.ru", "yandex.com": "yandex.ru", "yandex.by": "yandex.ru", "yandex.kz": "yandex.ru", "narod.ru": "yandex.ru",
}

// unread are the characters of the local part that a provider does not read, after its sub-address is gone.
var unread = map[string]string{"gmail.com": ".", "protonmail.com": ".-_", "yandex.ru": ".-"}

// box is a mail address without what its provider does not read: case, a sub-address (RFC 5233: "+…", at any domain), and
// the habits of the large ones.
func box(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	local, domain := strings.ToLower(address[:at]), strings.ToLower(address[at+1:])
	if one, ok := aliasDomains[domain]; ok {
		domain = one
	}
	if user, ok := strings.CutSuffix(domain, ".fastmail.com"); ok { // anything@user.fastmail.com
		local, domain = user, "fastmail.com"
	}
	local = beforeSub(local, '+')
	if strings.HasPrefix(domain, "yahoo.") || domain == "ymail.com" || domain == "rocketmail.com" {
		local = beforeSub(local, '-') // "disposable addresses"
	}
	for _, c := range unread[domain] {
		local = strings.ReplaceAll(local, string(c), "")
	}
	return local + "@" + domain
}

// beforeSub cuts a sub-address off; nothing but a sub-address is left as it is.
func beforeSub(local string, separator byte) string {
	if i := strings.IndexByte(local, separator); i > 0 {
		return local[:i]
	}
	return local
}

// national is how many digits at least a number has without its country's.
const national = 8

// sameNumber compares telephone numbers however they are written: with + or 00, with or without the country.
func sameNumber(a, b string) bool {
	a, b = digits(a), digits(b)
	if len(a) < len(b) {
		a, b = b, a
	}
	return a == b && a != "" || len(b) >= national && strings.HasSuffix(a, b)
}

// digits are those of a number, without the zeros before the country or the area and without a zero in brackets.
func digits(number string) string {
	number = strings.ReplaceAll(number, "(0)", "")
	only := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	return strings.TrimLeft(only, "0")
}

// SameBox is that comparison for whoever asks what a code to one address says of another.
func SameBox(a, b string) bool { return sameBox(a, b) }
