#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Containers that come and go by the thousand leave nothing behind: COUNT cgroups, half of
# them of containers, some 20,000 a second on two processors. Heap, descriptors and entries
# of the kernel side are what they were before, or what they were after the first WARM_UP,
# when all that is kept for a while has come to its limit. The containers are forgotten when
# their time is over, which is 30 of the 40 seconds that this takes.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

COUNT=${COUNT:-100000}
ROUNDS=4              # of COUNT / 2 each, of which the first two are COUNT
GROWTH_KIB_MAX=256    # in a round, of 25,000 containers: 10 bytes each are more
KEPT_S=31 # a little more than CONTAINER_KEEP_NS of agent/tracker.c
FULL=16384 # entries of the scope, see probe.h
UNSCOPED=100

V2=$(mount_point cgroup2)
TOP=$V2/barewatch-lives.$$
LIVES=0 # begun so far: each has a number of its own
SCOPE=0 # entries before them

# ---- what the agent holds ----

# Memory of its own: pages of programs and libraries come and go with what else runs.
agent_heap_kib() {
	awk '$1 == "RssAnon:" { print $2 }' "/proc/$AGENT_PID/status"
}

agent_descriptors() {
	find "/proc/$AGENT_PID/fd" -type l | wc -l
}

# The id of the agent's map of the name $1.
agent_map() {
	local id

	sed -n 's/^map_id:[[:space:]]*//p' "/proc/$AGENT_PID"/fdinfo/* | sort -u |
		while read -r id; do
			[ "$(bpftool -j map show id "$id" | jq -r .name)" != "$1" ] || echo "$id"
		done
}

scope_entries() {
	bpftool -j map dump id "$(agent_map bw_scopes)" | jq length
}

scope_has() {
	[ "$(scope_entries)" = "$1" ]
}

# scope_is_back NAME ENTRIES: the scope has no more than it had. The agent may have to catch up.
scope_is_back() {
	wait_until 10 scope_has "$2"
	is "$1" "$(scope_entries)" "$2"
}

# From the two lines that the agent begins and ends with.
containers_at_start() {
	sed -n 's/.*watching: containers \([0-9]*\).*/\1/p' "$E2E_DIR/agent.log"
}

containers_at_end() {
	sed -n 's/.*containers still known: \([0-9]*\).*/\1/p' "$E2E_DIR/agent.log"
}

# ---- lives ----

# COUNT cgroups, by two workers.
lives() {
	local each=$(($1 / 2)) pids=() pid status=0

	for _ in 1 2; do
		"$PROGRAMS/cgroup_lives" "$TOP" "$LIVES" "$each" &
		pids+=($!)
		LIVES=$((LIVES + each))
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || status=$?
	done
	return $status
}

# A shell in a new container gives one alert, which names it.
expect_alert() { # NAME
	local -x ID

	ID=$(new_id)
	mkdir "$TOP/docker/$ID"
	run_in "$TOP/docker/$ID" "$E2E_DIR/ash" -c :
	alerts_wait 10 1 '."container.full_id" == env.ID'
	is "$1" "$(alerts '."container.full_id" == env.ID' |
		jq -r '.output_fields | "\(."container.id") \(."evt.res")"')" "${ID:0:12} SUCCESS"
	wait_until 5 rmdir "$TOP/docker/$ID" 2>/dev/null
}

# What leaks grows in every round; what only has not come to its limit does not.
test_heap() {
	local round before after

	after=$(agent_heap_kib)
	for ((round = 1; round <= ROUNDS; round++)); do
		before=$after
		lives "$((COUNT / 2))" || break
		scope_is_back "the scope has as many entries as before round $round" "$SCOPE"
		after=$(agent_heap_kib)
		echo "# heap: $before KiB, then $((after - before)) KiB more"
		[ "$round" -lt 2 ] || [ $((after - before)) -gt "$GROWTH_KIB_MAX" ] || break
	done
	if grep -qa __asan_init "$BAREWATCH"; then
		skip "the heap comes to rest" "AddressSanitizer keeps what is freed"
	elif [ "$LIVES" -ge "$COUNT" ] && [ $((after - before)) -le "$GROWTH_KIB_MAX" ]; then
		ok "the heap comes to rest"
	else
		not_ok "the heap comes to rest" "$LIVES cgroups, the last $((COUNT / 2)) with \
$((after - before)) KiB more"
	fi
}

test_lives() {
	local descriptors

	agent_start --bare all --verbose || return
	SCOPE=$(scope_entries) descriptors=$(agent_descriptors)
	test_heap
	expect_alert "a shell in a new container is reported"
	scope_is_back "the scope has as many entries as at the start" "$SCOPE"
	sleep "$KEPT_S"
	is "no descriptor is left open" "$(agent_descriptors)" "$descriptors"
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	agent_lost_nothing
	is "nothing is lost" $? 0
	is "no container that is gone is known any more" \
		"$(containers_at_end)" "$(containers_at_start)"
}

# ---- lives whose ends nobody saw ----

# While the agent is stopped the scope gets full, then the ring. It learns of containers that
# are not in scope when they are gone, and not of their end.
test_unseen_ends() {
	local scope

	agent_start --bare all --ring-size 2048 || return
	scope=$(scope_entries)
	kill -STOP "$AGENT_PID"
	mkdir "$TOP/fill"
	seq -f "$TOP/fill/%.0f" "$FULL" | xargs mkdir
	seq -f "$TOP/docker/f%063.0f" "$UNSCOPED" | xargs mkdir
	lives 20000
	seq -f "$TOP/docker/f%063.0f" "$UNSCOPED" | xargs rmdir
	cgroup_tree_remove "$TOP/fill"
	kill -CONT "$AGENT_PID"
	expect_alert "a shell is reported after more lives than the agent could be told of"
	scope_is_back "the scope has as many entries as before those" "$scope"
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	is "of all ends some were lost" \
		"$(grep -cE ' events lost .*removed cgroups' "$E2E_DIR/agent.log")" 1
}

e2e_begin cgroups_remove
[ "$(id -u)" = 0 ] || skip_all "needs root"
[ -n "$V2" ] || skip_all "no cgroup v2 hierarchy here"
command -v bpftool >/dev/null || skip_all "bpftool is not installed"
cp /bin/busybox "$E2E_DIR/busybox" && ln -s busybox "$E2E_DIR/ash"
cgroup_tree "$TOP" || bail_out "cannot make a cgroup: $TOP"
mkdir "$TOP/docker"
test_lives
test_unseen_ends
tap_end
