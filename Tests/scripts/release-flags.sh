#!/usr/bin/env bash
# To be sourced: how the program that ships is built. For size, since most of it are libraries of which little is used: that saves
# a tenth (3 MB) and costs no time that can be measured where a cloud is asked. C and C++ need no tables for unwinding, since nothing
# is thrown through them: half a megabyte.
release_flags=(
    -c release --static-swift-stdlib
    -Xswiftc -Osize -Xcc -ffunction-sections -Xcc -fdata-sections
    -Xcc -Os -Xcc -fno-asynchronous-unwind-tables -Xcxx -Os -Xcxx -fno-asynchronous-unwind-tables
)
