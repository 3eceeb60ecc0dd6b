// Package acr decides how sure the server is about a person, and what is still missing.
//
// It owns the levels of authentication (their order, names and what each one needs), the evidence (authentication
// events), the requirement (what a request, its client, its scopes and the person's own choice demand) and the one
// function that compares them: [Decide]. It leaves to others where those facts come from (storage), how a person
// proves something (mfa, user, federation) and what is shown (login, op).
//
// No I/O, no clock, no HTTP: the same arguments always give the same answer, so the truth table in the tests is the
// policy document.
//
// [Explain] is the same function, listened to: it says rule by rule how the answer came about, in the sentences of words.go.
//
// Its words: an own factor is what the person switched on, a contact an address on the account. What rests does not count
// before its cooling time is over: a fresh contact, a factor or codes gained by a weak proof. A dependent step proves
// nothing beside the first one, because whoever holds the first, or its mailbox, holds it too; a password set through a
// mailbox taints that mailbox so. A level is told by its place in Policy.Levels.
//
// Easy to get wrong: acr, amr and auth_time are never facts about an account. They are derived from the events at the
// moment an answer is made, so nothing may be cached or stored as "this person is mfa".
package acr
