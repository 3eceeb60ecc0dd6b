package main

// goal is what one operation should reach: operations per server-CPU-second, and how many times faster the floor may be,
// because machines differ. Zero is no goal.
type goal struct {
	op, title  string
	perCPU     float64
	ratio      float64 // floor by ours, at most
	p99        float64 // ms with 16 workers
	statements float64
	commits    float64
	floor      bool // the floor knows it
}

var goals = []goal{
	{op: "discovery", title: "discovery", perCPU: 40000, ratio: 1.35, floor: true},
	{op: "jwks", title: "JWKS", perCPU: 40000, ratio: 1.35, floor: true},
	{op: "cc-jwt", title: "client_credentials, JWT", perCPU: 6500, ratio: 1.65, floor: true},
	{op: "refresh", title: "refresh of a client with a secret, two JWTs", perCPU: 4500, ratio: 1.6, p99: 25, statements: 1, floor: true},
	{op: "refresh-public", title: "refresh of a public client, rotated, two JWTs", perCPU: 3000, ratio: 1.6, p99: 25, statements: 2, commits: 1, floor: true},
	{op: "introspect", title: "introspection", perCPU: 10000, ratio: 1.9, floor: true},
	{op: "userinfo", title: "userinfo", perCPU: 11000, ratio: 2.0, floor: true},
	{op: "sso", title: "SSO hop: authorize, code, token, userinfo", perCPU: 1600, ratio: 2.2, p99: 40, statements: 5, commits: 2, floor: true},
	{op: "step-up", title: "step-up: app code, authorization code, token", perCPU: 500},
	{op: "login", title: "first password sign-in, whole"},
}

// Goals that are no operation's.
const (
	goalIdle     = 32.0 // MiB VmRSS
	goalIdleAnon = 12.0 // MiB
	goalWorked   = 45.0 // MiB VmRSS after 100,000 requests
	goalStart    = 100.0
	goalBinary   = 32.0 // MB
	goalSignIn   = 2.5  // ms of server CPU beside the password hash
	goalCrowd    = 0.8  // operations of a million people by those of a thousand
	goalSweep    = 2.0  // refresh p99 while sweeping by quiet
	goalHandOver = 2.0  // s
	goalFlood    = 3.0  // refresh p99 flooded by quiet
	goalWide     = 0.85 // operations with 64 workers by those with 16
)
