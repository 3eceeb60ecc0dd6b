package sql

import (
	"context"
	"fmt"
	"strings"

	"github.com/soglia-sso/soglia/storage"
)

const accessColumns = `hash, client_id, scopes, acr, amr, auth_time, issued, expires, grant_id`

// insertAccess writes an access token in the statement that makes its grant, if there is one to write. Its parameters
// are those of accessArgs, from $n on.
func insertAccess(n int, grant, from string) string {
	return fmt.Sprintf(`INSERT INTO access_tokens (%s) SELECT %s, %s FROM %s WHERE CAST($%d AS BYTEA) IS NOT NULL`,
		accessColumns, params(n, 8), grant, from, n)
}

// params is "$n, $n+1, …".
func params(n, count int) string {
	out := make([]string, count)
	for i := range out {
		out[i] = fmt.Sprintf("$%d", n+i)
	}
	return strings.Join(out, ", ")
}

func accessArgs(a *storage.AccessToken, client string) []any {
	if a == nil {
		a = &storage.AccessToken{}
	}
	if a.ClientID != "" {
		client = a.ClientID
	}
	return []any{
		blob(a.Hash), client, words(a.Scopes), a.Acr, words(a.Amr), micros(a.AuthTime), micros(a.Issued),
		micros(a.Expires),
	}
}

var putAccess = `INSERT INTO access_tokens (` + accessColumns + `) VALUES (` + params(1, 9) + `)`

func (r records) putAccess(ctx context.Context, a *storage.AccessToken, client, grant string) error {
	if a == nil {
		return nil
	}
	_, err := r.q.Exec(ctx, putAccess, append(accessArgs(a, client), grant)...)
	return err
}
