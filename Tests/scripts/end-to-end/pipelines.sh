#!/usr/bin/env bash
# Runs the pipelines of docs/ci.md as they stand there: a merge request that plans, a push that applies, each in a fresh checkout
# whose machine then vanishes; state on the S3 and GitLab servers of the tests, secrets in an OpenBao. No secret may be in a log or an artefact.
set -euo pipefail
cd "$(dirname "$0")/../../.."
BIN=${BIN:-$(swift build --show-bin-path)}
PATH=$BIN:$PATH
root=$PWD
source Tests/scripts/emulator.sh
source Tests/scripts/servers.sh

for needed in FLINKFORM_TEST_S3 FLINKFORM_TEST_HTTP FLINKFORM_TEST_OPENBAO FLINKFORM_TEST_OPENBAO_TOKEN; do
    [ -n "${!needed:-}" ] || {
        echo "$needed is not set: start the servers of Tests/scripts/servers.sh first. No pipeline was run."
        exit 0
    }
done

place=$(mktemp -d)
trap 'stop_emulator; rm -rf "$place"' EXIT
start_emulator
python=$(servers_python 'PyYAML==6.0.3')

fail() {
    echo "error: $*" >&2
    exit 1
}

# A role in Vault for this state alone, as docs/secrets.md says.
bao() { # method path [body]
    curl --silent --show-error --fail --cacert "$FLINKFORM_TEST_OPENBAO_CA" --header "X-Vault-Token: $FLINKFORM_TEST_OPENBAO_TOKEN" --request "$1" \
        ${3:+--data "$3"} "$FLINKFORM_TEST_OPENBAO/v1/$2"
}
role=flinkform$RANDOM
bao POST sys/auth/approle '{"type":"approle"}' >/dev/null 2>&1 || true
bao PUT "sys/policies/acl/$role" '{"policy":"path \"secret/data/flinkform/keys/*\" { capabilities = [\"create\", \"read\", \"update\"] } path \"secret/metadata/flinkform/keys/*\" { capabilities = [\"read\", \"list\", \"delete\"] } path \"secret/metadata/flinkform/keys\" { capabilities = [\"list\"] }"}'
bao POST "auth/approle/role/$role" "{\"token_policies\":\"$role\",\"token_ttl\":\"5m\"}"
VAULT_ROLE_ID=$(bao GET "auth/approle/role/$role/role-id" | sed 's/.*"role_id":"\([^"]*\)".*/\1/')
VAULT_SECRET_ID=$(bao POST "auth/approle/role/$role/secret-id" | sed 's/.*"secret_id":"\([^"]*\)".*/\1/')
export VAULT_ROLE_ID VAULT_SECRET_ID VAULT_ADDR=$FLINKFORM_TEST_OPENBAO VAULT_CACERT=$FLINKFORM_TEST_OPENBAO_CA

# The project that both pipelines are for: what the guide says, and the demo's key without its backend.
project() { # name
    mkdir -p "$place/$1/repository"
    (
        cd "$place/$1/repository"
        "$python" "$root/Tests/scripts/guide.py" "$root/docs/ci.md" files "$1"
        cp "$root/fixtures/demo/main.tf" .
        # Each trial has a state of its own.
        sed -i "s|flink/keys.tfstate|flink/keys$RANDOM$RANDOM.tfstate|" backend.tf
        git init -q -b main
        git add -A
        git -c user.name=tester -c user.email=tester@localhost commit -qm "keys"
    )
}

# Runs one job in a fresh checkout, as its service would; its log and artefacts stay, the checkout does not.
job() { # project pipeline-file job event
    local checkout=$place/$1/checkout-$3
    git clone -q "$place/$1/repository" "$checkout"
    mkdir -p "$place/$1/artefacts"
    cp -r "$place/$1/artefacts/." "$checkout"
    (
        cd "$checkout"
        export CI=true GITHUB_STEP_SUMMARY=$checkout/summary.md
        # shellcheck disable=SC1090
        source <("$python" "$root/Tests/scripts/guide.py" "$root/docs/ci.md" job "$2" "$3")
    ) >"$place/$1/$3.log" 2>&1 || { cat "$place/$1/$3.log" >&2; fail "$1: the job $3 failed"; }
    [ ! -f "$checkout/summary.md" ] || cp "$checkout/summary.md" "$place/$1/artefacts-summary.md"
    "$python" "$root/Tests/scripts/guide.py" "$root/docs/ci.md" artefacts "$2" "$3" | while read -r name; do
        [ ! -f "$checkout/$name" ] || cp "$checkout/$name" "$place/$1/artefacts"
    done
    rm -rf "$checkout"
}

# What came of it: the key is there once, its secret is in Vault, and nowhere else.
check() { # project
    local key secret
    key=$(sed -n 's/.*Creation complete after .* \[id=\([A-Z0-9]*\)\].*/\1/p' "$place/$1/apply.log")
    [ -n "$key" ] || { cat "$place/$1/apply.log" >&2; fail "$1: no key was made"; }
    secret=$(bao GET "secret/data/flinkform/keys/$key" | sed 's/.*"secret":"\([^"]*\)".*/\1/')
    [ ${#secret} -eq 64 ] || fail "$1: the secret of $key is not in Vault"
    ! grep -rqF -- "$secret" "$place" || fail "$1: the secret is in $(grep -rlF -- "$secret" "$place")"
    ! grep -rqF -- "$CONFLUENT_CLOUD_API_SECRET" "$place" || fail "$1: the Cloud API key's secret was written down"
    ! grep -rqF -- "$VAULT_SECRET_ID" "$place" || fail "$1: the secret of the role was written down"
    grep -q 'Plan: 1 to add' "$place/$1/plan.log" || fail "$1: the merge request showed another plan"
    echo "$1: planned, applied; the secret is in Vault alone"
    cloud DELETE "/iam/v2/api-keys/$key" >/dev/null
}

export AWS_ENDPOINT_URL_S3=$FLINKFORM_TEST_S3 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export GITHUB_ACTIONS=true GITHUB_SERVER_URL=https://github.example GITHUB_REPOSITORY=team/keys GITHUB_RUN_ID=1 GITHUB_JOB=job
project github
job github .github/workflows/flinkform.yml plan
job github .github/workflows/flinkform.yml apply
check github
unset GITHUB_ACTIONS

CI_API_V4_URL=${FLINKFORM_TEST_HTTP%/*}/gitlab CI_PROJECT_ID=$RANDOM CI_JOB_TOKEN=canary-password
export GITLAB_CI=true CI_JOB_URL=https://gitlab.example/team/keys/-/jobs/1 CI_JOB_NAME=job
export CI_API_V4_URL CI_PROJECT_ID CI_JOB_TOKEN
project gitlab
job gitlab .gitlab-ci.yml plan
job gitlab .gitlab-ci.yml apply
check gitlab
