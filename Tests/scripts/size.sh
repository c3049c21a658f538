#!/usr/bin/env bash
# Checks the program that ships: at most 35 MB, no ICU, no full Foundation, no Swift library left outside.
# usage: size.sh PROGRAM
set -euo pipefail
program=$1
limit=35000000

failed=0
fail() {
    echo "error: $1" >&2
    failed=1
}

bytes=$(wc -c <"$program")
echo "$program: $bytes bytes, of at most $limit"
[ "$bytes" -le "$limit" ] || fail "the program is larger than $limit bytes."

libraries=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
echo "linked with: $(tr '\n' ' ' <<<"$libraries")"
if grep -qE '^lib(swift|Foundation|_Foundation|icu)' <<<"$libraries"; then
    fail "the program needs a library that a machine without Swift does not have."
fi

texts=$(mktemp)
trap 'rm -f "$texts"' EXIT
strings -a "$program" >"$texts"
if grep -qE 'icudt[0-9]+|FoundationInternationalization' "$texts"; then
    fail "ICU is linked in: a module imports Foundation where FoundationEssentials would do."
fi
if grep -qx 'Foundation' "$texts"; then
    fail "Foundation is linked in: a module imports Foundation where FoundationEssentials would do."
fi
exit "$failed"
