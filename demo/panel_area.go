package demo

// area is a sensitive part of the panel: opened only by a token with its scope, whose floor is mfa in hosting.yaml.
type area struct {
	Path  string
	Scope string
	Rows  [][2]string // id of a word, example value
}

// areas are those of the help pages, in the order of the menu.
var areas = []*area{
	{"/billing", "billing", [][2]string{{"row.company", "Rossi Arredamenti S.r.l."}, {"row.vat", "IT 01234567890"}, {"row.address", "Via Garibaldi 12, 38122 Trento"}, {"row.invoice", "2026/0417 · 61,00 €"}}},
	{"/payments", "payments", [][2]string{{"row.card", "Visa ···· 4242 · 09/28"}, {"row.debit", "IT60 ···· ···· 3456"}, {"row.renewal", "12,20 € · 1 / 12"}}},
	{"/dns", "dns", [][2]string{{"rossi-arredamenti.example", "A 192.0.2.10"}, {"www", "CNAME rossi-arredamenti.example."}, {"@", "MX 10 mx.example.it."}, {"@", "TXT v=spf1 mx -all"}}},
	{"/auth-code", "authcode", [][2]string{{"rossi-arredamenti.example", "EX4MPL3-N0T-R34L"}, {"row.lock", "clientTransferProhibited"}}},
	{"/mailboxes", "mailboxes", [][2]string{{"info@rossi-arredamenti.example", "1,2 / 5 GB"}, {"ordini@rossi-arredamenti.example", "3,8 / 5 GB"}, {"row.forwarding", "noreply@ → info@"}}},
}
