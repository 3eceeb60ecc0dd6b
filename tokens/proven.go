package tokens

import "crypto/sha256"

// proven remembers which access tokens are signed by a key of its key set, so that the signature of one that comes with
// every call of a panel is computed once: it costs more than the rest of the call. Only what can never change is
// remembered, that this very text was signed by that very key. Whether it is still good (its times, its grant, session
// and person) is looked at each time.
//
// It belongs to a keySet and is gone with it, so a key that is retired takes everything it signed along. Most tokens that
// are signed never come back to this instance: of those, only the hash and the key are kept, without a pointer that the
// garbage collector would have to follow.
type proven struct {
	signed Cache[int32]    // by the index of the key
	fresh  Cache[verified] // signed just now: a panel asks userinfo with its token at once
	seen   Cache[verified] // came back
}

// verified is a token's claims and the key that signed it.
type verified struct {
	by     *signingKey
	claims *Claims // shared: nobody changes it
}

// newProven says how many are kept; claims are about half a kilobyte.
func newProven() *proven {
	return &proven{signed: Cache[int32]{Each: 4096}, fresh: Cache[verified]{Each: 128}, seen: Cache[verified]{Each: 1024}}
}

// Digest is what things are remembered by: their SHA-256.
type Digest = [sha256.Size]byte

// DigestOf hashes a text without a copy of it on the heap, as long as it is no longer than tokens of ours are.
func DigestOf(text string) Digest {
	var room [1024]byte
	return sha256.Sum256(append(room[:0], text...))
}

func (p *proven) get(sum Digest) (verified, bool) {
	if v, ok := p.seen.Get(sum); ok {
		return v, true
	}
	return p.fresh.Get(sum)
}
