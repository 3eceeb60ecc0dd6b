#!/bin/sh
# Puts together the files of the container image: sh deploy/image.sh FOLDER. The Dockerfile runs it, and so does .ci/run,
# where no container engine is needed to see that it works.
set -eu
out=$1
mkdir -p "$out/etc/ssl/certs" "$out/etc/soglia" "$out/run/soglia" "$out/data"

# Static: the image has no C library. -trimpath: no path of the builder inside. COMMIT: for where there is no history.
CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X main.commit=${COMMIT:-}" -o "$out/soglia" ./cmd/soglia

# Roots of trust, for mail servers and social providers.
cp /etc/ssl/certs/ca-certificates.crt "$out/etc/ssl/certs/"

# Time zones, for the clock times in messages.
cp "$(go env GOROOT)/lib/time/zoneinfo.zip" "$out/zoneinfo.zip"

# A name for the user that serves.
echo 'soglia:x:65532:65532:soglia:/data:/soglia' >"$out/etc/passwd"
