#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# verify.sh OUTPUT [MB...]: what reading an image costs, for images of that many megabytes (100 and
# 1000) out of this host's files, with gzip and zstd. Each is compared, within one run, with
#   inflate  the same bytes through pigz or gzip, or zstd
#   hash     and, decompressed, through sha256sum: the slower of the two is the bound
#   script   what a script would do: unpack each layer, hash it, and ask file(1) what is in it.
# Those two and "1 core" are processor seconds, pinned to one; "all" and "script" are seconds, with
# all processors. The images stay in OUTPUT/bench/verify.
set -euo pipefail

O=${1:-build}
shift || true
SIZES=("$@")
[ $# -gt 0 ] || SIZES=(100 1000)
ROUNDS=${ROUNDS:-3}
DIR=$O/bench/verify
IMAGES=$DIR/images
CATALOG=${CATALOG:-rules/catalog.yaml}
READ=("$DIR/read_image" "$CATALOG")
SHARES=(60 30 10) # of its bytes that an image's layers have, in percent

mkdir -p "$IMAGES"

# The files of this host up to MB megabytes, in an order that does not change.
list_files() { # MB
	find /usr/bin /usr/lib /usr/share -xdev -type f -size -100M -printf '%s %p\n' 2>/dev/null |
		sort -k2 | awk -v max=$(($1 * 1000000)) -v seed=7 '
			{ size[NR] = $1; sub(/^[0-9]+ /, ""); path[NR] = $0 }
			END {
				srand(seed)
				for (i = NR; i > 1; i--) {
					k = int(rand() * i) + 1
					t = path[i]; path[i] = path[k]; path[k] = t
					t = size[i]; size[i] = size[k]; size[k] = t
				}
				for (i = 1; i <= NR && sum < max; i++) {
					sum += size[i]
					print size[i], path[i]
				}
			}'
}

# Those of the list between two shares of the bytes, in percent.
share_of() { # LIST FROM TO MB
	awk -v from=$(($2 * $4 * 10000)) -v to=$(($3 * $4 * 10000)) '
		{ at = sum; sum += $1; sub(/^[0-9]+ /, "") }
		at >= from && at < to { print }' "$1"
}

digest_of() {
	sha256sum "$1" | cut -d ' ' -f 1
}

# Moves FILE to the blobs, and prints its digest and size.
add_blob() { # LAYOUT FILE
	local digest size
	digest=$(digest_of "$2")
	size=$(stat -c %s "$2")
	mv "$2" "$1/blobs/sha256/$digest"
	echo "$digest $size"
}

compress() { # KIND
	case $1 in
	gzip) "$(command -v pigz || echo gzip)" -6 ;;
	zstd) zstd -q -3 ;;
	esac
}

# An OCI layout. Layers are kept as they were compressed by what engines take by default.
make_image() { # MB KIND
	local layout=$IMAGES/$1-$2 at=0 share diff_ids="" layers="" config manifest digest size
	[ ! -e "$layout/index.json" ] || return 0
	rm -rf "$layout"
	mkdir -p "$layout/blobs/sha256"
	[ -s "$IMAGES/$1.list" ] || list_files "$1" >"$IMAGES/$1.list"
	for share in "${SHARES[@]}"; do
		share_of "$IMAGES/$1.list" $at $((at + share)) "$1" |
			tar --create --file "$layout/tar" --no-recursion --files-from - 2>/dev/null
		at=$((at + share))
		diff_ids+=",\"sha256:$(digest_of "$layout/tar")\""
		compress "$2" <"$layout/tar" >"$layout/blob"
		rm "$layout/tar"
		read -r digest size <<<"$(add_blob "$layout" "$layout/blob")"
		layers+=",{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+$2\""
		layers+=",\"digest\":\"sha256:$digest\",\"size\":$size}"
	done
	printf '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[%s]}}' \
		"${diff_ids:1}" >"$layout/config"
	read -r config size <<<"$(add_blob "$layout" "$layout/config")"
	printf '{"schemaVersion":2,"config":{"digest":"sha256:%s","size":%s},"layers":[%s]}' \
		"$config" "$size" "${layers:1}" >"$layout/manifest"
	read -r manifest size <<<"$(add_blob "$layout" "$layout/manifest")"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
	printf '{"schemaVersion":2,"manifests":[{"digest":"sha256:%s","size":%s}]}' \
		"$manifest" "$size" >"$layout/index.json"
}

# The layers of an image: the blobs that are large.
layers_of() { # LAYOUT
	find "$1/blobs" -type f -size +64k
}

decompress() { # KIND ACTION FILE...
	local kind=$1 action=$2
	shift 2
	case $kind in
	gzip) "$(command -v pigz || echo gzip)" "$action" "$@" ;;
	zstd) zstd -q "$action" "$@" ;;
	esac
}

# What is measured. They are run by name, in a shell of their own.
test_layers() { # LAYOUT KIND
	local blobs
	mapfile -t blobs < <(layers_of "$1")
	decompress "$2" -t "${blobs[@]}"
}

script() { # LAYOUT KIND
	local blob work
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	for blob in $(layers_of "$1"); do
		sha256sum "$blob" >/dev/null
		decompress "$2" -dc "$blob" >"$work/tar"
		sha256sum "$work/tar" >/dev/null
		mkdir "$work/root"
		tar -xf "$work/tar" -C "$work/root"
		find "$work/root" -type f -print0 | xargs -0 file --brief >/dev/null
		rm -rf "$work/root"
	done
}
export -f test_layers script decompress layers_of

# The least of several rounds: other load of the host makes one slower, never faster.
least() { # COLUMN COMMAND...
	local i column=$1
	shift
	for ((i = 0; i < ROUNDS; i++)); do
		"$DIR/measure" "$@" | tail -n 1
	done | sort -n -k "$column" | head -n 1 | cut -d ' ' -f "$column"
}

seconds() {
	least 1 "$@"
}

processor_seconds() {
	least 2 taskset -c 0 "$@"
}

peak_kib() {
	ROUNDS=1 least 3 "$@"
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

measure_image() { # MB KIND
	local layout=$IMAGES/$1-$2 inflate hash one all script bound tars=() blob
	for blob in $(layers_of "$layout"); do
		decompress "$2" -dc "$blob" >"$IMAGES/layer${#tars[@]}.tar"
		tars+=("$IMAGES/layer${#tars[@]}.tar")
	done
	inflate=$(processor_seconds bash -c 'test_layers "$@"' bash "$layout" "$2")
	hash=$(processor_seconds sha256sum "${tars[@]}")
	rm -f "${tars[@]}"
	one=$(processor_seconds "${READ[@]}" "oci:$layout")
	all=$(seconds "${READ[@]}" "oci:$layout")
	script=$(ROUNDS=1 seconds bash -c 'script "$@"' bash "$layout" "$2")
	bound=$(printf '%s\n%s\n' "$inflate" "$hash" | sort -n | tail -n 1)
	printf '%5s MB %-5s %8s %8s %8s %8s %8s %7s %7s %7s %8s\n' "$1" "$2" \
		"$inflate" "$hash" "$one" "$all" "$script" "$(ratio "$one" "$bound")" \
		"$(ratio "$all" "$bound")" "$(ratio "$all" "$script")" \
		"$(($(peak_kib "${READ[@]}" "oci:$layout") / 1024)) MB"
}

printf '%-14s %8s %8s %8s %8s %8s %7s %7s %7s %8s\n' "image" "inflate" "hash" "1 core" "all" \
	"script" "1:bound" "all:bd" "all:scr" "memory"
for size in "${SIZES[@]}"; do
	for kind in gzip zstd; do
		make_image "$size" "$kind"
		measure_image "$size" "$kind"
	done
done
