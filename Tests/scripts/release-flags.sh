#!/usr/bin/env bash
# To be sourced: how the program that ships is built. For size, since most of it are libraries of which little is used: that saves
# a tenth (3 MB) and costs no time that can be measured where a cloud is asked. C and C++ need no tables for unwinding, since nothing
# is thrown through them: half a megabyte. Nor does Swift, which throws nothing by unwinding either, but has no option to leave them
# out: the index to them is not made, so that nothing looks for them, and `stripped` takes them away, 6 MB in all. Where a thread
# ends by unwinding, glibc takes a stack without tables for one at its end.
release_flags=(
    -c release --static-swift-stdlib
    -Xswiftc -Osize -Xcc -ffunction-sections -Xcc -fdata-sections
    -Xcc -Os -Xcc -fno-asynchronous-unwind-tables -Xcxx -Os -Xcxx -fno-asynchronous-unwind-tables
    -Xlinker --no-eh-frame-hdr
)

# Writes the program BUILT to DESTINATION without what only looking at it needs.
# usage: stripped BUILT DESTINATION
stripped() { strip --remove-section=.eh_frame --remove-section=.gcc_except_table -o "$2" "$1"; }
