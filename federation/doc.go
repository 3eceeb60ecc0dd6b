// Package federation signs people in at social providers, with us as their client.
//
// It owns the providers' protocols (OpenID Connect with discovery, Google, Facebook), the one-time state that ties an
// answer to its question, browser and provider, and what is asked of a provider. It leaves to outbound how one is reached, to
// user and login what an identity means here: finding, creating, linking and proving accounts.
//
// Easy to get wrong: to believe too early. Nothing a provider or a callback says is used before its state was taken (once, from this
// browser, for this provider), and nothing that fails here may touch anything but the one sign-in: a provider that is
// away, slow or wrong is an error value within ten seconds.
package federation
