#!/usr/bin/env bash
# Builds programs and tests for debugging: the one build that tests and demo share.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -x .build/debug/flinkform ]; then
    echo "Building flinkform and what it stands on. A first build takes 7 to 20 minutes; later ones take seconds."
    echo "The Swift packages it needs are fetched from github.com first."
else
    echo "Building flinkform."
fi
exec swift build --build-tests
