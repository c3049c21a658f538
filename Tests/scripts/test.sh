#!/usr/bin/env bash
# Runs the tests that `make build` built, then every end-to-end script. The first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=Tests/scripts/servers.sh
. Tests/scripts/servers.sh
output=$(mktemp)
trap 'stop_servers; rm -f "$output"' EXIT

# Whole runs by the hundred: beside them, what must happen within a minute would wait for its turn.
runs='AdoptionTests|CrashTests|DeliveryTests|KeyCreationTests|LostMachineTests|TerraformComparisonTests|TranscriptTests'

# A few tests at a time: hundreds at once keep each other from the processors, and what waits a little waits long.
run_tests() { swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 8 "$@"; }

echo "Testing: every module, and the rules of the repository."
run_tests --skip "$runs"

echo "Testing: whole runs: beside a recorded Terraform, transcripts, and machines that are lost at any moment."
run_tests --filter "$runs"

# Apart from the others, which would wait for the servers' work and theirs.
echo "Testing: what needs servers: PostgreSQL, S3, an http state server, OpenBao."
start_servers
run_tests --filter "$(tests_with_servers)"

# Each script finds the programs in BIN, prints what it does, and ends with 0 or says why not.
BIN=$(swift build --show-bin-path)
export BIN
for script in Tests/scripts/demo.sh Tests/scripts/end-to-end/*.sh; do
    [ -e "$script" ] || continue
    echo "Testing: $script"
    if ! "$script" >"$output" 2>&1 </dev/null; then
        cat "$output"
        echo "error: $script failed; what it printed is above." >&2
        exit 1
    fi
done
echo "Every check passed."
