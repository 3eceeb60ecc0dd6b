package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	_ "modernc.org/sqlite"
)

var ctx = context.Background()

func pgBench(dsn string, size int, dur time.Duration) {
	db := newPool(dsn, size)

	for _, w := range []int{1, 16, 64} {
		closed("pg update returning", w, dur, func(w, i int) error {
			var n int64
			return db.QueryRow(ctx, "update lim_counter set n=n+1 where id=$1 returning n", (w*131+i)%10000+1).Scan(&n)
		})
	}
	for _, w := range []int{1, 16, 64} {
		closed("pg select", w, dur, func(w, i int) error {
			var n int64
			return db.QueryRow(ctx, "select n from lim_counter where id=$1", (w*131+i)%10000+1).Scan(&n)
		})
	}
	for _, w := range []int{1, 16} {
		closed("pg begin/select/update/insert/commit", w, dur, func(w, i int) error {
			return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
				var n int64
				if err := tx.QueryRow(ctx, "select n from lim_counter where id=$1 for update", (w*131+i)%10000+1).Scan(&n); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "update lim_counter set n=n+1 where id=$1", (w*131+i)%10000+1); err != nil {
					return err
				}
				h := make([]byte, 32)
				rand.Read(h)
				_, err := tx.Exec(ctx, "insert into lim_access values($1,'panel','248289761001','openid profile',now()+interval '1 hour')", h)
				return err
			})
		})
	}
}

func sqliteBench(dir string, dur time.Duration) {
	for _, sync := range []string{"FULL", "NORMAL"} {
		p := filepath.Join(dir, "lim-"+sync+"-"+strconv.Itoa(os.Getpid())+".db")
		dsn := "file:" + p + "?_pragma=journal_mode(WAL)&_pragma=synchronous(" + sync + ")&_pragma=busy_timeout(5000)"
		db := must(sql.Open("sqlite", dsn))
		db.SetMaxOpenConns(1)
		must(db.Exec("create table c(id integer primary key, n integer)"))
		must(db.Exec("with recursive g(x) as (select 1 union all select x+1 from g where x<10000) insert into c select x,0 from g"))
		st := must(db.Prepare("update c set n=n+1 where id=? returning n"))
		for _, w := range []int{1, 16} {
			closed("sqlite wal "+strings.ToLower(sync), w, dur, func(w, i int) error {
				var n int
				return st.QueryRow((w*131+i)%10000 + 1).Scan(&n)
			})
		}
		db.Close()
		for _, x := range []string{"", "-wal", "-shm"} {
			os.Remove(p + x)
		}
	}
}

func kdf(dur time.Duration) {
	salt := []byte("0123456789abcdef")
	closed("argon2id 19MiB t=2 p=1", 1, dur, func(int, int) error { argon2.IDKey([]byte("password"), salt, 2, 19*1024, 1, 32); return nil })
	closed("argon2id 46MiB t=1 p=1", 1, dur, func(int, int) error { argon2.IDKey([]byte("password"), salt, 1, 46*1024, 1, 32); return nil })
	closed("argon2id 64MiB t=3 p=1", 1, dur, func(int, int) error { argon2.IDKey([]byte("password"), salt, 3, 64*1024, 1, 32); return nil })
	closed("argon2id 64MiB t=3 p=4", 1, dur, func(int, int) error { argon2.IDKey([]byte("password"), salt, 3, 64*1024, 4, 32); return nil })
	for _, c := range []int{10, 12} {
		h := must(bcrypt.GenerateFromPassword([]byte("password"), c))
		closed("bcrypt cost "+strconv.Itoa(c), 1, dur, func(int, int) error { return bcrypt.CompareHashAndPassword(h, []byte("password")) })
	}
}

func sign(dur time.Duration) {
	s := signers()
	var names []string
	for k := range s {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		closed("sign "+k, 1, dur, func(int, int) error { s[k](); return nil })
	}
}
