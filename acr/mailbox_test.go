package acr

import "testing"

func TestQ62WhatIsOneMailbox(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"X", "X", true},
		{"X", "Y", false},
		{"anna@acme.test", "anna@acme.test", true},
		{"anna@acme.test", "Anna@ACME.test", true},
		{"anna@acme.test", "anna+bank@acme.test", true},
		{"anna+a@acme.test", "anna+b@acme.test", true},
		{"anna@acme.test", "anne@acme.test", false},
		{"anna@acme.test", "anna@acme.example", false},
		{"anna@acme.test", "a.nna@acme.test", false},
		{"anna@acme.test", "anna-bank@acme.test", false},
		{"+bank@acme.test", "+@acme.test", false},
		{"anna.rossi@gmail.com", "annarossi+x@googlemail.com", true},
		{"anna.rossi@gmail.com", "annarosso@gmail.com", false},
		{"anna@me.com", "anna+x@icloud.com", true},
		{"anna@mac.com", "anna@me.com", true},
		{"anna.rossi@proton.me", "anna_rossi@pm.me", true},
		{"anna.rossi@ya.ru", "anna-rossi@yandex.com", true},
		{"anna-shop@yahoo.it", "anna-bank@yahoo.it", true},
		{"anna@yahoo.it", "anna@yahoo.com", false},
		{"shop@anna.fastmail.com", "anna@fastmail.com", true},
		{"anna@outlook.com", "anna@hotmail.com", false},
		{"+393331234567", "0039 333 123-4567", true},
		{"+393331234567", "333 1234567", true},
		{"+442079460000", "+44 (0)20 7946 0000", true},
		{"+442079460000", "020 7946 0000", true},
		{"+393331234567", "+393331234568", false},
		{"+393331234567", "1234567", false},
		{"+39", "+40", false},
		{"", "", true},
		{"", "+39", false},
		{"+393331234567", "393331234567@sms.test", false},
	}
	for _, tt := range tests {
		if sameBox(tt.a, tt.b) != tt.same || sameBox(tt.b, tt.a) != tt.same {
			t.Errorf("%s and %s: %v and %v, want %v", tt.a, tt.b, sameBox(tt.a, tt.b), sameBox(tt.b, tt.a), tt.same)
		}
	}
}
