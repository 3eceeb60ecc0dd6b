package cases

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// core are the cases due now; the other parts of the product bring theirs along.
const core = `A01 A02 A04 A05 A08 A09 A12 A13 A14 A17 A18
B01 B02 B04 B06 B07 B10 B11 B12 B13
C01 C02 C04 C05 C06 C07 C09
D01 D04 D05 D08 D09 D10 D12
E01 E04 E05 E06 E07 E13 E14 E16
F01 F03 F06 F12 F13 F15
G02 G04 G05 G08
L01 L02 L04 L05 L09 L12 L13 L14
W01 W02 W03 W04 W05 W06 W08 W09 W11 W12
T09 N02 N05`

// worth are the faults found at the edges of assurance: what a proof is worth, and protection that hit the wrong ones.
const worth = `Q60 Q61 Q62 Q63 Q64 Q65 Q44 Q66 Q67 Q21 Q70 Q19 Q01 Q22 Q68 Q69 Q73
Q42 Q43 Q71 Q46 Q16 Q47 Q74 Q45 Q28 Q33 Q02`

// people are what misled or left alone the people at the pages and the operators, and what of their mail, addresses and
// identity providers went wrong.
const people = `Q03 Q04 Q05 Q06 Q07 Q08 Q09 Q10 Q11 Q12 Q13 Q14 Q17
Q23 Q24 Q25 Q26 Q27 Q29 Q30 Q31 Q32 Q34 Q35 Q36 Q37 Q38 Q39 Q40 Q41
Q48 Q49 Q50 Q51 Q52 Q53 Q72 Q77`

// reach are codes to telephones, their gateways, and the switch from one factor to another.
const reach = `F07 F09 F11 G12 R08 R10`

// panels are what reaches the panels by themselves: the end of a stay, and whom the server never dials.
const panels = `D11 N07`

// A test bears ids in its own name (TestA02…, TestF06F15…) or in that of a subtest ("A02 …"), a script of commands in a
// heading ("# A02: …").
var bearer = regexp.MustCompile(`(?m)func Test((?:[A-Z]\d\d)+)|"((?:[A-Z]\d\d)+) [^"]*"|^# ((?:[A-Z]\d\d)+): `)
var id = regexp.MustCompile(`[A-Z]\d\d`)

func TestEveryIDHasATest(t *testing.T) {
	borne := map[string]bool{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		test := strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".txtar")
		if err != nil || d.IsDir() || !test || d.Name() == "ids_test.go" { // whose own words bear nothing
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range bearer.FindAllStringSubmatch(string(b), -1) {
			for _, one := range id.FindAllString(m[1]+m[2]+m[3], -1) {
				borne[one] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range strings.Fields(core + " " + worth + " " + people + " " + reach + " " + panels) {
		if !borne[id] {
			t.Errorf("%s has no test: write one in this folder", id)
		}
	}
}
