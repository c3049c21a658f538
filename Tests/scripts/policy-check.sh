#!/usr/bin/env bash
# Lets checkov and terraform-compliance, which read Terraform's plans, read a plan of flinkform's: the demo's. Each has a policy
# that the plan keeps and one that it breaks, so that a tool that read nothing is found out.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${BIN:=$(swift build --show-bin-path)}"
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh

tools=$root/.build/policy-check
versions="checkov==3.3.30 terraform-compliance==1.16.0"
if [ ! -x "$tools/bin/checkov" ] || [ "$(cat "$tools/versions" 2>/dev/null)" != "$versions" ]; then
    echo "Installing $versions into $tools."
    rm -rf "$tools"
    python3 -m venv "$tools"
    # shellcheck disable=SC2086
    "$tools/bin/pip" install --quiet --disable-pip-version-check $versions
    echo "$versions" >"$tools/versions"
fi

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
start_emulator
cp fixtures/demo/main.tf "$place"
cd "$place"

fail() {
    echo "error: $*" >&2
    exit 1
}

flinkform plan -out=plan.bin >plan.log
flinkform show -json plan.bin >plan.json

mkdir checks features
cat >checks/kept.yaml <<'EOF'
metadata:
  id: "CKV2_KEYS_1"
  name: "Keys say what they are for"
  category: "GENERAL_SECURITY"
definition:
  cond_type: "attribute"
  resource_types: ["confluent_api_key"]
  attribute: "description"
  operator: "exists"
EOF
cat >checks/broken.yaml <<'EOF'
metadata:
  id: "CKV2_KEYS_2"
  name: "Keys belong to people"
  category: "GENERAL_SECURITY"
definition:
  cond_type: "attribute"
  resource_types: ["confluent_api_key"]
  attribute: "owner.kind"
  operator: "equals"
  value: "User"
EOF
# Without network: checkov would look for an account and for newer guidelines.
"$tools/bin/checkov" --file plan.json --framework terraform_plan --external-checks-dir checks --check CKV2_KEYS_1,CKV2_KEYS_2 \
    --skip-download --output json >checkov.json 2>checkov.log || true
[ ! -s checkov.log ] || { cat checkov.log >&2; fail "checkov complains"; }
python3 - checkov.json <<'EOF' || { cat checkov.json >&2; fail "checkov did not read the plan as it should"; }
import json, sys
report = json.load(open(sys.argv[1]))
results = report["results"]
def found(kind):
    return [(check["check_id"], check["resource"]) for check in results[kind]]
assert report["summary"]["parsing_errors"] == 0, "parsing errors"
assert found("passed_checks") == [("CKV2_KEYS_1", "confluent_api_key.flink")], found("passed_checks")
assert found("failed_checks") == [("CKV2_KEYS_2", "confluent_api_key.flink")], found("failed_checks")
EOF
echo "checkov reads the plan: one policy kept, one broken, as they are meant to be"

cat >features/kept.feature <<'EOF'
Feature: keys
  Scenario: Keys say what they are for
    Given I have confluent_api_key defined
    Then it must contain description
    And its value must match the ".+" regex

  Scenario: Keys belong to service accounts of one environment
    Given I have confluent_api_key defined
    When it has owner
    Then it must contain owner
    And it must contain kind
    And its value must be ServiceAccount
EOF
"$tools/bin/terraform-compliance" --planfile plan.json --features features --no-ansi >compliance.log 2>&1 ||
    { cat compliance.log >&2; fail "terraform-compliance does not find the policies kept"; }
grep -q '2 scenarios (2 passed)' compliance.log || { cat compliance.log >&2; fail "terraform-compliance skipped what it should have read"; }
cat >features/kept.feature <<'EOF'
Feature: keys
  Scenario: Keys belong to people
    Given I have confluent_api_key defined
    When it has owner
    Then it must contain owner
    And it must contain kind
    And its value must be User
EOF
if "$tools/bin/terraform-compliance" --planfile plan.json --features features --no-ansi >compliance.log 2>&1; then
    cat compliance.log >&2
    fail "terraform-compliance does not find the policy broken"
fi
grep -q '1 scenarios (0 passed, 1 failed)' compliance.log || { cat compliance.log >&2; fail "terraform-compliance failed otherwise"; }
echo "terraform-compliance reads the plan: two policies kept, one broken, as they are meant to be"
