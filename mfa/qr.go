package mfa

import (
	"fmt"
	"html"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white border, in modules, without which readers do not find the symbol (ISO/IEC 18004 §9.1).
const quiet = 4

// QR draws text (an otpauth URI) as inline SVG: one path, black on white with its quiet zone, and title and desc for those
// who do not see it. It has neither style nor script, so it needs no exception from the content security policy.
func QR(text, title, desc string) (string, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto) // a screen has no scratches: fewer modules are read more easily
	if err != nil {
		return "", err
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			n := 0
			for x+n < size && dark(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, n, n)
				x += n
			}
		}
	}
	all := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 %d %d" role="img" aria-labelledby="qr-title qr-desc" shape-rendering="crispEdges">`+
		`<title id="qr-title">%s</title><desc id="qr-desc">%s</desc><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`,
		all, all, html.EscapeString(title), html.EscapeString(desc), all, all, path.String()), nil
}
