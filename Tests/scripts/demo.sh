#!/usr/bin/env bash
# Shows the main job: plan, apply, no changes, import, destroy, against a Confluent Cloud on this machine. Ends with 0 only if
# every step did what it says.
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
start_emulator --readiness-delay 2

say() { printf '\n\033[1m## %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
fail() {
    echo "error: $*" >&2
    exit 1
}
run() {
    echo "\$ $*"
    "$@"
}

cp "$root/fixtures/demo/main.tf" "$place"
cd "$place"
say "A directory of configuration, as Terraform would read it"
run ls
run flinkform init

say "The plan says 1 to add"
run flinkform plan | tee plan.txt
grep -q 'Plan: 1 to add, 0 to change, 0 to destroy.' plan.txt || fail "the plan is another"

say "Apply creates the key and waits until it is usable"
run flinkform apply -auto-approve | tee apply.txt
grep -q 'Apply complete! Resources: 1 added' apply.txt || fail "nothing was added"

say "The secret is in the secret store and nowhere else"
run flinkform secret list
secret=$(flinkform secret get confluent_api_key.flink)
[ ${#secret} -eq 64 ] || fail "the secret store has no secret"
[ "$(flinkform output -raw flink_api_secret)" = "$secret" ] || fail "the output is another secret"
found=$(grep -rlF -- "$secret" . || true)
[ "$found" = ./flinkform.tfstate.secrets.json ] || fail "the secret is in: $found"
[ "$(stat -c %a flinkform.tfstate.secrets.json)" = 600 ] || fail "others can read the secret store"
echo "It is in $found alone."

say "A second plan says no changes"
run flinkform plan -detailed-exitcode || fail "there are changes"

say "A key made by another hand is imported"
made=$(cloud POST /iam/v2/api-keys '{"spec":{"display_name":"made-elsewhere","owner":{"id":"sa-demo1"},"resource":{"id":"aws.us-east-1","environment":"env-demo1","api_version":"fcpm/v2","kind":"Region"}}}')
other=$(sed -n 's/.*"id":"\([A-Z0-9]\{16\}\)".*/\1/p' <<<"$made" | head -n 1)
other_secret=$(sed -n 's/.*"secret":"\([^"]*\)".*/\1/p' <<<"$made" | sed 's/\\\//\//g')
cp "$root/fixtures/demo/imported.tf.example" imported.tf
sleep 2
echo "\$ flinkform import -secret-stdin confluent_api_key.other env-demo1/$other"
printf '%s\n' "$other_secret" | flinkform import -secret-stdin confluent_api_key.other "env-demo1/$other"
[ "$(flinkform secret get "$other")" = "$other_secret" ] || fail "the imported secret is another"
run flinkform plan -detailed-exitcode || fail "the imported key differs from the configuration"
run flinkform state list

say "Destroy leaves nothing"
run flinkform destroy -auto-approve
[ -z "$(flinkform state list)" ] || fail "the state has something left"
cloud GET '/iam/v2/api-keys?page_size=100' | grep '"data":\[\]' >/dev/null || fail "the cloud has a key left"
grep -rqF -- "$secret" . && fail "the secret is still there"

say "Done: planned, applied, imported, destroyed; nothing is left."
