#!/usr/bin/env bash
# flinkform and a real Terraform on one state, on each backend whose server is there: each reads what the other wrote, and
# respects the other's lock. Does nothing where no terraform binary is found.
set -euo pipefail
cd "$(dirname "$0")/../../.."
command -v terraform >/dev/null || {
    echo "There is no terraform here, so nothing is compared with it."
    exit 0
}
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
unset CI TF_CLI_CONFIG_FILE
source Tests/scripts/emulator.sh
source Tests/scripts/servers.sh

place=$(mktemp -d)
terraform_run=""
trap '[ -z "$terraform_run" ] || kill "$terraform_run" 2>/dev/null || true; stop_emulator; rm -rf "$place"' EXIT
# Slow enough for Terraform to come while flinkform is at work.
start_emulator --latency 700

fail() {
    echo "error: $*" >&2
    exit 1
}

# Waits until a file has some text, for at most ten seconds.
await_text() { # text file
    for _ in $(seq 200); do
        grep -qs "$1" "$2" && return
        sleep 0.05
    done
    cat "$2" >&2
    fail "there is no \"$1\""
}

compare() { # name backend-block [arguments of terraform init]
    local name=$1 block=$2
    local ours=$place/$name/flinkform theirs=$place/$name/terraform
    mkdir -p "$ours" "$theirs"
    printf '%s\n' "$block" | tee "$ours/backend.tf" >"$theirs/backend.tf"
    printf 'resource "terraform_data" "slow" {\n  input = "by terraform"\n}\n' >"$theirs/main.tf"
    cp "$root/fixtures/demo/main.tf" "$ours"
    (cd "$theirs" && terraform init -no-color >init.log 2>&1) || { cat "$theirs/init.log" >&2; fail "$name: terraform init"; }

    # Terraform holds the lock while it asks; flinkform is refused, and shows the holder where the backend tells it.
    mkfifo "$theirs/answer"
    (cd "$theirs" && exec terraform apply -no-color <answer >apply.log 2>&1) &
    terraform_run=$!
    exec {answer}>"$theirs/answer"
    await_text 'Enter a value' "$theirs/apply.log"
    (cd "$ours" && flinkform plan >plan.log 2>&1) && fail "$name: flinkform planned under Terraform's lock"
    grep -q 'Error acquiring the state lock' "$ours/plan.log" || { cat "$ours/plan.log" >&2; fail "$name: another error"; }
    (cd "$ours" && flinkform lock status >status.log 2>&1) && fail "$name: the lock is not seen"
    echo yes >&"$answer"
    exec {answer}>&-
    wait "$terraform_run" || { cat "$theirs/apply.log" >&2; fail "$name: terraform apply"; }
    terraform_run=""
    echo "$name: flinkform respects Terraform's lock"

    # flinkform reads what Terraform wrote, and takes it out; Terraform reads and writes what flinkform wrote.
    [ "$(cd "$ours" && flinkform state list)" = terraform_data.slow ] || fail "$name: Terraform's object is not seen"
    (cd "$ours" && flinkform state rm terraform_data.slow >/dev/null) || fail "$name: state rm"
    (cd "$ours" && flinkform apply -auto-approve >apply.log 2>&1) || { cat "$ours/apply.log" >&2; fail "$name: apply"; }
    (cd "$theirs" && terraform state list -no-color >list.log 2>list.err) || { cat "$theirs/list.err" >&2; fail "$name: terraform state list"; }
    grep -qx confluent_api_key.flink "$theirs/list.log" || fail "$name: Terraform does not see the key"
    diff <(cd "$ours" && flinkform state list | sort) <(sort "$theirs/list.log") || fail "$name: the lists differ"
    (cd "$theirs" && terraform state mv -no-color confluent_api_key.flink confluent_api_key.moved >mv.log 2>&1) ||
        { cat "$theirs/mv.log" >&2; fail "$name: terraform state mv"; }
    (cd "$ours" && flinkform state list) | grep -x confluent_api_key.moved >/dev/null || fail "$name: the move is not seen"
    (cd "$theirs" && terraform state mv -no-color confluent_api_key.moved confluent_api_key.flink >mv.log 2>&1)
    (cd "$ours" && flinkform plan -detailed-exitcode >plan.log 2>&1) || { cat "$ours/plan.log" >&2; fail "$name: there are changes"; }
    echo "$name: each reads what the other wrote"

    # flinkform holds the lock while a slow destroy is under way; Terraform is refused.
    (cd "$ours" && exec flinkform destroy -auto-approve >destroy.log 2>&1) &
    local destroying=$!
    for _ in $(seq 200); do
        (cd "$ours" && flinkform lock status >/dev/null) || break
        sleep 0.05
    done
    (cd "$theirs" && terraform state rm -no-color data.confluent_environment.demo >rm.log 2>&1) && fail "$name: Terraform wrote under flinkform's lock"
    grep -q 'Error acquiring the state lock' "$theirs/rm.log" || { cat "$theirs/rm.log" >&2; fail "$name: another error of Terraform"; }
    wait "$destroying" || { cat "$ours/destroy.log" >&2; fail "$name: destroy"; }
    echo "$name: Terraform respects flinkform's lock"
}

each_backend compare
