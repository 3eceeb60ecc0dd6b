// Package user knows persons: how they are named and found, how a password is chosen, kept and checked, how guessing is
// slowed down, and how an account comes to be.
//
// It owns the canonical forms of user names and mail addresses, the password rules, argon2id and the throttle. It leaves
// pages to login and account, second factors to mfa, the decision to acr, and rows to storage.
//
// Easy to get wrong: the difference between accounts. Known and unknown, right and wrong, disabled and password-less
// must cost the same statements and exactly one hash; and a counter must not be escaped by another spelling, another
// browser or many tries at once. So [SignIn.Password] is one road without short cuts: whoever adds a return in its
// middle opens an oracle.
package user
