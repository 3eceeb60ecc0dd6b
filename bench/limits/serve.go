package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const schema = `
create table if not exists lim_counter(id int primary key, n bigint not null) with (fillfactor=70);
insert into lim_counter select g, 0 from generate_series(1,10000) g on conflict do nothing;
create table if not exists lim_refresh(hash bytea primary key, family uuid not null, client_id text not null, sub text not null, scope text not null, used_at timestamptz, expires_at timestamptz not null);
create table if not exists lim_access(hash bytea primary key, client_id text not null, sub text not null, scope text not null, expires_at timestamptz not null);`

// rotate marks one token as used and inserts its successor, in one statement and so in one commit.
const rotate = `with old as (update lim_refresh set used_at=now() where hash=$1 and used_at is null and expires_at>now() returning family, client_id, sub, scope)
insert into lim_refresh(hash,family,client_id,sub,scope,expires_at) select $2, family, client_id, sub, scope, now()+interval '30 days' from old returning sub, scope`

// kept reads a token that stays.
const kept = `select sub, scope from lim_refresh where hash=$1 and used_at is null and expires_at>now()`

func serve(addr, dsn string, pool int) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("hello")) })
	for name, f := range signers() {
		mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, f())
		})
		mux.HandleFunc("POST /cc-"+name, func(w http.ResponseWriter, r *http.Request) {
			_, secret, _ := r.BasicAuth()
			sum := sha256.Sum256([]byte(secret))
			if r.ParseForm() != nil || r.PostForm.Get("grant_type") == "" || sum[0] == 0 && sum[1] == 0 && sum[2] == 0 {
				http.Error(w, "bad", 400)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, f())
		})
	}
	if dsn != "" {
		db := newPool(dsn, pool)
		s := signers()
		for _, alg := range []string{"none", "es256", "rs256", "eddsa"} {
			mux.HandleFunc("POST /refresh-"+alg, func(w http.ResponseWriter, r *http.Request) { refresh(w, r, db, s[alg], true) })
			mux.HandleFunc("POST /kept-"+alg, func(w http.ResponseWriter, r *http.Request) { refresh(w, r, db, s[alg], false) })
		}
		mux.HandleFunc("GET /select", func(w http.ResponseWriter, r *http.Request) {
			var n int64
			if err := db.QueryRow(r.Context(), "select n from lim_counter where id=$1", time.Now().UnixNano()%10000+1).Scan(&n); err != nil {
				http.Error(w, err.Error(), 500)
				return
			}
			fmt.Fprintf(w, `{"active":true,"n":%d}`, n)
		})
		mux.HandleFunc("GET /insert", func(w http.ResponseWriter, r *http.Request) {
			h := make([]byte, 32)
			rand.Read(h)
			sum := sha256.Sum256(h)
			if _, err := db.Exec(r.Context(), "insert into lim_access values($1,'panel','248289761001','openid profile',now()+interval '1 hour')", sum[:]); err != nil {
				http.Error(w, err.Error(), 500)
				return
			}
			fmt.Fprintf(w, `{"access_token":%q}`, base64.RawURLEncoding.EncodeToString(h))
		})
	}
	if dsn != "" {
		floor(mux, newPool(dsn, pool), "http://"+addr, signers()["es256"])
	}
	srv := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	must(0, srv.ListenAndServe())
}

func refresh(w http.ResponseWriter, r *http.Request, db *pgxpool.Pool, sign func() string, replace bool) {
	next := make([]byte, 32)
	rand.Read(next)
	nsum := sha256.Sum256(next)
	if r.URL.Query().Get("new") != "" {
		_, err := db.Exec(r.Context(), "insert into lim_refresh values($1,gen_random_uuid(),'panel','248289761001','openid offline_access',null,now()+interval '30 days')", nsum[:])
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		fmt.Fprintf(w, `{"refresh_token":%q}`, base64.RawURLEncoding.EncodeToString(next))
		return
	}
	_, secret, _ := r.BasicAuth()
	csum := sha256.Sum256([]byte(secret))
	old, err := base64.RawURLEncoding.DecodeString(r.PostFormValue("refresh_token"))
	if err != nil || csum[0] == 0 && csum[1] == 0 && csum[2] == 0 {
		http.Error(w, "bad", 400)
		return
	}
	osum := sha256.Sum256(old)
	var sub, scope string
	text, args := rotate, []any{osum[:], nsum[:]}
	if !replace {
		text, args, next = kept, args[:1], old
	}
	if err := db.QueryRow(r.Context(), text, args...).Scan(&sub, &scope); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	at, id := "opaque", "none"
	if sign != nil { // an access token and an ID token, both signed
		at, id = sign(), sign()
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprintf(w, `{"access_token":%q,"id_token":%q,"refresh_token":%q,"token_type":"Bearer","expires_in":3600,"scope":%q}`, at, id, base64.RawURLEncoding.EncodeToString(next), scope)
}

func newPool(dsn string, size int) *pgxpool.Pool {
	c := must(pgxpool.ParseConfig(dsn))
	c.MaxConns = int32(size)
	db := must(pgxpool.NewWithConfig(context.Background(), c))
	must(db.Exec(context.Background(), schema, pgx.QueryExecModeSimpleProtocol))
	return db
}
