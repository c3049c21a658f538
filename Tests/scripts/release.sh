#!/usr/bin/env bash
# Builds one product as it ships: optimised, with the Swift runtime inside, stripped.
# usage: release.sh PRODUCT DESTINATION
set -euo pipefail
cd "$(dirname "$0")/../.."
product=$1
destination=$2

source Tests/scripts/release-flags.sh
echo "Building $product for release. A first release build takes 10 to 20 minutes."
swift build "${release_flags[@]}" --product "$product"
built=$(swift build "${release_flags[@]}" --show-bin-path)/$product
mkdir -p "$(dirname "$destination")"
stripped "$built" "$destination"
chmod 755 "$destination"
# What the optimiser or the linker broke shows here alone.
if ! FLINKFORM_LOG=trace "$destination" --version >/dev/null 2>&1; then
    echo "error: $destination does not run." >&2
    exit 1
fi
echo "$destination: $(($(wc -c <"$destination") / 1000000)) MB"
