package mfa

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

func TestTheDrawnCodeIsTheEncodedOne(t *testing.T) {
	const uri = "otpauth://totp/Soglia:mario?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Soglia&algorithm=SHA1&digits=6&period=30"
	svg, err := QR(uri, "QR <code>", `for "you"`)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		ViewBox string `xml:"viewBox,attr"`
		Role    string `xml:"role,attr"`
		Title   string `xml:"title"`
		Desc    string `xml:"desc"`
		Paths   []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Title != "QR <code>" || doc.Desc != `for "you"` || doc.Role != "img" || len(doc.Paths) != 1 || strings.Contains(svg, "style") {
		t.Fatalf("%+v", doc)
	}
	want, err := qr.Encode(uri, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	size := want.Bounds().Dx()
	if doc.ViewBox != fmt.Sprintf("0 0 %d %d", size+8, size+8) {
		t.Errorf("viewBox %q, no quiet zone", doc.ViewBox)
	}
	drawn := map[[2]int]bool{}
	for _, m := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(doc.Paths[0].D, -1) {
		var x, y, n int
		fmt.Sscan(m[1], &x)
		fmt.Sscan(m[2], &y)
		fmt.Sscan(m[3], &n)
		for i := range n {
			drawn[[2]int{x + i, y}] = true
		}
	}
	for y := range size {
		for x := range size {
			r, _, _, _ := want.At(x, y).RGBA()
			if (r == 0) != drawn[[2]int{x + 4, y + 4}] {
				t.Fatalf("module %d,%d differs", x, y)
			}
		}
	}
}

func TestTextTooLongForACodeIsAnError(t *testing.T) {
	if _, err := QR(strings.Repeat("x", 5000), "", ""); err == nil {
		t.Error("drawn")
	}
}
