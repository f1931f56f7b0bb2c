#!/bin/bash
# A database node in a container: database.sh, with the words of galera.cnf, and DATA, RUN, MYSQL_PASSWORD
# and FIRST in its environment. (With systemd Debian's own mariadb.service does this.)
#
# Nothing makes a second, empty cluster by itself: a node without data joins the others, but for the one
# that FIRST names, and that only while none of the others answers. After all have ended in order, the
# last one begins again, by Galera's own note; after a power cut they find each other when all are back.
set -euo pipefail
here=$(dirname "$0")
"$here/fill.sh" "$here/galera.cnf" "$RUN/galera.cnf"
common=(--defaults-file="$RUN/galera.cnf" --datadir="$DATA" --socket="$RUN/mariadb.sock" --pid-file="$RUN/pid")
more=()

others_answer() {
    local node
    for node in ${NODES//,/ }; do
        [ "$node" = "$LISTEN" ] && continue
        timeout 2 bash -c ">/dev/tcp/${node%:*}/${node#*:}" 2>/dev/null && return 0
    done
    return 1
}

if [ ! -d "$DATA/mysql" ]; then
    mariadb-install-db --no-defaults --datadir="$DATA" --auth-root-authentication-method=socket \
        --skip-test-db > /dev/null
    if [ "${FIRST-}" = "$NAME" ] && ! others_answer; then
        "$here/fill.sh" "$here/database.sql" "$RUN/database.sql"
        more=(--wsrep-new-cluster --init-file="$RUN/database.sql")
    fi
elif grep -qs '^safe_to_bootstrap: 1' "$DATA/grastate.dat" && ! others_answer; then
    more=(--wsrep-new-cluster)
else
    position=$(mariadbd "${common[@]}" --wsrep-recover 2>&1 |
        sed -n 's/.*WSREP: Recovered position: *//p' | tail -n 1)
    if [ -n "$position" ]; then more=(--wsrep-start-position="$position"); fi
fi
exec mariadbd "${common[@]}" "${more[@]}"
