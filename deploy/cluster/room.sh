#!/bin/sh
# Says to HAProxy (agent-check) whether the disk of a database has room: `room.sh FOLDER`, one word and
# out. A server whose disk is full may hold its clients for a minute without a word, and still answer the
# other check. LEAST_MB of free space (512 where it is not set) are enough to end in order.
free=$(df -Pm "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -ge "${LEAST_MB:-512}" ]; then echo up; else echo down; fi
