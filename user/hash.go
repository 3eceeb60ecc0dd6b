package user

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
)

// ErrBusy: too many passwords are being hashed; nothing was counted or changed. Answer 503 with Retry-After.
var ErrBusy = errors.New("user: too many passwords at once")

const (
	hashWait  = 2 * time.Second // longest wait for a place (docs/security.md L14)
	queueEach = 32              // places in the queue for each one that hashes
	saltBytes = 16
	keyBytes  = 32
)

// Cost is what an argon2id hash costs (RFC 9106 §3.1); p is always 1.
type Cost struct {
	Memory     uint32 // m, KiB
	Iterations uint32 // t
}

// Hasher hashes passwords with argon2id, never more than a fixed number at once: memory stays bounded however many people
// sign in. Make one for the whole process with [NewHasher].
type Hasher struct {
	cost   func() Cost
	places chan struct{}
	spare  chan struct{}
	queue  chan struct{}
	first  chan struct{} // of the queue
	hashes atomic.Int64
	most   atomic.Int64
	now    atomic.Int64
}

// NewHasher makes a hasher with that many places, and spare ones for who has waited half of the longest wait: they are
// what is kept free for everything else as long as the queue is short. cost is asked at each hash, so a reloaded
// configuration counts at once.
func NewHasher(places, spare int, cost func() Cost) *Hasher {
	places = max(places, 1)
	return &Hasher{
		cost: cost, places: make(chan struct{}, places), spare: make(chan struct{}, spare),
		queue: make(chan struct{}, (places+spare)*(queueEach+1)), first: make(chan struct{}, 1),
	}
}

// Hashes returns how many hashes were computed so far: a metric, and how tests see that every attempt costs one.
func (h *Hasher) Hashes() int64 { return h.hashes.Load() }

// Most returns the largest number of hashes ever computed at the same time.
func (h *Hasher) Most() int64 { return h.most.Load() }

// Place waits for a place, at most two seconds. The caller hashes with it and gives it back with Done. ErrBusy when the
// queue is full or the wait too long; ctx.Err() when the caller went away.
func (h *Hasher) Place(ctx context.Context) (*Place, error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	place, err := h.wait(ctx)
	if err != nil {
		<-h.queue
	}
	return place, err
}

// wait takes turns: only the first of the queue asks for places, so that who came before also hashes before, and the spare
// one goes to the one who has waited longest.
func (h *Hasher) wait(ctx context.Context) (*Place, error) {
	long, end := time.After(hashWait/2), time.After(hashWait)
	select {
	case h.first <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-end:
		return nil, ErrBusy
	}
	defer func() { <-h.first }()
	var spare chan struct{} // nil: not yet
	for {
		select {
		case h.places <- struct{}{}:
			return &Place{h, h.places}, nil
		case spare <- struct{}{}:
			return &Place{h, spare}, nil
		case <-long:
			spare = h.spare
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-end:
			return nil, ErrBusy
		}
	}
}

// Place is the right to hash one password at a time.
type Place struct {
	h     *Hasher
	taken chan struct{}
}

// Done gives the place back; only the first call counts.
func (p *Place) Done() {
	if p.h != nil {
		<-p.taken
		<-p.h.queue
		p.h = nil
	}
}

// Hash returns the PHC string of a password that was already normalised (see [Normalise]).
func (p *Place) Hash(password string) string {
	c := p.h.cost()
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	return encode(c, salt, p.key(password, salt, c))
}

// Verify compares a normalised password with a PHC string by exactly one hash, also when phc is empty or not ours: then
// the answer is no all the same. stale: the password is right, and was hashed at a cost that is no longer the current one.
func (p *Place) Verify(phc, password string) (ok, stale bool) {
	current := p.h.cost()
	c, salt, want, err := decode(phc)
	if err != nil {
		p.key(password, make([]byte, saltBytes), current)
		return false, false
	}
	ok = subtle.ConstantTimeCompare(p.key(password, salt, c), want) == 1
	return ok, ok && c != current
}

func (p *Place) key(password string, salt []byte, c Cost) []byte {
	p.h.hashes.Add(1)
	n := p.h.now.Add(1)
	defer p.h.now.Add(-1)
	for old := p.h.most.Load(); n > old && !p.h.most.CompareAndSwap(old, n); old = p.h.most.Load() {
	}
	return argon2.IDKey([]byte(password), salt, c.Iterations, c.Memory, 1, keyBytes)
}

func encode(c Cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, c.Memory, c.Iterations, b64(salt), b64(key))
}

var errPHC = errors.New("user: not an argon2id string of ours")

// decode bounds the cost: a row must not be able to make us allocate gigabytes.
func decode(phc string) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=1", &c.Memory, &c.Iterations); err != nil {
		return c, nil, nil, errPHC
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(key) != keyBytes ||
		c.Memory < 8 || c.Memory > 1<<20 || c.Iterations < 1 || c.Iterations > 64 {
		return c, nil, nil, errPHC
	}
	return c, salt, key, nil
}
