#!/usr/bin/env bash
# Builds one product as it ships: optimised, with the Swift runtime inside, stripped.
# usage: release.sh PRODUCT DESTINATION
set -euo pipefail
cd "$(dirname "$0")/../.."
product=$1
destination=$2

echo "Building $product for release. A first release build takes 10 to 20 minutes."
swift build -c release --static-swift-stdlib --product "$product"
built=$(swift build -c release --static-swift-stdlib --show-bin-path)/$product
mkdir -p "$(dirname "$destination")"
strip -o "$destination" "$built"
chmod 755 "$destination"
echo "$destination: $(($(wc -c <"$destination") / 1000000)) MB"
