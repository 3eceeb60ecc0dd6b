package main

// Client is one registered relying party.
type Client struct {
	ID       string `json:"id"`
	Secret   string `json:"secret"`
	Auth     string `json:"auth"` // basic | post
	Redirect string `json:"redirect"`
	Scope    string `json:"scope"`
	Resource string `json:"resource"` // RFC 8707, where a peer needs one to issue JWTs
}

// Config points the generator at one server.
type Config struct {
	Name       string            `json:"name"`
	Issuer     string            `json:"issuer"`
	Via        string            `json:"via"`        // where the server listens, when a proxy with the issuer's address is played here
	Discovery  string            `json:"discovery"`  // default issuer + well-known
	Introspect string            `json:"introspect"` // override of the discovered endpoint
	IntroAuth  string            `json:"intro_auth"` // none | basic
	CCOpaque   *Client           `json:"cc_opaque"`
	CCJWT      *Client           `json:"cc_jwt"`
	CCJWT2     *Client           `json:"cc_jwt2"` // second algorithm
	Web        *Client           `json:"web"`
	Refresh    *Client           `json:"refresh"`        // default Web
	RefPublic  *Client           `json:"refresh_public"` // has no secret, and auth: post
	AuthParams map[string]string `json:"auth_params"`
	RefParams  map[string]string `json:"refresh_auth_params"`
	StepParams map[string]string `json:"step_up_params"`
	Driver     string            `json:"driver"` // form | hydra | json
	Users      int               `json:"users"`  // with %d in User, number of accounts
	User       string            `json:"user"`
	AppUser    string            `json:"app_user"` // accounts of the step-up, who get an authenticator app
	Password   string            `json:"password"`
	HydraAdmin string            `json:"hydra_admin"`
	PID        []int             `json:"-"`
}

type endpoints struct {
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	Introspection string `json:"introspection_endpoint"`
	JWKS          string `json:"jwks_uri"`
}

// Result is one measured cell.
type Result struct {
	Peer      string             `json:"peer"`
	Op        string             `json:"op"`
	Workers   int                `json:"workers"`
	N         int64              `json:"n"`
	HTTP      int64              `json:"http_requests"`
	Errors    int64              `json:"errors"`
	FirstErr  string             `json:"first_error,omitempty"`
	Seconds   float64            `json:"seconds"`
	RPS       float64            `json:"rps"`
	P50       float64            `json:"p50_ms"`
	P95       float64            `json:"p95_ms"`
	P99       float64            `json:"p99_ms"`
	SrvCPU    float64            `json:"server_cpu_s"`
	PGCPU     float64            `json:"pg_cpu_s"`
	PerCPU    float64            `json:"ops_per_server_cpu_s"`
	PerAllCPU float64            `json:"ops_per_all_cpu_s"`
	RSSMiB    float64            `json:"rss_mib"`
	SQL       map[string]float64 `json:"sql_per_op,omitempty"`
	Skipped   string             `json:"skipped,omitempty"`
}
