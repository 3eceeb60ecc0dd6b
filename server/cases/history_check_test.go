package cases

import (
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// The checker must see what it is for: each history is one that a broken server would leave, or one that only looks so.
func TestHistoryCheckerTellsBrokenHistoriesFromRightOnes(t *testing.T) {
	op := func(from, to int64, act act, token string, ok bool, next string) porcupine.Operation {
		return porcupine.Operation{Input: call{grant: "g", act: act, token: token}, Call: from, Output: reply{ok: ok, token: next}, Return: to}
	}
	as := func(f fate, op porcupine.Operation) porcupine.Operation {
		in := op.Input.(call)
		in.tokens = f
		op.Input = in
		return op
	}
	offline := func(op porcupine.Operation) porcupine.Operation {
		in := op.Input.(call)
		in.offline = true
		op.Input = in
		return op
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		want    porcupine.CheckResult
	}{
		"two redemptions at once, one wins": {[]porcupine.Operation{
			op(1, 3, redeem, "", true, "r1"), op(2, 4, redeem, "", false, "")}, porcupine.Ok},
		"two redemptions at once, both win": {[]porcupine.Operation{
			op(1, 3, redeem, "", true, "r1"), op(2, 4, redeem, "", true, "r2")}, porcupine.Illegal},
		"two redemptions, nobody wins": {[]porcupine.Operation{
			op(1, 3, redeem, "", false, ""), op(2, 4, redeem, "", false, "")}, porcupine.Illegal},
		"a refresh before a replay was answered": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 6, redeem, "", false, ""), op(4, 5, refresh, "r1", true, "r2")}, porcupine.Ok},
		"a refresh after a replay was answered": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, redeem, "", false, ""), op(5, 6, refresh, "r1", true, "r2")}, porcupine.Illegal},
		"a refresh while the revocation is under way": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 6, revoke, "r1", true, ""), op(4, 7, refresh, "r1", true, "r2")}, porcupine.Ok},
		"a refresh after the revocation was answered": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, revoke, "r1", true, ""), op(5, 6, refresh, "r1", true, "r2")}, porcupine.Illegal},
		"a refresh after the sign-out was answered": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, endSession, "", true, ""), op(5, 6, refresh, "r1", true, "r2")}, porcupine.Illegal},
		"an offline refresh after the sign-out": {[]porcupine.Operation{
			offline(op(1, 2, redeem, "", true, "r1")), offline(op(3, 4, endSession, "", true, "")), offline(op(5, 6, refresh, "r1", true, "r2"))}, porcupine.Ok},
		"an offline code after the sign-out": {[]porcupine.Operation{
			offline(op(1, 2, endSession, "", true, "")), offline(op(3, 4, redeem, "", true, "r1"))}, porcupine.Illegal},
		"one token, refreshed twice": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 5, refresh, "r1", true, "r2"), op(4, 6, refresh, "r1", true, "r3")}, porcupine.Illegal},
		"the family lives on after a reuse": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, refresh, "r1", true, "r2"), op(5, 6, refresh, "r1", false, ""),
			op(7, 8, refresh, "r2", true, "r3")}, porcupine.Illegal},
		"a token that stays, refreshed by two at once": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(stays, op(3, 5, refresh, "r1", true, "r1")), as(stays, op(4, 6, refresh, "r1", true, "r1"))}, porcupine.Ok},
		"a token that stays, and another one comes": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(stays, op(3, 4, refresh, "r1", true, "r2"))}, porcupine.Illegal},
		"a token that stays, refreshed after the revocation": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, revoke, "r1", true, ""), as(stays, op(5, 6, refresh, "r1", true, "r1"))}, porcupine.Illegal},
		"a repeat gives the same": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(again, op(3, 5, refresh, "r1", true, "r2")), as(again, op(4, 6, refresh, "r1", true, "r2"))}, porcupine.Ok},
		"a repeat gives another": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(again, op(3, 5, refresh, "r1", true, "r2")), as(again, op(4, 6, refresh, "r1", true, "r3"))}, porcupine.Illegal},
		"a repeat after the successor was used": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(again, op(3, 4, refresh, "r1", true, "r2")), as(again, op(5, 6, refresh, "r2", true, "r3")),
			as(again, op(7, 8, refresh, "r1", true, "r2"))}, porcupine.Illegal},
		"a repeat of the last but one ends the family": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(again, op(3, 4, refresh, "r1", true, "r2")), as(again, op(5, 6, refresh, "r2", true, "r3")),
			as(again, op(7, 8, refresh, "r1", false, "")), as(again, op(9, 10, refresh, "r3", true, "r4"))}, porcupine.Illegal},
		"a repeat after the family ended": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), as(again, op(3, 4, refresh, "r1", true, "r2")), op(5, 6, revoke, "r2", true, ""),
			as(again, op(7, 8, refresh, "r1", true, "r2"))}, porcupine.Illegal},
		"a live token that is refused": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, refresh, "r1", false, "")}, porcupine.Illegal},
		"a revoked token that is still shown": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 4, revoke, "r1", true, ""), op(5, 6, introspect, "r1", true, "")}, porcupine.Illegal},
		"dead, and alive again": {[]porcupine.Operation{
			op(1, 2, redeem, "", true, "r1"), op(3, 10, revoke, "r1", true, ""), op(4, 5, introspect, "r1", false, ""),
			op(6, 7, introspect, "r1", true, "")}, porcupine.Illegal},
	} {
		if got := porcupine.CheckOperationsTimeout(grants, c.history, time.Minute); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
