package mfa

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

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
	want, err := qr.Encode(uri, qr.L, qr.Auto)
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

// The picture is 200 px wide. With a name of 64 Cyrillic letters a module was 2 px, and readers gave up.
func TestQ27ALongNameGivesACodeThatIsRead(t *testing.T) {
	for _, name := range []string{"mario.rossi", strings.Repeat("ж", 64), strings.Repeat("漢", 64), strings.Repeat("w", 64)} {
		uri := keyURI("Example Hosting", name, strings.Repeat("GEZDGNBV", 4))
		code, err := qr.Encode(uri, qr.L, qr.Auto)
		if err != nil {
			t.Fatal(err)
		}
		if size := code.Bounds().Dx() + 2*quiet; 200/size < 3 {
			t.Errorf("%s: %d modules on 200 px", name, size)
		}
		label, err := url.Parse(uri)
		if err != nil || !strings.HasPrefix(label.Path, "/Example Hosting:"+name[:3]) || !utf8.ValidString(label.Path) {
			t.Errorf("%v, %v", label, err)
		}
	}
}
