#!/usr/bin/env bash
# Creates many keys while the cloud fails in one way at a time: after at most two further applies all exist once, with their
# secrets, and nothing else is left. Prints a table of runs, requests and times.
# usage: [KEYS=200] faults.sh
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh
keys=${KEYS:-200}

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
many_keys "1" "$keys" >"$place/main.tf"

keys_at_cloud() {
    local page answer
    page='/iam/v2/api-keys?page_size=100'
    while [ -n "$page" ]; do
        answer=$(cloud GET "$page")
        grep -o '"id":"[A-Z0-9]\{16\}"' <<<"$answer" || true
        page=$(sed -n 's/.*"next":"\([^"]*\)".*/\1/p' <<<"$answer" | sed 's/\\u0026/\&/g; s/\\//g; s/^http:..[^/]*//')
    done
}

# How many requests the rate window has left.
remaining() {
    curl --silent --head --request GET --user "$CONFLUENT_CLOUD_API_KEY:$CONFLUENT_CLOUD_API_SECRET" \
        "$CONFLUENT_CLOUD_ENDPOINT/org/v2/organizations" | tr -d '\r' | sed -n 's/^[Xx]-[Rr]ate[Ll]imit-[Rr]emaining: //p'
}

# Takes the cloud away for 30 seconds, soon after the run has begun; its database stays.
outage() {
    local port=${CONFLUENT_CLOUD_ENDPOINT##*:}
    sleep 0.2
    kill -9 "$emulator"
    sleep 30
    # It keeps the process id of this function, by which the script ends it.
    exec "$BIN/confluent-emulator" --latency 5 --rate-window 100000 --port "$port" --database "$place/cloud.sqlite" \
        </dev/null >/dev/null
}

try() { # name flags…
    local name=$1 began runs took before
    shift
    start_emulator --latency 5 --rate-window 100000 "$@"
    rm -rf "$place"/flinkform.tfstate* "$place"/.flinkform*
    cd "$place"
    : >log.txt
    began=$(date +%s%N)
    if [ "$name" = "an outage of 30 s" ]; then
        disown "$emulator"
        outage &
        emulator=$!
    fi
    for runs in 1 2 3; do
        flinkform apply -auto-approve >>log.txt 2>&1 && break
        # Whoever runs it again waits until the cloud is back.
        until remaining | grep . >/dev/null; do sleep 1; done
        [ "$runs" -lt 3 ] || { tail -20 log.txt >&2; echo "error: $name: the third apply failed, too" >&2; exit 1; }
    done
    took=$((($(date +%s%N) - began) / 1000000))
    before=$(remaining)
    if [ -n "${LAG:-}" ]; then
        # What shows late has shown by now; a further run finds it.
        sleep "$LAG"
        runs=$((runs + 1))
        flinkform apply -auto-approve >>log.txt 2>&1 || { tail -20 log.txt >&2; echo "error: $name: run $runs failed" >&2; exit 1; }
    fi
    local there known
    there=$(keys_at_cloud | sort)
    known=$(flinkform secret list | awk '$2 == "known" && $4 ~ /confluent_api_key/ { print "\"id\":\"" $1 "\"" }' | sort)
    if [ "$(wc -l <<<"$there")" -ne "$keys" ] || [ "$there" != "$known" ]; then
        tail -20 log.txt >&2
        echo "error: $name: $(wc -l <<<"$there") keys at the cloud, $(wc -l <<<"$known") with secrets, not $keys" >&2
        exit 1
    fi
    flinkform plan -detailed-exitcode >/dev/null || { echo "error: $name: a further plan has changes" >&2; exit 1; }
    printf '%-44s %2d run%s %6d requests %7d ms\n' "$name" "$runs" "$([ "$runs" = 1 ] && echo ' ' || echo s)" $((1000000 - before - 1)) "$took"
    stop_emulator
    cd "$root"
}

echo "$keys keys, created while the cloud fails; 5 ms latency"
try "no fault"
try "429 for 5 % of the creates" --fault 429,chance=0.05
try "500 before the commit for 5 %" --fault 500,chance=0.05
try "500 after the commit for 5 %" --fault 500,when=after,chance=0.05
try "connection dropped after the commit for 5 %" --fault drop,when=after,chance=0.05
LAG=5 try "the same, and lists lag by 5 s" --fault drop,when=after,chance=0.05 --list-lag 5
try "an outage of 30 s" --database "$place/cloud.sqlite"
