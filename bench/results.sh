# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What was measured, as a table and as JSON (docs/bench.md), to be sourced by bench.sh.
#
# What bench.sh sets is used here, and the other way round:
# shellcheck disable=SC2154,SC2034

median() { # FILE
	sort -g "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# The medians over pairs: of what is added, and of the ratio.
added() { # NAME PLACE
	paste "$work/$1.$2" "$work/$1.without" | awk '{ print $1 - $2 }' >"$work/difference"
	median "$work/difference"
}

ratio() { # NAME PLACE
	paste "$work/$1.$2" "$work/$1.without" | awk '{ print $1 / $2 }' >"$work/ratio"
	median "$work/ratio"
}

# A column: what was added (ratio), or - for what was not measured.
compared() { # NAME PLACE WIDTH
	if [ -e "$work/$1.$2" ]; then
		printf ' %*s' "$3" "$(printf '%+.0f %6.3f' "$(added "$1" "$2")" "$(ratio "$1" "$2")")"
	else
		printf ' %*s' "$3" -
	fi
}

loads_table() {
	local name

	echo "CPU time of the load in ns, medians of $pairs interleaved runs. Last: the agent's for one, inside"
	printf '%-10s %12s %20s %20s %12s\n' load 'no agent' 'outside (ratio)' 'inside (ratio)' agent
	for name in "${rows[@]}"; do
		printf '%-10s %12.0f' "$name" "$(median "$work/$name.without")"
		compared "$name" outside 20
		compared "$name" inside 20
		printf ' %12.0f\n' "$(median "$work/$name.agent")"
	done
}

programs_table() {
	local name

	for name in outside inside repeats new; do
		[ -e "$work/$name.bpf" ] || continue
		echo "BPF time of a run in ns, $name: $(tr '\n' ' ' <"$work/$name.bpf")"
	done
}

machine() {
	sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1 | tr -dc '[:alnum:] ()@.,+-'
}

commit() {
	git -C "$(dirname "$0")" -c safe.directory='*' rev-parse --short HEAD 2>/dev/null
}

heading() {
	echo "barewatch $(commit), $(date -u +%F), kernel $(uname -r), $(nproc) CPUs: $(machine); opens by" \
		"$variant; load average at the start $load_average"
	echo
}

json_loads() {
	local name place sep=

	for name in "${rows[@]}"; do
		printf '%s"%s":{"ns":{' "$sep" "$name"
		sep=
		for place in without outside inside "${peers[@]}" agent; do
			[ -e "$work/$name.$place" ] || continue
			printf '%s"%s":%s' "$sep" "$place" "$(median "$work/$name.$place")"
			sep=,
		done
		json_compared "$name" added
		json_compared "$name" ratio
		printf '}'
		sep=,
	done
}

json_compared() { # NAME FUNCTION
	local place sep=

	printf '},"%s":{' "$2"
	for place in outside inside "${peers[@]}"; do
		[ -e "$work/$1.$place" ] || continue
		printf '%s"%s":%s' "$sep" "$place" "$("$2" "$1" "$place")"
		sep=,
	done
	[ "$2" != ratio ] || printf '}'
}

json_programs() {
	local name sep=

	for name in outside inside repeats new; do
		[ -e "$work/$name.bpf" ] || continue
		printf '%s"%s":{%s}' "$sep" "$name" \
			"$(awk '{ printf "%s\"%s\":%s", (NR > 1 ? "," : ""), $1, $2 }' "$work/$name.bpf")"
		sep=,
	done
}

json() {
	printf '{"date":"%s","commit":"%s","kernel":"%s","machine":"%s","cpu":"%s","cpus":%d,' \
		"$(date -u +%FT%TZ)" "$(commit)" "$(uname -r)" "$(uname -m)" "$(machine)" "$(nproc)"
	printf '"load_average":%s,"variant":"%s","pairs":%d,"seconds":%d,"steady_seconds":%s,' \
		"$load_average" "$variant" "$pairs" "$SECONDS" "$STEADY_SECONDS"
	printf '"loads":{%s},"bpf_ns":{%s},"steady":[%s],"highest":[%s],"peers_missing":[%s],' \
		"$(json_loads)" "$(json_programs)" "$(steady_json)" "$(highest_json)" "$(peers_missing_json)"
	printf '"rules":[%s],"lost":%d,"rss_mib":%s}\n' "$(rules_json "$work/rules")" "$lost" \
		"$(if [ -s "$work/memory" ]; then median "$work/memory"; else echo null; fi)"
}
