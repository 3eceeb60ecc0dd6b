package op

import (
	"sync"

	"github.com/soglia-sso/soglia/storage"
)

// issued remembers the grants of codes that were made here, so that redeeming one needs no look at the database first:
// the panel comes a moment later, mostly to the same instance. What is remembered of a grant never changes (its client,
// redirect URI, challenge, scopes, decision); whether its code may still be used is decided by the one statement that
// uses it, as ever.
type issued struct {
	mu   sync.Mutex
	kept generations[issuedGrant]
}

// issuedGrant is a grant with the decision it keeps, as it was before it became JSON, and the configuration it was decided by.
type issuedGrant struct {
	grant  *storage.Grant
	frozen frozen
	by     *view
}

// issuedEach is how many a generation holds; one is about a kilobyte.
const issuedEach = 128

func (i *issued) put(codeHash []byte, m issuedGrant) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.kept.put(digest(codeHash), m, issuedEach)
}

// take gives it once; whoever comes again, or with a wrong verifier first, is looked up.
func (i *issued) take(codeHash []byte) (issuedGrant, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.kept.take(digest(codeHash))
}
