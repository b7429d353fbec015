#!/bin/sh
# Patroni calls this with what happened, the role, and the cluster's name. A machine that leads no more ends the connections to its
# pooler, so that nobody goes on reading there.
case "$2" in master | primary | promoted) exit 0 ;; esac
for what in 'kill makegood' 'resume makegood'; do
  psql --no-psqlrc --quiet --host '@DIR@/run' --port '@PGBOUNCER_PORT@' --username pgbouncer --dbname pgbouncer --command "$what" || true
done
