#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Stands before an OCI runtime for engines that have no hooks of their own, under whose
# name it is called (by a symlink: .../crun runs crun). Drops from a container what cannot
# be set without CAP_SYS_RESOURCE or without controllers on cgroup2, as the hook for podman
# in engine.sh does, and hands over. It runs on the host's side, before the container's
# cgroup exists.
set -eu

bundle=
create=
for ((i = 1; i <= $#; i++)); do
	case ${!i} in
	create | run)
		create=y
		;;
	--bundle | -b)
		next=$((i + 1))
		bundle=${!next}
		;;
	esac
done
if [ -n "$create" ] && [ -n "$bundle" ]; then
	config=$(jq -c 'del(.linux.resources, .process.oomScoreAdj)' "$bundle/config.json")
	printf '%s' "$config" >"$bundle/config.json"
fi
exec "${0##*/}" "$@"
