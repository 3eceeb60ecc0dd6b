package main

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The floor of a single sign-on hop: the fewest statements and signatures that
// still keep state in PostgreSQL. It checks PKCE and nothing else: it is a
// yardstick, never a server.

const floorSchema = `
create table if not exists lim_session(hash bytea primary key, sub text not null, acr text not null, expires_at timestamptz not null);
create table if not exists lim_code(hash bytea primary key, client_id text not null, sub text not null, challenge text not null, nonce text not null, scope text not null, expires_at timestamptz not null);`

func secret() (string, []byte) {
	b := make([]byte, 32)
	rand.Read(b)
	s := base64.RawURLEncoding.EncodeToString(b)
	sum := sha256.Sum256([]byte(s))
	return s, sum[:]
}

func hashOf(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:]
}

func floor(mux *http.ServeMux, db *pgxpool.Pool, base string, sign func() string) {
	must(db.Exec(ctx, floorSchema))
	doc := must(json.Marshal(map[string]any{"issuer": base, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token", "userinfo_endpoint": base + "/userinfo", "introspection_endpoint": base + "/introspect", "jwks_uri": base + "/hello"}))
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(doc)
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		c, err := r.Cookie("s")
		if err != nil {
			s, h := secret()
			if _, err := db.Exec(r.Context(), "insert into lim_session values($1,'248289761001','mfa',now()+interval '1 day')", h); err != nil {
				http.Error(w, err.Error(), 500)
				return
			}
			c = &http.Cookie{Name: "s", Value: s, HttpOnly: true, Path: "/"}
			http.SetCookie(w, c)
		}
		code, h := secret()
		tag, err := db.Exec(r.Context(), `insert into lim_code select $1,$2,sub,$3,$4,$5,now()+interval '1 minute' from lim_session where hash=$6 and expires_at>now()`,
			h, q.Get("client_id"), q.Get("code_challenge"), q.Get("nonce"), q.Get("scope"), hashOf(c.Value))
		if err != nil || tag.RowsAffected() != 1 {
			http.Error(w, "no session", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		at, h := secret()
		var challenge, sub string
		err := db.QueryRow(r.Context(), `with c as (delete from lim_code where hash=$1 and expires_at>now() returning client_id,sub,scope,challenge), a as (insert into lim_access select $2,client_id,sub,scope,now()+interval '1 hour' from c) select challenge, sub from c`,
			hashOf(r.PostFormValue("code")), h).Scan(&challenge, &sub)
		v := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if err != nil || subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(v[:])), []byte(challenge)) != 1 {
			http.Error(w, `{"error":"invalid_grant"}`, 400)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintf(w, `{"access_token":%q,"id_token":%q,"token_type":"Bearer","expires_in":3600}`, at, sign())
	})
	info := func(w http.ResponseWriter, r *http.Request, token string) {
		var sub, scope string
		if err := db.QueryRow(r.Context(), "select sub, scope from lim_access where hash=$1 and expires_at>now()", hashOf(token)).Scan(&sub, &scope); err != nil {
			http.Error(w, `{"active":false}`, http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"active": true, "sub": sub, "scope": scope, "email": "user@example.com", "email_verified": true})
	}
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		a := r.Header.Get("Authorization")
		if len(a) > 7 {
			a = a[7:]
		}
		info(w, r, a)
	})
	mux.HandleFunc("POST /introspect", func(w http.ResponseWriter, r *http.Request) { info(w, r, r.PostFormValue("token")) })
}
