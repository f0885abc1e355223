#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `barewatch verify` as people and CI call it: images made by tar in several forms, its options, its forms
# of output, its exit status, and one clear line for what is wrong. Needs no engine and no root.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

[ -x "$BAREWATCH" ] || bail_out "the agent is not built: $BAREWATCH"
E2E_DIR=$(mktemp -d) || bail_out "no directory for the images"
trap 'rm -rf "$E2E_DIR"' EXIT
cd "$E2E_DIR" || exit 1

# ---- images ----

# blob FILE DIR: moves FILE to the blobs of the layout DIR and prints its digest.
blob() {
	local digest
	digest=$(sha256sum "$1" | cut -d' ' -f1)
	mkdir -p "$2/blobs/sha256"
	mv "$1" "$2/blobs/sha256/$digest"
	echo "$digest"
}

# pack TREE FILE: the same archive of TREE each time.
pack() {
	tar -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$2" .
}

# image DIR CONFIG TREE...: an OCI layout in DIR, with a layer of each TREE, which docker-archive: takes as well.
image() {
	local dir=$1 config=$2 tree diff_ids='' layers='' names='' digest size id manifest
	shift 2
	for tree; do
		pack "$tree" layer.tar
		size=$(stat -c %s layer.tar)
		digest=$(blob layer.tar "$dir")
		diff_ids+=",\"sha256:$digest\""
		names+=",\"blobs/sha256/$digest\""
		layers+=",{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:$digest\",\"size\":$size}"
	done
	printf '{"os":"linux","architecture":"amd64","config":{%s},"rootfs":{"type":"layers","diff_ids":[%s]}}' \
		"$config" "${diff_ids#,}" >config.json
	size=$(stat -c %s config.json)
	id=$(blob config.json "$dir")
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
		"$id" "$size" "${layers#,}" >manifest
	size=$(stat -c %s manifest)
	manifest=$(blob manifest "$dir")
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"1"}}]}' \
		"$manifest" "$size" >"$dir/index.json"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$dir/oci-layout"
	printf '[{"Config":"blobs/sha256/%s","RepoTags":["app:1"],"Layers":[%s]}]' "$id" \
		"${names#,}" >"$dir/manifest.json"
	echo "$manifest" >"$dir.digest"
}

mkdir -p clean/app shell/usr/bin hidden/usr/bin
cp /bin/true clean/app/run
cp /bin/dash shell/usr/bin/renamed
chmod 644 shell/usr/bin/renamed
ln -s renamed shell/usr/bin/sh
: >hidden/usr/bin/.wh.renamed
: >hidden/usr/bin/.wh.sh
image bare '"User":"65532","Entrypoint":["/app/run"]' clean
image notbare '"Cmd":["/usr/bin/sh","-c","id"]' clean shell
image leaky '' clean shell hidden
tar -C notbare -cf notbare.tar .
gzip -k notbare.tar
pack shell rootfs.tar

# ---- what is checked ----

# verify STATUS NAME ARGUMENTS...: it ends with STATUS, and says nothing on standard error.
verify() {
	local expected=$1 name=$2 status
	shift 2
	"$BAREWATCH" verify "$@" >out 2>err </dev/null
	status=$?
	if [ "$status" = "$expected" ] && [ ! -s err ]; then
		ok "$name"
	else
		not_ok "$name" "status $status, expected $expected
$(cat err out)"
	fi
}

# has NAME PATTERN: the last output has a line that PATTERN matches.
has() {
	if grep -qE -- "$2" out; then
		ok "$1"
	else
		not_ok "$1" "no line like: $2
$(cat out)"
	fi
}

# refuses NAME STATUS PATTERN ARGUMENTS...: one line on standard error that PATTERN matches, and no other.
refuses() {
	local name=$1 expected=$2 pattern=$3 status
	shift 3
	"$BAREWATCH" verify "$@" >out 2>err </dev/null
	status=$?
	if [ "$status" = "$expected" ] && [ "$(wc -l <err)" = 1 ] && [ ! -s out ] &&
		grep -qE -- "$pattern" err; then
		ok "$name"
	else
		not_ok "$name" "status $status, expected $expected; expected one line like: $pattern
$(cat err out)"
	fi
}

# ---- verdicts ----

verify 0 "an image without a shell" oci:bare
has "is bare" '^bare: oci:bare \(linux/amd64\)$'
verify 1 "an image with a shell" oci:notbare
has "is not, and why comes first" '^not bare: oci:notbare \(linux/amd64\): 1 violation$'
has "a renamed shell that is not executable" \
	'^  violation: /usr/bin/renamed is a shell: dash$'
has "with the link to it" 'layer 2, .*, told by content, also /usr/bin/sh$'
has "and what to do" '^      remedy: leave it out of layer 2; '
verify 0 "a shell that a layer deletes" oci:leaky
has "is told all the same" '^  note: /usr/bin/renamed of layer 2 is dash; a higher layer hides it$'
verify 1 "unless leaks are violations" --fail-on leak oci:leaky
verify 1 "one bare, one not" oci:bare oci:notbare
is "both are told" "$(grep -cE '^(not )?bare: ' out)" 2
verify 1 "verdicts alone" -q oci:bare oci:notbare
is "are a line each" "$(cat out)" "bare: oci:bare (linux/amd64)
not bare: oci:notbare (linux/amd64): 1 violation"
verify 1 "an archive on standard input: none" rootfs.tar
"$BAREWATCH" verify -q - <rootfs.tar >out 2>err
is "an archive on standard input" "$? $(cat out err)" "1 not bare: -: 1 violation"

# ---- forms of archives ----

for reference in oci:notbare oci:notbare:1 oci-archive:notbare.tar oci-archive:notbare.tar.gz \
	docker-archive:notbare.tar docker-archive:notbare.tar:app:1 notbare notbare.tar; do
	"$BAREWATCH" verify -o json "$reference" 2>err | jq -c 'del(.reference)' >"report.$TAP_COUNT"
	is "$reference has the report of oci:notbare" \
		"$(cat "report.$TAP_COUNT" err)" \
		"$("$BAREWATCH" verify -o json oci:notbare | jq -c 'del(.reference)')"
done
verify 1 "a directory as a root file system" rootfs:shell
verify 0 "for a platform that there is" --platform linux/amd64 oci:bare
verify 3 "for one that there is not" --platform linux/arm64 oci:bare

# ---- forms of output ----

verify 1 "JSON" -o json oci:bare oci:notbare
is "is an object a line" "$(jq -c '[.version, .verdict, (.images | length)]' out)" \
	'[1,"bare",1]
[1,"not bare",1]'
verify 1 "a finding" -o json oci:notbare
is "has what there is to know" \
	"$(jq -c '.images[0].findings[] | [.path, .class, .level, .program, .layer, .mode, .found_by,
		.links[0].path, .sha256]' out)" \
	"[\"/usr/bin/renamed\",\"shell\",\"violation\",\"dash\",2,\"0644\",\"content\",\"/usr/bin/sh\",\"sha256:$(sha256sum /bin/dash | cut -d' ' -f1)\"]"
is "what starts" "$(jq -c '.images[0].starts[0] | [.kind, .shell_form, .runs, .obstacle]' out)" \
	'["cmd",false,false,"it is not executable: /usr/bin/sh"]'
is "and as whom" "$(jq -c '.images[0].user' out)" '{"name":null,"uid":0,"root":true}'
verify 1 "SARIF" -o sarif oci:bare oci:notbare
is "is one document" "$(jq -c '[.version, (.runs | length), .runs[0].results[0].ruleId,
	.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri]' out)" \
	'["2.1.0",1,"shell","usr/bin/renamed"]'
verify 1 "JUnit" -o junit oci:bare oci:notbare
is "is one document" "$(grep -c '<testsuite ' out) $(grep -c '<failure ' out)" "2 1"
verify 0 "a statement" -o in-toto oci:bare
is "is about the manifest" \
	"$(jq -r '[.subject[0].digest.sha256, .predicate.verdict] | join(" ")' out)" \
	"$(cat bare.digest) bare"

# ---- policy ----

verify 0 "an allowed file" --allow '/usr/bin/sh=for the probes' oci:notbare
has "is told with its reason" '^      allowed: for the probes$'
cat >policy.yaml <<'YAML'
version: 1
notes: [shell]
YAML
verify 0 "a policy file" --policy policy.yaml oci:notbare
cat >rules.yaml <<'YAML'
- rule: No big files
  desc: Nothing in an image is large.
  condition: evt.subject = present and file.class = shell and file.size > 10
  output: "%file.path has %file.size bytes"
  priority: ERROR
YAML
verify 1 "rules of one's own" --rules rules.yaml oci:notbare
has "speak" '^  violation: /usr/bin/renamed has [0-9]+ bytes$'

# ---- what cannot be read ----

cp -r bare broken
find broken/blobs -type f -size +3k -exec sh -c 'printf x | dd of="$1" bs=1 seek=20000 conv=notrunc 2>/dev/null' _ {} \;
verify 3 "a blob that was changed" oci:broken
has "is no verdict" '^unreadable: oci:broken.*digest'
cp -r bare missing
find missing/blobs -type f -size +3k -delete
verify 3 "a blob that is missing" oci:missing
has "makes it incomplete" '^incomplete: oci:missing'
verify 3 "what is there is told, and what is not" -q oci:notbare oci:missing
is "for both" "$(wc -l <out)" 2
verify 3 "a file that is not there" nothing.tar
has "is one line" '^unreadable: nothing.tar: '
is "and no other" "$(wc -l <out)" 1
head -c 700 rootfs.tar >cut.tar
verify 3 "an archive that ends early" rootfs:cut.tar
verify 3 "a limit" --limit layers_max=1 oci:notbare
has "is named with what raises it" 'the limit layers_max \(--limit layers_max=NUMBER raises it\)'
"$BAREWATCH" verify -o json oci:missing >out 2>err
is "JSON of what cannot be read" "$? $(jq -r .verdict out) $(wc -l <err)" "3 incomplete 1"

# ---- usage ----

refuses "no reference" 2 "an image is needed, such as 'oci-archive:app.tar'"
refuses "unknown form" 2 "'--output'.*'xml' is none of 'text', " -o xml oci:bare
refuses "unknown class" 2 "there is no class 'shel': did you mean 'shell'" --fail-on shel oci:bare
refuses "allowance without a reason" 2 "'/bin/sh' is not of the form /PATH=REASON" -a /bin/sh oci:bare
refuses "platform" 2 "'linux' is not of the form OS/ARCHITECTURE" --platform linux oci:bare
refuses "unknown limit" 2 "there is no limit 'layer_max': did you mean 'layers_max'" \
	--limit layer_max=1 oci:bare
refuses "limit without a number" 2 "'--limit'" --limit layers_max=x oci:bare
refuses "policy that is not there" 2 "none.yaml: No such file" --policy none.yaml oci:bare
echo 'version: 1
violations: [shells]' >policy.yaml
refuses "policy with a mistake" 2 "policy.yaml:2:14: there is no class 'shells'" \
	--policy policy.yaml oci:bare
echo '- rule: x' >rules.yaml
"$BAREWATCH" verify --rules rules.yaml oci:bare >out 2>err
is "rules with a mistake" "$? $(grep -c "rules.yaml:1:3: rule 'x' needs" err) $(wc -c <out)" "2 4 0"
"$BAREWATCH" verify --help >out 2>err
has "--help lists its options" '^  -p, --policy FILE '
has "--help has the exit statuses" '^  3  some image could not be read'

tap_end
