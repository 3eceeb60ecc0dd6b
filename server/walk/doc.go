// Package walk is a random walk over the whole product: people, thieves, panels, operators and time, all by dice, against
// whole servers. It keeps a book of its own of what its actors did, and holds every answer of the server against it.
//
// The book (book_test.go, worth_test.go) says in simple words of its own what a proof is worth; it follows the policy of
// the design and knows neither the decision of the server nor its database. It gives upper bounds: no token, refresh,
// introspection or userinfo may say more. That the server does not simply refuse everything is counted (degenerate, walk_test.go).
// The actors are in actor_test.go, what they do in acts_*_test.go, the panels in panel_test.go.
//
// SOGLIA_WALK is how long to walk in real time (5s when unset), SOGLIA_WALK_FROM the seed of the first round (by chance
// when unset; the next ones follow it), SOGLIA_WALK_SEED replays one round. A failing round logs its seed and the last
// things that its people did.
//
// Easy to get wrong: asking the server. What the book holds comes from what an actor knew and did, and from the status of
// the page that came back; a book that reads the database, or decides by the decision, agrees with every fault.
package walk
