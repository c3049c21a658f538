#!/usr/bin/env bash
# A Terraform state with terraform_data and a key is adopted and given back; a real Terraform plans no changes before, after, and
# after flinkform has changed things. Does nothing where no terraform binary is found.
#
# Confluent's provider would have to be downloaded, so Terraform plans for the terraform_data part alone: in a copy of its
# directory, without the key's block, after "terraform state rm" took the key out of the copied state. A plan with -target would
# not do, since Terraform wants the provider of every object that the state has.
set -euo pipefail
cd "$(dirname "$0")/../../.."
command -v terraform >/dev/null || {
    echo "There is no terraform here, so nothing is adopted from it."
    exit 0
}
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_CLI_CONFIG_FILE=/dev/null
unset CI
source Tests/scripts/emulator.sh

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
start_emulator
theirs=$place/terraform ours=$place/flinkform
mkdir "$theirs" "$ours"

fail() {
    echo "error: $*" >&2
    exit 1
}

# The part of the configuration that Terraform can plan here.
data_part() { # input
    cat <<EOF
resource "terraform_data" "one" {
  input = { text = "$1 <&>", list = [1, null, true], hidden = sensitive("h") }
}

resource "terraform_data" "many" {
  count            = 2
  input            = terraform_data.one.id
  triggers_replace = [count.index, "x"]
}

resource "terraform_data" "each" {
  for_each = toset(["a", "b"])
  input    = each.key
  lifecycle {
    create_before_destroy = true
  }
}

output "many" {
  value = terraform_data.many[*].output
}
EOF
}

key_part() {
    cat <<'EOF'
resource "confluent_api_key" "flink" {
  display_name = "made-by-terraform"
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
EOF
}

# Makes a key at the cloud and puts it into Terraform's state, as Confluent's provider would have.
make_key() {
    cloud POST /iam/v2/api-keys '{"spec":{"display_name":"made-by-terraform","owner":{"id":"sa-demo1"},"resource":{"id":"aws.us-east-1","environment":"env-demo1","api_version":"fcpm/v2","kind":"Region"}}}' >"$place/key.json"
    python3 - "$theirs/terraform.tfstate" "$place/key.json" <<'EOF'
import json, sys
state, key = (json.load(open(path)) for path in sys.argv[1:])
attributes = {
    "description": "", "disable_wait_for_ready": False, "display_name": "made-by-terraform", "id": key["id"],
    "managed_resource": [{"api_version": "fcpm/v2", "environment": [{"id": "env-demo1"}], "id": "aws.us-east-1", "kind": "Region"}],
    "owner": [{"api_version": "iam/v2", "id": "sa-demo1", "kind": "ServiceAccount"}], "secret": key["spec"]["secret"],
}
state["resources"].insert(0, {
    "mode": "managed", "type": "confluent_api_key", "name": "flink",
    "provider": 'provider["registry.terraform.io/confluentinc/confluent"]',
    "instances": [{
        "schema_version": 0, "attributes": attributes, "private": "bnVsbA==",
        "sensitive_attributes": [[{"type": "get_attr", "value": "secret"}]],
    }],
})
json.dump(state, open(sys.argv[1], "w"), indent=2)
EOF
    read -r key secret < <(python3 -c 'import json, sys; key = json.load(open(sys.argv[1])); print(key["id"], key["spec"]["secret"])' "$place/key.json")
}

# Terraform finds nothing to do with the terraform_data part of its state.
expect_no_changes() { # when
    local copy=$place/copy
    rm -rf "$copy"
    mkdir "$copy"
    cp "$theirs/main.tf" "$theirs/terraform.tfstate" "$copy"
    (cd "$copy" && terraform state rm -no-color confluent_api_key.flink && terraform init -no-color && terraform plan -no-color -detailed-exitcode) >"$place/plan.log" 2>&1 ||
        { cat "$place/plan.log" >&2; fail "$1: Terraform has something to do"; }
    echo "$1: Terraform plans no changes for terraform_data"
}

run() { # log command…
    local log=$place/$1
    shift
    "$@" >"$log" 2>&1 || { cat "$log" >&2; fail "$*"; }
}

# Gives flinkform's state back to Terraform.
give_back() {
    (cd "$ours" && flinkform state pull -with-secrets -auto-approve -out=back.tfstate) >"$place/pull.log" || fail "state pull"
    (cd "$theirs" && terraform state push -no-color "$ours/back.tfstate") || fail "terraform state push refuses what flinkform gave out"
    rm "$ours/back.tfstate"
    (cd "$theirs" && terraform state pull) | grep -F "\"secret\": \"$secret\"" >/dev/null ||
        fail "the secret did not come back"
    diff <(cd "$ours" && flinkform state list | sort) <(cd "$theirs" && terraform state list | sort) || fail "the lists differ"
}

data_part first >"$theirs/main.tf"
(cd "$theirs" && run init.log terraform init -no-color && run apply.log terraform apply -no-color -auto-approve)
make_key
expect_no_changes "before"
cp "$theirs/terraform.tfstate" "$place/before.tfstate"

cp "$theirs/main.tf" "$ours"
key_part >"$ours/key.tf"
(cd "$ours" && run adopt.log flinkform adopt -auto-approve "$theirs/terraform.tfstate")
cmp "$theirs/terraform.tfstate" "$place/before.tfstate" || fail "adopting changed Terraform's file"
(cd "$ours" && run plan.log flinkform plan -detailed-exitcode)
grep -qF "$secret" "$ours/flinkform.tfstate" && fail "the secret is in the state"
[ "$(cd "$ours" && flinkform secret get "$key")" = "$secret" ] || fail "the secret was not taken over"
echo "adopted: flinkform plans no changes"
expect_no_changes "adopted"

give_back
expect_no_changes "given back"

# Once more, with changes that flinkform makes in between.
(cd "$ours" && run adopt.log flinkform adopt -auto-approve "$theirs/terraform.tfstate")
data_part second | tee "$theirs/main.tf" >"$ours/main.tf"
(cd "$ours" && run taint.log flinkform taint 'terraform_data.many[1]' && run apply.log flinkform apply -auto-approve && run plan.log flinkform plan -detailed-exitcode)
give_back
expect_no_changes "changed and given back"
