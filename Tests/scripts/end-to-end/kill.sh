#!/usr/bin/env bash
# Kills apply, with SIGKILL, at random moments, then applies again: every key must exist once, with its secret, and nothing else.
# usage: [TRIALS=10] [KEYS=50] kill.sh
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh
trials=${TRIALS:-10}
keys=${KEYS:-50}

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
start_emulator --latency 20
many_keys "1" "$keys" >"$place/main.tf"
cd "$place"

# How long an apply takes that nobody disturbs, in milliseconds.
began=$(date +%s%N)
flinkform apply -auto-approve >/dev/null
whole=$((($(date +%s%N) - began) / 1000000))
flinkform destroy -auto-approve >/dev/null

check() { # trial
    local there known
    there=$(cloud GET '/iam/v2/api-keys?page_size=100' | grep -o '"id":"[A-Z0-9]\{16\}"' | sort)
    known=$(flinkform secret list | awk '$2 == "known" && $4 ~ /confluent_api_key/ { print "\"id\":\"" $1 "\"" }' | sort)
    [ "$(wc -l <<<"$there")" -eq "$keys" ] || { echo "error: trial $1: $(wc -l <<<"$there") keys at the cloud, not $keys" >&2; return 1; }
    [ "$there" = "$known" ] || { echo "error: trial $1: keys and secrets differ" >&2; diff <(echo "$there") <(echo "$known") >&2; return 1; }
    flinkform plan -detailed-exitcode >/dev/null || { echo "error: trial $1: a further plan has changes" >&2; return 1; }
    # A secret is nowhere but in its store.
    flinkform output -raw first >secret.txt
    ! grep -qF -f secret.txt flinkform.tfstate log.txt || { echo "error: trial $1: a secret leaked" >&2; return 1; }
    rm -f secret.txt
}

settled=0
for trial in $(seq "$trials"); do
    moment=$((RANDOM * 32768 + RANDOM))
    moment=$((moment % whole))
    flinkform apply -auto-approve >log.txt 2>&1 &
    run=$!
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    kill -9 "$run" 2>/dev/null || true
    wait "$run" 2>/dev/null || true
    flinkform apply -auto-approve >>log.txt 2>&1 || { cat log.txt >&2; echo "error: trial $trial: the second apply failed" >&2; exit 1; }
    grep -q '^Settled: ' log.txt && settled=$((settled + 1))
    check "$trial" || { cat log.txt >&2; exit 1; }
    flinkform destroy -auto-approve >/dev/null
done
echo "$trials kills of an apply of $keys keys ($whole ms undisturbed): each time all keys exist once, with their secrets."
echo "In $settled of them a create had been interrupted and was settled."
