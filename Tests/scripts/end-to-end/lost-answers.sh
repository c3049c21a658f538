#!/usr/bin/env bash
# The cloud commits a create and then answers 500, hangs up, or answers with a web page; or it hangs up before committing. After that
# run and at most one more, each key exists once, with its secret.
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh
keys=20

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
many_keys "1" "$keys" >"$place/main.tf"

for fault in 500,when=after html,when=after drop,when=after drop,when=before empty:502,when=after truncate,when=after; do
    start_emulator --fault "$fault,on=3+7+11+12"
    rm -rf "$place"/flinkform.tfstate* "$place"/.flinkform*
    cd "$place"
    runs=1
    flinkform apply -auto-approve >log.txt 2>&1 || {
        runs=2
        flinkform apply -auto-approve >>log.txt 2>&1 || { cat log.txt >&2; echo "error: $fault: the second apply failed" >&2; exit 1; }
    }
    there=$(cloud GET '/iam/v2/api-keys?page_size=100' | grep -o '"id":"[A-Z0-9]\{16\}"' | sort)
    known=$(flinkform secret list | awk '$2 == "known" && $4 ~ /confluent_api_key/ { print "\"id\":\"" $1 "\"" }' | sort)
    if [ "$(wc -l <<<"$there")" -ne "$keys" ] || [ "$there" != "$known" ]; then
        cat log.txt >&2
        echo "error: $fault: $(wc -l <<<"$there") keys at the cloud, $(wc -l <<<"$known") with secrets, not $keys" >&2
        exit 1
    fi
    echo "$fault: $keys keys, each once and with its secret, after $runs run$([ $runs = 1 ] || echo s)."
    stop_emulator
    cd "$root"
done
