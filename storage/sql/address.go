package sql

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CheckURL says why Open could not use a URL, or nil; nothing is opened. What it says is no secret: of the URL it holds
// names of parameters only.
func CheckURL(raw string) error {
	scheme, rest, _ := strings.Cut(raw, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return checkSQLite(rest)
	case scheme == "postgres" || scheme == "postgresql":
		return checkPostgres(raw)
	}
	return errors.New("must begin with sqlite: or postgres://")
}

// checkSQLite: all of it is the name of a file, which nobody means who writes a parameter or a host.
func checkSQLite(path string) error {
	switch {
	case strings.Contains(path, "?"):
		return errors.New("has parameters, and sqlite: takes none")
	case strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///"):
		return errors.New("names a file without slashes before it: sqlite:soglia.db or sqlite:/var/lib/soglia/soglia.db")
	}
	return nil
}

// What may stand in a URL of PostgreSQL: what leads to the server, proves who is who, and keeps connections.
var connecting = []string{
	"host", "port", "dbname", "user", "password", "passfile", "service", "servicefile", "options", "search_path",
	"sslmode", "sslnegotiation", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslsni", "sslcertmode",
	"min_protocol_version", "max_protocol_version", "channel_binding", "require_auth", "krbspn", "krbsrvname", "target_session_attrs",
	"pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime", "pool_max_conn_lifetime_jitter", "pool_max_conn_idle_time",
	"pool_health_check_period",
}

// ours are decided here: the URL would be overruled without a word.
var ours = map[string]string{
	"pool_max_conns": "write storage.pool", "default_query_exec_mode": "write storage.pooler", "connect_timeout": "it is fixed",
	"statement_timeout": "it is fixed", "default_transaction_isolation": "it is fixed", "application_name": "it is fixed",
	"statement_cache_capacity": "it is fixed", "description_cache_capacity": "it is fixed",
}

func checkPostgres(raw string) error {
	_, query, _ := strings.Cut(raw, "?")
	given, err := url.ParseQuery(query)
	if err != nil || strings.Contains(query, "@") { // a password with a question mark: what follows is no parameter, and is not shown
		return errors.New("has parameters that cannot be read; in a password, ? is written %3F and @ %40")
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if instead, ok := ours[name]; ok {
			return fmt.Errorf("has the parameter %q, which is not for the URL: %s", name, instead)
		}
		if !slices.Contains(connecting, name) {
			return fmt.Errorf("has an unknown parameter %q", name)
		}
	}
	if _, err := pgxpool.ParseConfig(raw); err != nil {
		if why := reason(err); why != "" {
			return errors.New("cannot be used: " + why)
		}
		return errors.New("cannot be read; is a special character of the password percent-encoded?")
	}
	return nil
}

// reason is why pgx refuses a URL that has the form of one. Of one that has not, it may quote any part.
func reason(err error) string {
	var refused *pgconn.ParseConfigError
	if !errors.As(err, &refused) || refused.Unwrap() == nil || errors.As(err, new(*url.Error)) {
		return ""
	}
	return refused.Unwrap().Error()
}
