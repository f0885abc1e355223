#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_podman.sh again, in one layout, with the agent as it is built by `make
# SAN=address,undefined O=build/san`: an error or a leak that the sanitizers find gives the
# agent another exit status, which test_podman.sh does not accept.
set -u

here=$(dirname "$0")
export BAREWATCH=${O:-$here/../../build}/san/barewatch

if [ ! -x "$BAREWATCH" ]; then
	echo "ok 1 - all of it # SKIP there is no build with sanitizers: $BAREWATCH"
	echo "1..1"
	exit 0
fi
LAYOUTS=v2 exec "$here/test_podman.sh"
