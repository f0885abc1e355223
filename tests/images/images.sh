# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The test images, to be sourced after layout.sh: image_NAME makes LAYERS and CONFIG of one.
# What is to be found in them is in expected.tsv.
# shellcheck disable=SC2034,SC2153,SC2154 # set for layout.sh; of layers.sh; the caller's

# ---- as others build them ----

# What distroless adds to its packages.
layer_distroless() {
	layer_begin && mkdir -p "$LAYER"/{root,home/nonroot} && mkdir -m 1777 "$LAYER/tmp" &&
		put_text etc/passwd "root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin" &&
		put_text etc/group "root:x:0:
nonroot:x:65532:" &&
		put_text usr/lib/os-release 'PRETTY_NAME="Distroless"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="12"' &&
		layer_end
}

layer_app() { # [PACKING]
	layer_begin && put_app && layer_end "${1:-gzip}"
}

config_app() {
	CONFIG='{"User":"65532","Env":["PATH=/usr/local/bin:/usr/bin:/bin"],"Entrypoint":["/app"]}'
}

layers_static() {
	layer_packages base-files netbase tzdata media-types && layer_distroless
}

layers_base() {
	layers_static && layer_packages libc6 "$LIBSSL"
}

layers_cc() {
	layers_base && layer_packages "$GCC_BASE" libgcc-s1 libstdc++6 libgomp1
}

image_static() {
	config_app && layers_static && layer_app
}

image_base() {
	config_app && layers_base && layer_app
}

image_cc() {
	config_app && layers_cc && layer_app
}

# With scripts of shells that are not there: ldd, tzselect.
image_python() {
	CONFIG="{\"User\":\"65532\",\"Entrypoint\":[\"/usr/bin/$PYTHON\"]}"
	layers_cc && layer_packages libc-bin zlib1g libexpat1 "lib$PYTHON-minimal" \
		"lib$PYTHON-stdlib" "$PYTHON-minimal"
}

image_debug() {
	CONFIG='{"User":"0","Env":["PATH=/usr/bin:/bin:/busybox"],"Entrypoint":["/busybox/sh"]}'
	layers_base && layer_begin && put busybox-static busybox busybox/busybox &&
		put_applets busybox /busybox/busybox && layer_end
}

# One layer where /bin is a link, and dpkg's list of packages.
image_slim() {
	local name

	CONFIG='{"Env":["PATH=/usr/bin:/bin"],"Cmd":["bash"]}'
	layer_begin && mkdir -p "$LAYER"/usr/{bin,sbin,lib,lib64} "$LAYER/var/lib/dpkg" &&
		ln -s usr/bin usr/sbin usr/lib usr/lib64 "$LAYER" &&
		put_packages base-files libc6 dash bash coreutils dpkg apt "$LIBAPT" || return
	[ -e "$LAYER/usr/bin/sh" ] || ln -s dash "$LAYER/usr/bin/sh" || return
	for name in base-files libc6 dash bash coreutils dpkg apt; do
		echo "Package: $name"
		echo "Status: install ok installed"
		dpkg-deb --field "$packages/$name.deb" | sed '/^Package:/d'
		echo
	done >"$LAYER/var/lib/dpkg/status" && layer_end
}

put_os_release() { # ID NAME
	put_text etc/os-release "ID=$1
NAME=\"$2\"
PRETTY_NAME=\"$2\"
VERSION_ID=3.20.3"
}

put_apk_database() { # PACKAGE VERSION
	put_text etc/apk/world "$1" && put_text lib/apk/db/installed "P:$1
V:$2
A:x86_64
S:4096
I:8192
T:of the tests
F:bin
" && : >"$LAYER/lib/apk/db/triggers"
}

# Alpine's places and records with Debian's busybox; of apk there is no binary in Debian.
image_alpine() {
	CONFIG='{"Env":["PATH=/usr/bin:/bin"],"Cmd":["/bin/sh"]}'
	layer_begin && put_os_release alpine "Alpine Linux" &&
		put_text etc/alpine-release 3.20.3 &&
		put_apk_database busybox 1.36.1-r29 && put busybox-static busybox bin/busybox &&
		put_applets bin /bin/busybox && layer_end
}

# As Wolfi: records of packages, and nobody who could use them.
image_records() {
	config_app
	layer_begin && put_os_release wolfi Wolfi && put_apk_database wolfi-baselayout 20230201-r7 &&
		put_app && layer_end
}

# docker-library's busybox: one file of many names.
image_busybox() {
	local name

	CONFIG='{"Cmd":["sh"]}'
	layer_begin && put busybox-static busybox 'bin/[' || return
	for name in busybox sh ash ls wget; do
		put_hard_link 'bin/[' "bin/$name" || return
	done
	layer_end none
}

image_empty() {
	config_app
}

# ---- shells in odd places ----

image_renamed() {
	config_app && layer_app && layer_begin && put dash dash opt/app/helper 644 && layer_end
}

image_stripped() {
	config_app && layer_app && layer_begin && put bash bash srv/data.bin 600 &&
		without_sections srv/data.bin && layer_end
}

image_static_shell() {
	config_app && layer_app && layer_begin && put bash-static bash-static usr/lib/libz.so.1 &&
		layer_end
}

# Busybox by another name does nothing until it is called sh; it is there all the same.
image_static_busybox() {
	config_app && layer_app && layer_begin && put busybox-static busybox usr/lib/.cache/x &&
		layer_end
}

# The upper layer's name is a hard link to what the lower layer has. GNU tar makes no such
# archive: the target is left out.
image_hard_linked() {
	config_app && layer_begin && put_app && put dash dash usr/share/doc/README && layer_end &&
		layer_begin && put dash dash usr/share/doc/README &&
		put_hard_link usr/share/doc/README opt/tool &&
		layer_tar -C "$LAYER" -cf "$work/layer.tar" usr/share/doc/README opt &&
		layer_tar -f "$work/layer.tar" --delete usr/share/doc/README &&
		layer_add "$work/layer.tar" gzip
}

# A hard link within a layer whose first name the layer above deletes.
image_hard_link_left() {
	config_app && layer_begin && put_app && put dash dash a && put_hard_link a b && layer_end &&
		layer_begin && whiteout a && layer_end
}

# Names too long for a header.
image_long_names() {
	local directory

	directory=opt/$(printf 'a%.0s' {1..120})/$(printf 'b%.0s' {1..120})
	config_app && layer_app && layer_begin && put dash dash "$directory/c" && layer_end &&
		layer_begin && put mksh mksh "$directory/d" &&
		layer_tar --format=pax -C "$LAYER" -cf "$work/layer.tar" . &&
		layer_add "$work/layer.tar" gzip
}

# "bin" is a link below, a directory with a file above.
image_merged_usr() {
	config_app && layer_begin && put_app && mkdir -p "$LAYER/usr/bin" &&
		put_link usr/bin bin && layer_end && layer_begin && put dash dash bin/sh && layer_end
}

# The same within one layer: the file is where the link leads.
image_through_link() {
	config_app && layer_begin && put_app && mkdir -p "$LAYER/usr/bin" && put_link usr/bin bin &&
		layer_tar -C "$LAYER" -cf "$work/layer.tar" app usr bin && layer_begin &&
		put dash dash bin/sh &&
		layer_tar --no-recursion -C "$LAYER" -rf "$work/layer.tar" bin/sh &&
		layer_add "$work/layer.tar" gzip
}

image_several() {
	config_app && layer_app && layer_begin && put bash bash opt/one && put mksh mksh opt/two &&
		put dpkg dpkg opt/three && put_link two opt/link && layer_end
}

# ---- shells in lower layers ----

image_leak() {
	config_app && layer_begin && put_app && put dash dash bin/sh && layer_end &&
		layer_begin && whiteout bin/sh && layer_end
}

image_leak_directory() {
	config_app && layer_begin && put_app && put dash dash opt/tools/a/sh && layer_end &&
		layer_begin && whiteout opt/tools && layer_end
}

# A file where lower layers have a directory, and the reverse.
image_leak_replaced() {
	config_app && layer_begin && put_app && put dash dash opt/tools/sh && put bash bash opt/file &&
		layer_end && layer_begin && put_text opt/tools text && put_text opt/file/text text &&
		layer_end
}

# The marker comes behind what is beside it.
image_opaque() {
	config_app && layer_begin && put_app && put dash dash opt/sh && layer_end &&
		layer_begin && put_text opt/text text && opaque opt &&
		layer_end_with opt opt/text opt/.wh..wh..opq
}

image_opaque_kept() {
	config_app && layer_begin && put_app && put_text opt/text text && layer_end &&
		layer_begin && put dash dash opt/sh && opaque opt && layer_end
}

# Whiteouts hide what lower layers have, not what is in their own.
image_whiteout_beside() {
	config_app && layer_begin && put_app && put_text opt/tool text && layer_end &&
		layer_begin && put dash dash opt/tool && whiteout opt/tool && layer_end
}

image_back_again() {
	config_app && layer_begin && put_app && put dash dash opt/tool && layer_end &&
		layer_begin && whiteout opt/tool && layer_end &&
		layer_begin && put dash dash opt/tool && layer_end
}

# The same name twice in an archive: the last wins.
image_twice_clean() {
	config_app && layer_app && layer_begin && put dash dash opt/tool &&
		layer_tar -C "$LAYER" -cf "$work/layer.tar" opt && layer_begin && put_app opt/tool &&
		layer_tar -C "$LAYER" -rf "$work/layer.tar" opt && layer_add "$work/layer.tar" gzip
}

image_twice_shell() {
	config_app && layer_app && layer_begin && put_app opt/tool &&
		layer_tar -C "$LAYER" -cf "$work/layer.tar" opt && layer_begin &&
		put dash dash opt/tool &&
		layer_tar -C "$LAYER" -rf "$work/layer.tar" opt && layer_add "$work/layer.tar" gzip
}

# ---- no shells ----

# Named as shells, and none.
image_names() {
	config_app && layer_begin && put_app bin/sh && put_app bin/bash && put_text bin/dash text &&
		put_text opt/script '#!/bin/sh' && layer_end
}

# Links that leave the image, and that lead nowhere: the host has a /bin/sh.
image_links() {
	config_app && layer_begin && put_app && put_link ../../../../../../bin/dash bin/sh &&
		put_link /bin/bash bin/bash && put_link loop-b loop-a && put_link loop-a loop-b &&
		put_link . self && layer_end
}

# What is worth a note: not all of it is a reason.
image_notes() {
	CONFIG='{"User":"0","Env":["PATH=/opt/bin:/usr/bin"],"Cmd":["/bin/sh","-c","exec /app"]}'
	layer_begin && put_app && put_app usr/bin/helper && chmod 4755 "$LAYER/usr/bin/helper" &&
		put netcat-openbsd nc.openbsd usr/bin/nc && mkdir -p "$LAYER/opt/bin" &&
		chmod 777 "$LAYER/opt/bin" && layer_end
}

# ---- forms of layers ----

image_zstd() {
	config_app && layer_app zstd && layer_begin && put dash dash opt/tool && layer_end zstd
}

image_zstd_bare() {
	config_app && layer_app zstd && layer_begin && put_text etc/text text && layer_end none
}

# What looks for the shell in the first member finds none.
image_members() {
	config_app && layer_app && layer_begin && put dash dash opt/tool && layer_end members
}

# An index within the index, as BuildKit writes it: two platforms and an attestation. Only
# OCI layouts can hold it.
index_platforms() {
	local layout=$out/oci/platforms amd64 arm64 attestation

	rm -rf "$layout"
	mkdir -p "$layout" && LAYERS=() && image_static && amd64=$(layout_image "$layout" amd64) &&
		LAYERS=() && image_renamed && arm64=$(layout_image "$layout" arm64) &&
		LAYERS=() && attestation=$(layout_image "$layout" unknown) || return
	printf '%s\n' "$amd64" "$arm64" "$attestation" | jq -sc '{schemaVersion: 2,
		mediaType: "application/vnd.oci.image.index.v1+json",
		manifests: [.[0], .[1], (.[2] | .platform.os = "unknown" | .annotations = {
			"vnd.docker.reference.type": "attestation-manifest"})]}' >"$work/index" &&
		layout_end "$layout" "$(layout_blob "$layout" "$work/index" \
			application/vnd.oci.image.index.v1+json)" &&
		layout_archive "$layout" "$out/oci-archive/platforms.tar"
}
