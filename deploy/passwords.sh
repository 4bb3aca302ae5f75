#!/bin/sh
# Makes deploy/.env with a password for every user of deploy/compose.yaml. What stands
# there already is left as it is.
set -eu
umask 077
cd "$(dirname "$0")"
touch .env
made=0
for name in NATS_EBB_PASSWORD NATS_PRODUCER_PASSWORD NATS_SUBSCRIBER_PASSWORD \
    CLICKHOUSE_EBB_PASSWORD CLICKHOUSE_GRAFANA_PASSWORD GRAFANA_ADMIN_PASSWORD; do
    grep -q "^$name=." .env && continue
    # Letters and digits alone, so that no file's quoting matters; the first is a letter.
    printf '%s=p%s\n' "$name" "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')" >>.env
    made=$((made + 1))
done
echo "deploy/.env: made $made of 6 passwords; keep it, and out of version control"
