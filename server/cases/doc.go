// Package cases is the list of attacks and faults that are tried against a whole server, each as a test that carries its
// id (A02, F03, …) in its name, with the expected result and the audit record it must leave.
//
// It owns the ids and their tests, and [TestEveryIDHasATest] finds the ones nobody tests. It leaves the world (servers,
// browsers, people, panels) to servertest; a case that an older journey covers keeps living there, with its id in the name.
//
// Easy to get wrong: a case is a family. A test of the one request in the row passes where its neighbour succeeds, so
// each test walks the neighbours too.
package cases
