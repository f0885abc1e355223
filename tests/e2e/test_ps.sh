#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `barewatch ps` without an engine: cgroups that are named as engines name theirs, and state
# directories as engines leave them.
set -u

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=cgroups.sh
. "$(dirname "$0")/cgroups.sh"

DOCKER=$(new_id) PODMAN=$(new_id) POD=$(new_id) SANDBOX=$(new_id) NAMELESS=$(new_id)
export DOCKER PODMAN POD SANDBOX NAMELESS

# write FILE: standard input, below the directory of this test.
write() {
	mkdir -p "$E2E_DIR/${1%/*}" && cat >"$E2E_DIR/$1"
}

make_cgroups() { # DIRECTORY
	cgroup_tree "$1" && mkdir -p "$1/docker-$DOCKER.scope/init.scope" \
		"$1/libpod-$PODMAN.scope" "$1/kubepods/pod3c7c1e5e-8f5a-4a8c-9a3e-2b1d0c9f8e7d/$POD" \
		"$1/cri-containerd-$SANDBOX.scope" "$1/docker-$NAMELESS.scope" \
		"$1/just-a.slice/docker-0123.scope" "$1/libpod-conmon-$PODMAN.scope"
}

make_state() {
	write "docker/containers/$DOCKER/config.v2.json" <<-END
		{"Name":"/ps-web","Image":"sha256:0","RestartCount":2,
		 "Config":{"Image":"registry.example/web:1",
		  "Labels":{"tier":"front","evil\u001b[2J":"\n\u202e"}}}
	END
	write podman/overlay-containers/containers.json <<-END
		[{"id":"$PODMAN","names":["ps\\u001b[2J\\nevil\\u202e"],
		  "metadata":"{\\"image-name\\":\\"localhost/x:1\\"}"}]
	END
	write "containerd/io.containerd.runtime.v2.task/k8s.io/$POD/config.json" <<-END
		{"process":{"args":["/bin/app","--motd","hello world"]},"root":{"path":"rootfs"},
		 "annotations":{"io.kubernetes.cri.container-type":"container",
		  "io.kubernetes.cri.container-name":"app","io.kubernetes.cri.image-name":"app:2",
		  "io.kubernetes.cri.sandbox-id":"$SANDBOX","io.kubernetes.cri.sandbox-name":"p-7d9f",
		  "io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":"u"}}
	END
	write "containerd/io.containerd.runtime.v2.task/k8s.io/$SANDBOX/config.json" <<-END
		{"process":{"args":["/pause"]},"root":{"path":"rootfs"},
		 "annotations":{"io.kubernetes.cri.container-type":"sandbox",
		  "io.kubernetes.cri.sandbox-name":"p-7d9f",
		  "io.kubernetes.cri.sandbox-namespace":"shop"}}
	END
}

# ps_prints OPTION...: its output is then in $E2E_DIR/out.
ps_prints() {
	"$BAREWATCH" ps --state-file "$E2E_DIR/run/agent.json" --engine-root "docker=$E2E_DIR/docker" \
		--engine-root "docker-exec=$E2E_DIR/docker-exec" \
		--engine-root "podman=$E2E_DIR/podman" \
		--engine-root "containerd=$E2E_DIR/containerd-root" \
		--engine-root "containerd-state=$E2E_DIR/containerd" "$@" \
		>"$E2E_DIR/out" 2>"$E2E_DIR/err"
}

# row ID: its line, with single spaces.
row() {
	grep -F "${1:0:12}" "$E2E_DIR/out" | tr -s ' '
}

# row_is NAME ID EXPECTED
row_is() {
	is "$1" "$(row "$2")" "$3"
}

# member_is NAME ID FILTER EXPECTED: of the JSON object of ID.
member_is() {
	is "$1" "$(jq -c "select(.id == \"$2\") | $3" "$E2E_DIR/out")" "$4"
}

test_text() {
	ps_prints --bare ps-web
	is "text: status" "$?" 0
	is "text: nothing on standard error" "$(cat "$E2E_DIR/err")" ""
	is "text: titles" "$(head -n 1 "$E2E_DIR/out" | tr -s ' ')" "RUNTIME ID NAME POD BARE ALERTS IMAGE"
	row_is "text: Docker" "$DOCKER" \
		"docker ${DOCKER:0:12} ps-web - option - registry.example/web:1"
	row_is "text: Podman, its name escaped" "$PODMAN" \
		"podman ${PODMAN:0:12} ps\\u{1b}[2J\\nevil\\u{202e} - no - localhost/x:1"
	row_is "text: a pod's container, whose cgroup does not name the engine" "$POD" \
		"containerd ${POD:0:12} app shop/p-7d9f no - app:2"
	row_is "text: a pod's sandbox" "$SANDBOX" \
		"containerd ${SANDBOX:0:12} (sandbox) shop/p-7d9f no - -"
	row_is "text: a container without files" "$NAMELESS" "docker ${NAMELESS:0:12} - - no - -"
	is "text: nothing that could reach a terminal" "$(text_unsafe "$E2E_DIR/out")" ""
	is "text: what is no container is not listed" \
		"$(grep -cE 'just-a|0123.scope|conmon' "$E2E_DIR/out")" 0
}

test_wide() {
	ps_prints -o wide
	is "wide: status" "$?" 0
	is "wide: titles" "$(head -n 1 "$E2E_DIR/out" | tr -s ' ')" \
		"RUNTIME ID NAME POD BARE ALERTS IMAGE EXECS ATTEMPTS OPENS OPENS LOST RESTARTS ENTRYPOINT CGROUP"
	row_is "wide: entrypoint and cgroup" "$POD" "containerd ${POD:0:12} app shop/p-7d9f no - \
app:2 - - - - - /bin/app --motd 'hello world' $(cd "$TREE" && find "$PWD" -name "$POD" -printf '%P' | \
		sed "s|^|/${TREE#"$V2"/}/|")"
	is "wide: nothing that could reach a terminal" "$(text_unsafe "$E2E_DIR/out")" ""
}

test_json() {
	ps_prints -o json --bare all
	is "json: status" "$?" 0
	is "json: one object a line" "$(jq -c type "$E2E_DIR/out" | sort | uniq -c | tr -s ' ')" \
		" $(wc -l <"$E2E_DIR/out") \"object\""
	is "json: nothing that could reach a terminal" "$(text_unsafe "$E2E_DIR/out")" ""
	is "json: each container once" \
		"$(jq -r .id "$E2E_DIR/out" | grep -cE "$DOCKER|$PODMAN|$POD|$SANDBOX|$NAMELESS")" 5
	member_is "json: Docker" "$DOCKER" '[.runtime, .name, .image, .sandbox, .bare, .bare_source]' \
		'["docker","ps-web","registry.example/web:1",false,true,"option"]'
	member_is "json: the cgroup is the container's own" "$DOCKER" '.cgroup' \
		"\"/${TREE#"$V2"/}/docker-$DOCKER.scope\""
	member_is "json: the name is exact" "$PODMAN" .name '"ps\u001b[2J\nevil'$'\u202e''"'
	member_is "json: pod" "$POD" '[.pod_name, .pod_namespace, .pod_uid, .sandbox_id == env.SANDBOX]' \
		'["p-7d9f","shop","u",true]'
	member_is "json: sources" "$POD" '[.sources.name, .sources.entrypoint]' \
		'["containerd config.json","oci config.json"]'
	member_is "json: sandbox" "$SANDBOX" .sandbox true
	member_is "json: labels" "$DOCKER" '[.labels, .sources.labels, .restarts]' \
		'[{"tier":"front","evil\u001b[2J":"\n'$'\u202e''"},"docker config.v2.json",2]'
	member_is "json: labels that are unknown are not there" "$POD" \
		'[.labels, .annotations, .pod_labels, .restarts]' '[null,null,null,null]'
	member_is "json: what is unknown is not there" "$NAMELESS" 'has("name"), .sources' 'false
{}'
}

test_policy() {
	write policy/policy.yaml <<-END
		version: 1
		bare:
		  - image: "registry.example/*"
	END
	ps_prints -o json --policy "$E2E_DIR/policy/policy.yaml"
	is "policy: what it names is bare, and why" \
		"$(jq -r 'select(.bare) | select(.id == env.DOCKER) | .bare_source' "$E2E_DIR/out")" policy
	member_is "policy: what it does not name is not" "$PODMAN" .bare_source '"no"'
}

# Every one of these files may be something else by accident or on purpose.
test_broken_state() {
	rm -r "$E2E_DIR/docker" "$E2E_DIR/podman"
	write podman/overlay-containers/containers.json <<<'{"id":'
	mkdir -p "$E2E_DIR/docker/containers/$DOCKER"
	mkfifo "$E2E_DIR/docker/containers/$DOCKER/config.v2.json"
	ps_prints
	is "broken state: status" "$?" 0
	row_is "broken state: a FIFO" "$DOCKER" "docker ${DOCKER:0:12} - - no - -"
	row_is "broken state: JSON that was cut" "$PODMAN" "podman ${PODMAN:0:12} - - no - -"
}

# ---- files that are not where they are looked for ----

# A process that looks like a shim, with a child, each in the cgroup that is given for it; both
# are left to e2e_end. ARGUMENTS: its cgroup, its child's, its working directory.
start_shim() {
	(
		echo "$BASHPID" >"$1/cgroup.procs" && cd "$3" &&
			exec -a containerd-shim-runc-v2 bash -c '
				(echo "$BASHPID" >"$0/cgroup.procs" && exec sleep 300) &
				wait' "$2"
	) </dev/null >/dev/null 2>&1 &
	SHIMS+=($!)
	disown
	wait_until 5 grep -q . "$2/cgroup.procs"
}

SHIMS=()

stop_shims() {
	local pid

	for pid in "${SHIMS[@]}"; do
		kill -KILL "$(tr -d " " <"/proc/$pid/task/$pid/children")" 2>/dev/null
		kill -KILL "$pid" 2>/dev/null
	done
	SHIMS=()
}

# A bundle below DIRECTORY, at no place that ps was told of, of the container ID called NAME.
write_elsewhere() { # DIRECTORY ID NAME
	write "$1/io.containerd.runtime.v2.task/k8s.io/$2/config.json" <<-END
		{"process":{"args":["/app"]},"root":{"path":"rootfs"},
		 "annotations":{"io.kubernetes.cri.container-name":"$3"}}
	END
}

test_search() {
	local task=io.containerd.runtime.v2.task/k8s.io
	local FOUND BLIND INSIDE

	FOUND=$(new_id) BLIND=$(new_id) INSIDE=$(new_id)
	mkdir "$TREE/shim" "$TREE/cri-containerd-"{"$FOUND","$BLIND","$INSIDE"}.scope
	write_elsewhere elsewhere "$FOUND" found
	write_elsewhere planted "$BLIND" planted
	start_shim "$TREE/shim" "$TREE/cri-containerd-$FOUND.scope" "$E2E_DIR/elsewhere/$task/$FOUND"
	# a container may not say where the agent is to read, not even about another
	start_shim "$TREE/cri-containerd-$INSIDE.scope" "$TREE/cri-containerd-$BLIND.scope" \
		"$E2E_DIR/planted/$task/$BLIND"
	ps_prints -o json
	is "search: status" "$?" 0
	member_is "search: a shim leads to the files" "$FOUND" '[.name, .sources.init_pid]' \
		'["found","cgroup.procs"]'
	member_is "search: one in a container is not believed" "$BLIND" .name null
	member_is "search: its process is the container's all the same" "$BLIND" \
		.init_pid "$(cat "$TREE/cri-containerd-$BLIND.scope/cgroup.procs")"
	ps_prints -o json --engine-root "containerd-state=$E2E_DIR/planted"
	member_is "search: it would be, from where ps was told to look" "$BLIND" .name '"planted"'
	stop_shims
}

# What this mount namespace sees of the state is hidden, what is below the prefix is not.
test_host_root() {
	local inside='mount --rbind / "$1/host" && mount -t tmpfs none "$1/docker" &&
		mount -t tmpfs none "$1/podman" && mount -t tmpfs none "$1/containerd" && shift &&
		exec "$@"'
	local prefix

	mkdir "$E2E_DIR/host"
	ln -s "$E2E_DIR/docker" "$E2E_DIR/link"
	"$BAREWATCH" ps --host-root /nonexistent >/dev/null 2>"$E2E_DIR/err"
	is "host root that is none: status" "$?" 2
	is "host root that is none: the reason" "$(grep -c 'No such file' "$E2E_DIR/err")" 1
	for prefix in "" "$E2E_DIR/host"; do
		unshare -m --propagation private sh -c "$inside" sh "$E2E_DIR" "$BAREWATCH" ps -o json \
			${prefix:+--host-root "$prefix"} --engine-root "docker=$E2E_DIR/link" \
			--engine-root "podman=$E2E_DIR/podman" \
			--engine-root "containerd-state=$E2E_DIR/containerd" \
			>"$E2E_DIR/out" 2>"$E2E_DIR/err"
		is "host root '$prefix': status" "$?" 0
		member_is "host root '$prefix': Docker, through an absolute link" "$DOCKER" .name \
			"$([ -z "$prefix" ] && echo null || echo '"ps-web"')"
		member_is "host root '$prefix': containerd, and paths are the host's" "$POD" \
			'[.name, .bundle]' "$([ -z "$prefix" ] && echo '[null,null]' ||
			echo "[\"app\",\"$E2E_DIR/containerd/io.containerd.runtime.v2.task/k8s.io/$POD\"]")"
	done
}

# ---- what a running agent counted ----

counts_are() { # ID EXPECTED
	ps_prints -o json
	[ "$(jq -c "select(.id == \"$1\") | [.execs, .attempts, .alerts]" "$E2E_DIR/out")" = "$2" ]
}

# counts_become NAME ID EXPECTED: the agent writes its file once a second.
counts_become() {
	wait_until 10 counts_are "$2" "$3"
	member_is "$1" "$2" '[.execs, .attempts, .alerts]' "$3"
}

test_counts() {
	local cgroup=$TREE/docker-$DOCKER.scope/init.scope

	ps_prints -o json
	member_is "counts: unknown without an agent" "$DOCKER" \
		'[has("execs"), has("attempts"), has("alerts")]' '[false,false,false]'
	AGENT_OPTIONS=(--engine-root "docker=$E2E_DIR/docker" --state-file "$E2E_DIR/run/agent.json")
	agent_start --bare ps-web || return
	counts_become "counts: none at first" "$DOCKER" '[0,0,0]'
	is "counts: the file is root's alone, its directory is not" \
		"$(stat -c %a "$E2E_DIR/run/agent.json" "$E2E_DIR/run")" "600
755"
	# a shell, what it starts, and the shell that this asks for: two alerts
	run_in "$cgroup" /bin/sh -c '"$0" "$1"; :' "$PROGRAMS/try_exec" /nonexistent/bash >/dev/null
	counts_become "counts: a shell, a program, and a shell that is not there" "$DOCKER" '[2,1,2]'
	member_is "counts: unknown of a container that is not watched" "$PODMAN" \
		'[has("execs"), has("attempts"), has("alerts")]' '[false,false,false]'
	ps_prints --bare ps-web
	row_is "counts: alerts in the table" "$DOCKER" \
		"docker ${DOCKER:0:12} ps-web - option 2 registry.example/web:1"
	ps_prints -o wide
	row_is "counts: all in the wide table" "$DOCKER" \
		"docker ${DOCKER:0:12} ps-web - no 2 registry.example/web:1 2 1 0 0 2 - \
/${TREE#"$V2"/}/docker-$DOCKER.scope"
	is "counts: by kind, and all alerts" "$(jq -c \
		'[.version, .pid, .alerts, .events.execs, .events.attempts]' "$E2E_DIR/run/agent.json")" \
		"[1,$AGENT_PID,2,{\"seen\":2,\"lost\":0,\"held\":0},{\"seen\":1,\"lost\":0,\"held\":0}]"
	test_second_agent
	test_doubtful_file
	test_end_of_agent
}

# It watches all the same, and leaves the file to the first.
test_second_agent() {
	local first=$AGENT_PID

	agent_start --bare all
	wait_until 10 grep -q 'belongs to the agent' "$E2E_DIR/agent.log"
	is "second agent: says in a line each whose the file and the socket are" \
		"$(grep -cE "agent.json' belongs to the agent with the pid $first" "$E2E_DIR/agent.log") \
$(grep -cF "agent.json.d/control' belongs to another agent" "$E2E_DIR/agent.log") \
$(grep -c agent.json "$E2E_DIR/agent.log")" "1 1 2"
	agent_stop
	is "second agent: status" "$AGENT_STATUS" 0
	AGENT_PID=$first
	counts_become "second agent: the counts are those of the first" "$DOCKER" '[2,1,2]'
}

# doubtful NAME REASON: ps ignores the file and says why, in one line.
doubtful() {
	ps_prints -o json
	is "$1: status" "$?" 0
	is "$1: the reason" "$(grep -c "$2" "$E2E_DIR/err") $(wc -l <"$E2E_DIR/err")" "1 1"
	member_is "$1: nothing is believed" "$DOCKER" 'has("execs")' false
}

test_doubtful_file() {
	local file=$E2E_DIR/run/agent.json

	chmod 620 "$file"
	doubtful "file that a group can write" "ignored: others than root can write it"
	chmod 600 "$file"
	chown 65534 "$file"
	doubtful "file that is not root's" "ignored: others than root can write it"
	chown 0 "$file"
	mv "$file" "$file.kept"
	ln -s agent.json.kept "$file"
	doubtful "file that is a link" "ignored: Too many levels of symbolic links"
	rm "$file"
	echo '{"version": 2}' >"$file"
	doubtful "file of another version" "ignored: it is no agent's of this version"
	rm "$file"
	mkfifo -m 600 "$file"
	doubtful "file that is a FIFO" "ignored: Invalid argument"
	mv "$file.kept" "$file"
}

test_end_of_agent() {
	agent_stop
	is "agent that ended: status" "$AGENT_STATUS" 0
	is "agent that ended: nothing is left" "$(ls -A "$E2E_DIR/run")" ""
	agent_start --bare ps-web
	counts_become "agent that was killed: its counts" "$DOCKER" '[0,0,0]'
	agent_kill
	ps_prints -o json
	is "agent that was killed: its file is there" "$(ls -A "$E2E_DIR/run")" "agent.json
agent.json.d"
	is "agent that was killed: nothing is said" "$(cat "$E2E_DIR/err")" ""
	member_is "agent that was killed: its counts are ignored" "$DOCKER" 'has("execs")' false
	agent_start --bare ps-web --for 600
	counts_become "agent after one that was killed: takes the file over" "$DOCKER" '[0,0,0]'
	agent_stop
	AGENT_OPTIONS=(--state-file /dev/full/agent.json)
	agent_start --bare all
	wait_until 10 grep -q 'cannot be written' "$E2E_DIR/agent.log"
	agent_stop
	is "file that cannot be written: is said, and survived" \
		"$(grep -c "agent.json' cannot be written" "$E2E_DIR/agent.log") $AGENT_STATUS" "1 0"
	AGENT_OPTIONS=(--state-file "")
	agent_start --bare all
	agent_stop
	is "no file is wanted" "$(grep -c agent.json "$E2E_DIR/agent.log") $AGENT_STATUS" "0 0"
}

# answers NAME PATTERN COMMAND...: status 3 and one line like PATTERN.
answers() {
	local name=$1 pattern=$2 got
	shift 2
	"$@" >"$E2E_DIR/out" 2>"$E2E_DIR/err" </dev/null
	got=$?
	is "$name: status" "$got" 3
	is "$name: one line" "$(grep -cE -- "$pattern" "$E2E_DIR/err") $(wc -l <"$E2E_DIR/err")" "1 1"
	is "$name: nothing on standard output" "$(cat "$E2E_DIR/out")" ""
}

clean_up() {
	agent_kill
	stop_shims
	cgroups_remove
}

e2e_begin clean_up
[ "$(id -u)" = 0 ] || skip_all "needs root"
V2=$(mount_point cgroup2)
[ -n "$V2" ] || skip_all "no cgroup v2 hierarchy here"
TREE=$V2/barewatch-ps.$$
make_cgroups "$TREE" || bail_out "no cgroups can be made here"
make_state
test_text
test_wide
test_json
test_policy
test_search
test_host_root
test_counts
test_broken_state
answers "without a cgroup file system" 'cgroups of this host cannot be read' unshare -m sh -c \
	'umount -Rl /sys/fs/cgroup && exec "$1" ps' sh "$BAREWATCH"
answers "in a cgroup namespace" 'cgroups of this host cannot be read' \
	run_in "$TREE" unshare -m -C sh -c 'umount -Rl /sys/fs/cgroup &&
		mount -t cgroup2 none /sys/fs/cgroup && exec "$1" ps' sh "$BAREWATCH"
tap_end
