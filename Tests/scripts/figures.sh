#!/usr/bin/env bash
# Measures the acceptance figures with the release build: many keys of one owner, against the emulator on this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
if [ -z "${BIN:-}" ]; then
    echo "Building for release. A first release build takes 10 to 20 minutes."
    source Tests/scripts/release-flags.sh
    swift build "${release_flags[@]}" --product flinkform
    swift build "${release_flags[@]}" --product confluent-emulator
    BIN=$(swift build "${release_flags[@]}" --show-bin-path)
fi
PATH=$BIN:$PATH
source Tests/scripts/emulator.sh
source Tests/scripts/servers.sh

place=$(mktemp -d)
trap 'stop_emulator; stop_servers; rm -rf "$place"' EXIT

# How many requests the emulator has answered so far, this one included.
requests() {
    local left
    left=$(curl --silent --head --request GET --user "$CONFLUENT_CLOUD_API_KEY:$CONFLUENT_CLOUD_API_SECRET" \
        "$CONFLUENT_CLOUD_ENDPOINT/org/v2/organizations" | tr -d '\r' | sed -n 's/^[Xx]-[Rr]ate[Ll]imit-[Rr]emaining: //p')
    echo $((1000000 - left))
}

# Runs a command; its time in milliseconds and its requests are left in variables.
measure() { # command…
    local before began
    before=$(requests)
    began=$(date +%s%N)
    /usr/bin/env -C "$place" "$@" >"$place/log.txt" 2>&1 || { cat "$place/log.txt" >&2; exit 1; }
    took=$((($(date +%s%N) - began) / 1000000))
    asked=$(($(requests) - before - 1))
}

prepare() { # blocks places [owners [untried]]
    rm -rf "$place"/flinkform.tfstate* "$place"/.flinkform*
    many_keys "$@" >"$place/main.tf"
}

row() { printf '%-76s %8s ms %8s requests\n' "$1" "$took" "$asked"; }

echo "1,000 keys, 20 ms latency, parallelism 10"
start_emulator --latency 20 --rate-window 100000
prepare 10 100
measure flinkform apply -auto-approve -parallelism=10
row "  create (at most 3600 ms)"
measure flinkform plan -detailed-exitcode
row "  plan without changes (at most 13 requests)"
measure flinkform destroy -auto-approve
row "  destroy"
stop_emulator

# Makes a server as far away as the cloud; sets the port that leads to it.
far_away() { # port
    local address
    address=$(mktemp -p "$place")
    mkfifo "$address.input"
    python3 Tests/scripts/delay.py 20 localhost "$1" <"$address.input" >"$address" &
    exec {far_input}>"$address.input"
    far_port=$(address_in "$address" $!)
}

distant() { # backend block
    prepare 10 100
    printf '%s\n' "$2" >"$place/backend.tf"
    measure flinkform apply -auto-approve -parallelism=10
    row "  create, state in $1 (at most twice the time of local state)"
    measure flinkform plan -detailed-exitcode
    row "  plan without changes, state in $1"
    measure flinkform destroy -auto-approve
    row "  destroy, state in $1"
    rm "$place/backend.tf"
    exec {far_input}>&-
}

echo "1,000 keys, 20 ms latency, parallelism 10, state on a server 20 ms away"
start_emulator --latency 20 --rate-window 100000
start_postgres
port=$(sed -E 's/.*@localhost:([0-9]+).*/\1/' <<<"$FLINKFORM_TEST_POSTGRES")
far_away "$port"
export PG_CONN_STR=${FLINKFORM_TEST_POSTGRES/localhost:$port/localhost:$far_port}
distant pg $'terraform {\n  backend "pg" {}\n}'
stop_postgres
start_s3
far_away "${FLINKFORM_TEST_S3##*:}"
export AWS_ENDPOINT_URL_S3=http://localhost:$far_port AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x
distant s3 $'terraform {\n  backend "s3" {\n    bucket         = "flinkform-tests"\n    key            = "figures"\n    use_lockfile   = true\n    use_path_style = true\n  }\n}'
stop_s3
stop_emulator

for blocks in 10 100; do
    echo "$((blocks / 10)),000 keys of ten owners, 20 ms latency"
    start_emulator --latency 20 --rate-window 100000 --service-accounts 10
    prepare "$blocks" 100 10
    measure flinkform apply -auto-approve -parallelism=50
    row "  create"
    measure flinkform plan -detailed-exitcode
    row "  plan without changes (1,000: under 20, 10,000: under 120 requests, 4000 ms)"
    stop_emulator
done

echo "100 keys that become usable after 5 s"
start_emulator --latency 20 --rate-window 100000 --readiness-delay 5
prepare 1 100 1 false
measure flinkform apply -auto-approve
row "  create, until all are ready (at most 15000 ms)"
stop_emulator

echo "10,000 keys, no latency, listed 100 a page"
start_emulator --rate-window 100000
prepare 100 100
measure flinkform apply -auto-approve -parallelism=50
row "  create"
measure flinkform api-key list -o json
row "  list (at most 2000 ms)"
stop_emulator

for blocks in 10 50; do
    echo "$((blocks / 10)),000 keys, no latency (from 1,000 to 5,000 at most 6-fold)"
    start_emulator --rate-window 100000
    prepare "$blocks" 100
    measure flinkform plan
    row "  plan, create all"
    measure flinkform apply -auto-approve -parallelism=10
    row "  create"
    measure flinkform plan -detailed-exitcode
    row "  plan without changes"
    measure flinkform state list
    row "  state list"
    measure flinkform destroy -auto-approve
    row "  destroy"
    stop_emulator
done
