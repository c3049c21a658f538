#!/usr/bin/env bash
# Holds the emulator to the OpenAPI document that it serves: schemathesis sends what the document allows and what it
# forbids, and checks every answer against it.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${BIN:=$(swift build --show-bin-path)}"
source Tests/scripts/emulator.sh

tools=.build/openapi-check
version=4.32.5
if [ ! -x "$tools/bin/schemathesis" ] || [ "$(cat "$tools/version" 2>/dev/null)" != "$version" ]; then
    echo "Installing schemathesis $version into $tools."
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
    echo "$version" >"$tools/version"
fi

start_emulator "$@"
trap stop_emulator EXIT
root=$PWD
# It writes what it learns into the directory it is in.
mkdir -p "$tools/work"
cd "$tools/work"
"$root/$tools/bin/schemathesis" --config-file "$root/Tests/scripts/openapi.toml" run \
    --auth "$CONFLUENT_CLOUD_API_KEY:$CONFLUENT_CLOUD_API_SECRET" \
    --checks all --max-examples "${EXAMPLES:-50}" --seed "${SEED:-1}" --generation-database none --warnings off \
    "$CONFLUENT_CLOUD_ENDPOINT/openapi.json"
