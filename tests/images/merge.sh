#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# merge.sh DIRECTORY IDENTIFY CATALOG LAYER...: merges archives of layers, the lowest first, without
# anything of ours: tar(1) unpacks each into a directory of its own, overlayfs puts them over each
# other. Writes to DIRECTORY what is then there, as read_image prints it: tree and programs.
# To be run as root, in a mount namespace of its own, with which the mount goes.
set -eu -o pipefail

dir=$(realpath "$1") identify=$(realpath "$2") catalog=$(realpath "$3")
shift 3
umask 022
export LC_ALL=C

# A hard link to what a lower layer has: unpacked by itself it leads nowhere. The upper layer
# gets the file, as overlayfs copies what is linked.
add_link_targets() { # ARCHIVE NUMBER
	local target lower

	tar -tvf "$1" | sed -n 's/^h.* link to //p' | while read -r target; do
		! tar -tf "$1" "$target" >/dev/null 2>&1 || continue
		for ((lower = $2 - 1; lower > 0; lower--)); do
			[ -e "$dir/$lower/$target" ] || continue
			mkdir -p "$dir/$2/$(dirname "$target")"
			cp -a "$dir/$lower/$target" "$dir/$2/$target"
			break
		done
	done
}

# From the form of archives to that of overlayfs. What a layer has itself it does not hide.
turn_whiteouts() { # LAYER
	local marker directory hidden

	find "$1" -name '.wh.*' | while read -r marker; do
		directory=$(dirname "$marker")
		hidden=$directory/${marker#"$directory/.wh."}
		rm "$marker"
		if [ "$hidden" = "$directory/.wh..opq" ]; then
			setfattr -n trusted.overlay.opaque -v y "$directory"
		elif [ ! -e "$hidden" ]; then
			mknod "$hidden" c 0 0
		fi
	done
}

lower=$dir/0 number=0 # of a single directory there is no overlay
mkdir -p "$dir"/{0,1,merged}
[ $# -gt 0 ] || lower=$dir/1:$lower
for archive; do
	number=$((number + 1))
	mkdir -p "$dir/$number"
	add_link_targets "$archive" $number
	tar -xpf "$archive" --numeric-owner -C "$dir/$number"
	turn_whiteouts "$dir/$number"
	lower=$dir/$number:$lower
done
mount -t overlay overlay -o "lowerdir=$lower" "$dir/merged"

cd "$dir/merged"
find . -type f -print0 | xargs -0r sha256sum | sed 's,  \.,\t,' >"$dir/digests"
find . -mindepth 1 -printf '/%P\t%y\t%m\t%U\t%G\t%s\t%l\n' | awk -F '\t' -v OFS='\t' '
	FILENAME != "-" { digest[$2] = $1; next }
	$2 != "f" { $6 = "-" }
	$2 == "f" { $7 = digest[$1] }
	$2 == "l" { $3 = "-" }
	$7 == "" { $7 = "-" }
	{ print }' "$dir/digests" - | sort -t "$(printf '\t')" -k 1,1 >"$dir/tree"
find . -type f | "$identify" "$catalog" | sed 's/^\.//' |
	awk -F '\t' '$5 ~ /elf|script/' | sort -t "$(printf '\t')" -k 1,1 >"$dir/programs"
