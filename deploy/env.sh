#!/bin/sh
# Makes the secrets of docker-compose.yml, for a file of your own: (umask 077; sh deploy/env.sh > .env)
set -eu
umask 077
random() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
echo "SOGLIA_MASTER_KEY=$(random 48)"
echo "SOGLIA_PANEL_SECRET=sog_cs_$(random 32)"
echo "POSTGRES_PASSWORD=$(random 24)"
