package interop

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// atOnce opens one page in four tabs of a browser at the same moment, again and again, until two of them came with a token that had
// run out: both refresh then. No tab may ever show anything else than the page. Whether two meet is chance, and on a busy machine it
// may not come: then it is said to have been seen by nobody.
func (p *program) atOnce(b *browser, to, holds string) bool {
	p.t.Helper()
	for range 600 { // as often as a machine that is not busy needs by far
		before := p.tokenCalls()
		var tabs sync.WaitGroup
		wrong := make(chan string, 4)
		for range cap(wrong) {
			tabs.Go(func() {
				r, err := http.NewRequest(http.MethodGet, to, nil)
				if err != nil {
					wrong <- err.Error()
					return
				}
				r.Header.Set("Accept", "text/html")
				resp, err := b.client.Do(r)
				if err != nil {
					wrong <- err.Error()
					return
				}
				defer resp.Body.Close()
				if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), holds) {
					wrong <- fmt.Sprintf("%s %s, %v: %s", resp.Status, resp.Request.URL, err, body)
				}
			})
		}
		tabs.Wait()
		if len(wrong) > 0 {
			p.t.Fatalf("a tab shows %s", <-wrong)
		}
		if p.tokenCalls() >= before+2 {
			return true
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Log("two tabs never refreshed at once")
	return false
}
