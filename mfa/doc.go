// Package mfa is the second factor: switching one on, making it ready to be asked for, and judging the answer.
//
// It owns the kinds of factors (authenticator apps by RFC 6238, one-time codes sent to a contact or an own number, reserve codes), each in
// its file, and the counters that stop guessing, which are the same for all. It leaves to acr which factor is needed and
// the facts of a method, to step and session the pages and the session row, and to its Send hook how a code travels: mfa
// does not know what a mail server is.
//
// Easy to get wrong: counting. A try is counted before it is looked at, and the count must be kept although the try
// failed. So a failed try is a value, not an error: [Factors.Verify] returns a [Verdict], the caller commits, and only
// then tells the person. An error means that the database failed and nothing happened.
package mfa
