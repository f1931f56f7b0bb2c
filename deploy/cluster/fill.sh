#!/bin/sh
# fill.sh TEMPLATE [FILE [once]]: the template with its ${WORDS} from the environment, to the file or to
# standard output. The file is written whole or not at all; `once` leaves one that is there, for programs
# that write into theirs. Needs nothing but awk.
set -eu
if [ "${3-}" = once ] && [ -e "$2" ]; then exit 0; fi

filled() {
    awk '{
        done = ""
        while (match($0, /\$\{[A-Z0-9_]+\}/)) {
            word = substr($0, RSTART + 2, RLENGTH - 3)
            if (!(word in ENVIRON)) {
                print FILENAME ": " word " is not set" > "/dev/stderr"
                exit 1
            }
            done = done substr($0, 1, RSTART - 1) ENVIRON[word]
            $0 = substr($0, RSTART + RLENGTH)
        }
        print done $0
    }' "$1"
}

if [ $# -eq 1 ]; then filled "$1"; exit; fi
trap 'rm -f "$2.new"' EXIT
filled "$1" > "$2.new"
mv "$2.new" "$2"
