package cases

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// The model of a grant: what one client at a time would see. Codes and refresh tokens are told apart by their text, and
// whoever sends one got it from an answer before, so every refresh token that is not the current one was used. The clock
// stands still while clients play, so a leeway that is given never ends.

// act is what a client does to a grant.
type act string

const (
	redeem     act = "redeem"     // the grant's code
	refresh    act = "refresh"    // with a token
	revoke     act = "revoke"     // a token: its whole grant ends (op.doRevoke)
	introspect act = "introspect" // a token
	endSession act = "sign out"   // of the session that the grant hangs on
)

// call is one operation's input; reply its output.
type (
	call struct {
		grant   string // its code
		offline bool   // outlives its session
		tokens  fate
		act     act
		token   string
	}
	reply struct {
		ok    bool   // answered with tokens, or said to be active
		token string // the new refresh token
	}
)

// fate is what becomes of a refresh token that is used.
type fate string

const (
	stays    fate = "stays"                 // the client proves itself each time (Q43)
	again    fate = "replaced, with leeway" // the last one gives the very same successor again
	replaced fate = "replaced, without leeway"
)

// grantState is a grant between two operations.
type grantState struct {
	redeemed, over, signedOut bool
	token, last               string // the current refresh token, and the one it was made from
}

// step says whether a grant in this state may reply so, and what it is afterwards. A used token ends the family, whoever sends
// it (D01), but for the last one within its leeway, which moves nothing.
func (s grantState) step(in call, out reply) (bool, grantState) {
	alive := !s.over && (in.offline || !s.signedOut)
	switch in.act {
	case redeem:
		if s.redeemed { // a replay ends what the code gave (RFC 6749 §4.1.2)
			s.over = true
			return !out.ok, s
		}
		if !alive || s.signedOut { // a code needs the session, also one for an offline grant
			return !out.ok, s
		}
		s.redeemed, s.token = true, out.token
		return out.ok, s
	case refresh:
		if !alive {
			return !out.ok, s
		}
		switch {
		case in.token == s.token && in.tokens == stays:
			return out.ok && out.token == s.token, s
		case in.token == s.token:
			s.token, s.last = out.token, in.token
			return out.ok && out.token != in.token, s
		case in.token == s.last && in.tokens == again:
			return out.ok && out.token == s.token, s
		}
		s.over = true
		return !out.ok, s
	case revoke:
		s.over = true
		return true, s
	case introspect:
		return out.ok == (alive && in.token == s.token), s
	case endSession:
		s.signedOut = true
		return true, s
	}
	return false, s
}

// grants is the model of a history over many grants, each of which is a history of its own.
var grants = porcupine.Model{
	Partition: func(history []porcupine.Operation) (parts [][]porcupine.Operation) {
		of := map[string]int{}
		for _, op := range history {
			g := op.Input.(call).grant
			if _, known := of[g]; !known {
				of[g] = len(parts)
				parts = append(parts, nil)
			}
			parts[of[g]] = append(parts[of[g]], op)
		}
		return parts
	},
	Init: func() any { return grantState{} },
	Step: func(state, input, output any) (bool, any) {
		return state.(grantState).step(input.(call), output.(reply))
	},
	DescribeOperation: func(input, output any) string {
		in, out := input.(call), output.(reply)
		return fmt.Sprintf("%s %s -> %v %s", in.act, brief(in.token), out.ok, brief(out.token))
	},
}

// brief is the end of a token: enough to tell tokens apart in a listing.
func brief(token string) string { return token[max(0, len(token)-6):] }
