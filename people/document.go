package people

import (
	_ "embed"
	"time"

	"github.com/soglia-sso/soglia/web"
)

// openapi is the API's contract, OpenAPI 3.1. The same bytes stand in docs/.
//
//go:embed openapi.json
var openapi []byte

// openapiDocument is for whoever asks: there is nothing about anybody in it.
var openapiDocument = web.NewDocument("application/json", openapi, time.Hour)
