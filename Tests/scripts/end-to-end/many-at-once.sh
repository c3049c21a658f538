#!/usr/bin/env bash
# Twenty flinkforms apply to one state at once, several times over, on each backend whose server is there: exactly one works at a
# time, none overwrites another, and each ends its work or says who has the lock. ROUNDS says how often (default 3).
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh
source Tests/scripts/servers.sh

ROUNDS=${ROUNDS:-3}
MANY=${MANY:-20}
place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
start_emulator

fail() {
    echo "error: $*" >&2
    exit 1
}

# A checkout of the configuration, with its state at a backend.
checkout() { # directory backend-block
    mkdir -p "$1"
    printf '%s\n' "$2" >"$1/backend.tf"
    cat >"$1/main.tf" <<'TF'
variable "who" { default = "nobody" }

provider "confluent" {}

resource "confluent_api_key" "one" {
  display_name           = "one"
  description            = "changed by ${var.who}"
  disable_wait_for_ready = true

  owner {
    id          = "sa-demo1"
    api_version = "iam/v2"
    kind        = "ServiceAccount"
  }

  managed_resource {
    id          = "aws.us-east-1"
    api_version = "fcpm/v2"
    kind        = "Region"

    environment {
      id = "env-demo1"
    }
  }
}
TF
}

serial() { (cd "$1" && flinkform state pull | sed -n 's/^  "serial": \([0-9]*\),$/\1/p'); }

try() { # name backend-block
    local name=$1 block=$2 round i
    checkout "$place/$name/1" "$block"
    (cd "$place/$name/1" && flinkform apply -auto-approve -allow-duplicates >/dev/null) || fail "$name: the first apply failed"
    for i in $(seq 2 "$MANY"); do checkout "$place/$name/$i" "$block"; done
    for round in $(seq "$ROUNDS"); do
        local before after done_count=0 refused=0 running=()
        before=$(serial "$place/$name/1")
        for i in $(seq "$MANY"); do
            # Every other one waits for the lock.
            local options=(-lock-timeout=5m)
            ((i % 2)) || options=()
            (cd "$place/$name/$i" && exec flinkform apply -auto-approve -no-color "${options[@]}" \
                -var "who=$name-$round-$i" >log 2>&1) &
            running+=($!)
        done
        for i in $(seq "$MANY"); do
            local status=0 log=$place/$name/$i/log
            wait "${running[i - 1]}" || status=$?
            if [ "$status" -eq 0 ] && grep -q '1 changed' "$log"; then
                done_count=$((done_count + 1))
            elif ! ((i % 2)) && grep -q 'Error acquiring the state lock' "$log" && grep -q '^  ID: ' "$log"; then
                refused=$((refused + 1))
            else
                cat "$log" >&2
                fail "$name: number $i of round $round neither ended its work nor said who has the lock (exit $status)"
            fi
        done
        after=$(serial "$place/$name/1")
        [ $((after - before)) -eq "$done_count" ] ||
            fail "$name: $done_count runs changed the state, but its serial went from $before to $after"
        [ "$done_count" -ge $((MANY / 2)) ] || fail "$name: only $done_count ended their work"
        (cd "$place/$name/1" && flinkform lock status >/dev/null) || fail "$name: the lock is still held"
        echo "$name, round $round: $done_count applied one after the other, $refused said who has the lock; serial $before to $after"
    done
    (cd "$place/$name/1" && flinkform destroy -auto-approve >/dev/null) || fail "$name: destroy failed"
}

each_backend try
