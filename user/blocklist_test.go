package user

import (
	"strings"
	"testing"
	"unicode"
)

// These lead every published count of leaked passwords of eight signs and more; the least that may be asked for is 8.
const firstGuesses = `12345678 123456789 1234567890 password password1 password123 Password1! P@ssw0rd passw0rd qwertyuiop qwerty123
qwerty12345 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y a1b2c3d4e5f6 1qaz2wsx q1w2e3r4 zaq12wsx qazwsxedc asdfghjkl asdf1234 zxcvbnm1 abcd1234 abc12345 a1b2c3d4
iloveyou iloveyou1 sunshine princess football baseball superman batman123 trustno1 letmein1 welcome1 welcome123 admin123
admin1234 administrator login123 master123 monkey123 dragon123 shadow123 michael1 jennifer jordan23 charlie1 liverpool
chelsea1 arsenal1 barcelona juventus juventus1 forzajuve milan1899 napoli1926 ciaociao amoremio tiamo123 francesca
alessandro alessandra giuseppe federico valentina antonella ferrari1 computer internet samsung1 pokemon1 starwars
whatever changeme changeme1 test1234 guest123 summer2024 Winter2025! 11111111 00000000 88888888 12341234 11223344 123123123
987654321 87654321 99999999 abcabcabc aaaaaaaa 123qweasd qwe123qwe 1234qwer qwer1234 asd123asd zxc123zxc`

func TestL13TheFirstGuessesOfEveryListAreRefused(t *testing.T) {
	about := About{Min: 8, Brand: "Example Hosting", Username: "mario"}
	for _, guess := range strings.Fields(firstGuesses) {
		for _, spelt := range []string{guess, strings.ToUpper(guess), capital(guess), guess + "!", "!" + guess} {
			if why := guessable(spelt, about); why == "" {
				t.Errorf("%q may be a password", spelt)
			}
		}
	}
}

// Whatever the policy's length, one or two common words with what people add to them are no password.
func TestL13CommonWordsAndAYearAreNoPassword(t *testing.T) {
	about := About{Min: 12}
	for i, word := range commonWords {
		other := commonWords[(i*7+3)%len(commonWords)]
		for _, p := range []string{word + other, word + "2026!", capital(word) + capital(other) + "1", strings.ReplaceAll(word, "o", "0") + "_" + other, word + "." + other + ".99"} {
			if why := guessable(p, about); why == "" {
				t.Errorf("%q may be a password", p)
			}
		}
	}
}

func TestL13LongAndOddOnesAreNotMistakenForCommonOnes(t *testing.T) {
	about := About{Min: 12, Brand: "Example Hosting", Username: "mario", Addresses: []string{"mario@posta.test"}}
	for _, p := range []string{
		"quattro gatti al sole", "una lanterna sul molo", "kx7-Wq2mVz0p", "il treno delle sette e un quarto", "corretto cavallo batteria graffetta",
		"9f86d081884c7d659a2f", "la password di mia nonna era gelsomino", "пароль не для чужих людей", "沈黙は金なり雄弁は銀なり",
	} {
		if why := guessable(p, about); why != "" {
			t.Errorf("%q: %s", p, why)
		}
	}
}

func capital(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
