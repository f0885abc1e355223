#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Opened files in real containers: each is told when it is first opened, and then only where a rule could
# say something else; by whom; under what names; and what a flood of them costs others. FILES is how
# many the large image has, SECONDS_OF_FLOOD how long the flood lasts.
set -u

LAYOUTS=${LAYOUTS:-v2}

# shellcheck source-path=SCRIPTDIR source=layouts.sh
. "$(dirname "$0")/layouts.sh"

FILES=${FILES:-5000}
SECONDS_OF_FLOOD=${SECONDS_OF_FLOOD:-10}

# ---- images, rules, questions ----

# FILES files in directories of a hundred, and busybox by symlinks.
import_files() {
	local dir=$ENGINE_DIR/image/files i

	mkdir -p "$dir"/{bin,etc,mnt,tmp,root/.ssh,usr/bin,usr/local/bin,var/lib/dpkg} || return
	for ((i = 0; i < FILES; i++)); do
		((i % 100)) || mkdir -p "$dir/data/$((i / 100))" || return
		echo "$i" >"$dir/data/$((i / 100))/$i" || return
	done
	cp "$(command -v busybox)" "$dir/bin/busybox" && cp "$PROGRAMS/app" "$PROGRAMS/open_flood" "$dir" &&
		cp "$dir/bin/busybox" "$dir/usr/bin/busybox" && ln "$dir/bin/busybox" "$dir/usr/bin/tail" &&
		for i in sh find cat head mv ln rm cp mkdir; do
			ln -s busybox "$dir/bin/$i" || return
		done
	echo "root:*:::::::" >"$dir/etc/shadow" && echo "root:x:0:0::/:" >"$dir/etc/passwd" &&
		echo secret >"$dir/etc/secret" && echo secret >"$dir/etc/later" &&
		echo plain >"$dir/etc/plain" && podman_import files "$dir"
}

# rule NAME CONDITION
rule() {
	printf -- '- rule: %s\n  desc: d\n  condition: %s\n  output: "%%fd.name by %%proc.name"\n' "$1" "$2"
	printf '  priority: NOTICE\n'
}

# The agent with these options, and the container `files`, in which a shell does what comes through a FIFO.
begin() { # OPTION...
	rm -f "$ENGINE_VOLUME"/{do,done} && mkfifo "$ENGINE_VOLUME"/{do,done} || return
	chmod 666 "$ENGINE_VOLUME"/{do,done}
	agent_start --bare all "$@" || return
	rm -f "$ENGINE_DIR"/{cid,cid.podman}
	engine_podman run -d --name files --cidfile "$ENGINE_DIR/cid.podman" \
		--cgroup-parent "/$ENGINE_NAME/libpod_parent" -v "$ENGINE_VOLUME:/mnt" files /bin/sh -c \
		'while read -r line </mnt/do; do eval "$line"; echo >/mnt/done; done' >/dev/null && return
	not_ok "a container starts"
	return 1
}

# do_inside COMMAND: in that shell, to its end.
do_inside() {
	timeout 60 bash -c 'echo "$2" >"$1/do"; read -r _ <"$1/done"' - \
		"$ENGINE_VOLUME" "${1//$'\n'/;}"
}

end() {
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	engine_podman rm -f -t 0 files >/dev/null
}

# Of the agent's counts of opens the one called NAME: as of the latest second.
count_of() {
	jq -r ".events.opens.$1" "$E2E_DIR/run/agent.json"
}

# Until the counts stay the same for a second, as they are written.
settle() {
	local before="" now=x i

	for ((i = 0; i < 20; i++)); do
		now=$(count_of seen)
		[ "$now" != "$before" ] || return 0
		before=$now
		sleep 1.5
	done
	not_ok "the counts come to rest"
}

told() { # FILTER
	alerts '."evt.subject" == "open" and ('"$1"')' | jq -r '.output_fields | "\(.["fd.name"]) \(.["proc.name"])"'
}

# is_told NAME FILTER EXPECTED: until what FILTER is true of is EXPECTED, "FILE PROCESS" a line.
is_told() {
	local filter=$2 count

	count=$(printf '%s\n' "$3" | grep -c .)
	wait_until 5 told_reaches "$count" "$filter"
	is "$1" "$(told "$filter" | sort)" "$3"
}

told_reaches() {
	[ "$(told "$2" | wc -l)" -ge "$1" ]
}

# ---- each file once ----

# Nothing is left of a file but to count it: what is sent of the second pass is nothing. The ring takes
# all of the first, so that it does not matter when the agent gets a processor.
test_first_and_repeated() {
	local pass='find /data -type f -exec cat {} + >/dev/null' sent seen

	rule "any file" 'evt.subject = open and fd.name startswith /data/' >"$E2E_DIR/any.yaml"
	begin --rules "$E2E_DIR/any.yaml" --ring-size 16384 || return
	do_inside "$pass"
	alerts_wait 30 "$FILES" '."fd.typechar" == "f"'
	is "each of $FILES files is told once" \
		"$(told '."fd.typechar" == "f"' | sort | uniq -c | awk '{print $1, $3}' | sort | uniq -c |
			tr -s ' ')" " $FILES 1 cat"
	is "by its own path" "$(told '."fd.typechar" == "f"' | sort -u | cut -d ' ' -f 1 | tr -d '\n' | md5sum)" \
		"$(cd "$ENGINE_DIR/image/files" && find data -type f | sed 's|^|/|' | sort | tr -d '\n' | md5sum)"
	settle
	seen=$(count_of seen)
	sent=$((seen - $(count_of held) - $(count_of lost)))
	do_inside "$pass"
	settle
	is "of the second pass nothing is sent" "$(($(count_of seen) - $(count_of held) - $(count_of lost)))" \
		"$sent"
	[ $(($(count_of seen) - seen)) -ge "$FILES" ]
	is "and all of it is counted" $? 0
	is "nothing was lost" "$(count_of lost)" 0
	end
}

# ---- by whom ----

test_who_opens() {
	{
		rule "by program" 'evt.subject = open and fd.name = /etc/secret and not proc.name in (cat, head)'
		rule "by arguments" 'evt.subject = open and fd.name = /etc/plain and proc.args contains "-n 7"'
		rule "by descriptor" 'evt.subject = open and fd.name = /etc/passwd and fd.nameraw contains "../"'
	} >"$E2E_DIR/who.yaml"
	begin --rules "$E2E_DIR/who.yaml" || return
	do_inside 'cat /etc/secret; cat /etc/secret; head /etc/secret; cp /etc/secret /tmp/x'
	is_told "who is not permitted is told, though others have read the file" \
		'."fd.name" == "/etc/secret"' "/etc/secret cp"
	do_inside '/usr/bin/busybox cat /etc/secret; /usr/bin/tail /etc/secret'
	is_told "also one of another file, and by another name" '."fd.name" == "/etc/secret"' "/etc/secret busybox
/etc/secret cp
/etc/secret tail"
	do_inside '/bin/head /etc/plain; /bin/head -n 7 /etc/plain; /bin/head -n 8 /etc/plain
		/bin/head -n 7 /etc/plain'
	is_told "who has the arguments is, each time" '."fd.name" == "/etc/plain"' "/etc/plain head
/etc/plain head"
	do_inside 'cat /etc/passwd; cd /tmp; cat ../etc/passwd; cat /etc/passwd'
	is_told "and who asked for it in another way" '."fd.name" == "/etc/passwd"' "/etc/passwd cat"
	end
}

# ---- under what names ----

test_names() {
	rule "secret" 'evt.subject = open and fd.name startswith /tmp/secret' >"$E2E_DIR/names.yaml"
	begin --rules "$E2E_DIR/names.yaml" || return
	do_inside 'echo 1 >/tmp/a; cat /tmp/a; cat /tmp/a; mv /tmp/a /tmp/secret-1; cat /tmp/secret-1'
	is_told "a file that was read before and renamed" '."fd.name" == "/tmp/secret-1"' "/tmp/secret-1 cat"
	do_inside 'mkdir /tmp/d; echo 1 >/tmp/d/f; cat /tmp/d/f; mv /tmp/d /tmp/secret-d; cat /tmp/secret-d/f'
	is_told "one below a directory that was renamed" '."fd.name" == "/tmp/secret-d/f"' \
		"/tmp/secret-d/f cat"
	do_inside 'echo 1 >/tmp/b; cat /tmp/b; ln /tmp/b /tmp/secret-2; cat /tmp/secret-2'
	is_told "one that got another name" '."fd.name" == "/tmp/secret-2"' "/tmp/secret-2 cat"
	do_inside 'for i in 1 2 3; do echo $i >/tmp/secret-3; cat /tmp/secret-3; rm /tmp/secret-3; done'
	is_told "one that was made anew, each time" \
		'."fd.name" == "/tmp/secret-3" and ."evt.is_open_read" == true' "/tmp/secret-3 cat
/tmp/secret-3 cat
/tmp/secret-3 cat"
	is_told "each time it was made" '."fd.name" == "/tmp/secret-3" and ."evt.is_open_create" == true' \
		"/tmp/secret-3 sh
/tmp/secret-3 sh
/tmp/secret-3 sh"
	end
}

# ---- other rules, another life ----

rules_version_is() {
	[ "$(jq -r .rules.version "$E2E_DIR/run/agent.json")" = "$1" ]
}

test_reload_and_restart() {
	rule "none" 'evt.subject = open and fd.name = /nothing' >"$E2E_DIR/life.yaml"
	begin --rules "$E2E_DIR/life.yaml" || return
	do_inside 'cat /etc/later; cat /etc/later'
	settle
	rule "later" 'evt.subject = open and fd.name = /etc/later' >"$E2E_DIR/life.yaml"
	kill -HUP "$AGENT_PID"
	wait_until 5 rules_version_is 2
	is "new rules are in force" $? 0
	do_inside 'cat /etc/later'
	is_told "a file that was read before fires a rule that came later" 'true' "/etc/later cat"
	rm "$ENGINE_DIR/cid"
	engine_podman restart -t 0 files >/dev/null
	do_inside 'cat /etc/later'
	is_told "and does so in the container that is started anew" 'true' "/etc/later cat
/etc/later cat"
	end
}

# What a rule that comes by a reload names of a process is known, though the rules before named nothing; and the
# same of a rule that goes on, when another one goes.
test_reload_of_more() {
	local text=$E2E_DIR/alerts.jsonl

	rule "few" 'evt.subject = open and fd.name = /etc/plain' >"$E2E_DIR/more.yaml"
	begin --rules "$E2E_DIR/more.yaml" -o text || return
	do_inside 'cat /etc/plain'
	wait_until 5 grep -q "/etc/plain by cat" "$text"
	is "a rule that names little" $? 0
	{
		rule "few" 'evt.subject = open and fd.name = /etc/plain' | grep -v output
		echo '  output: "%fd.name with %proc.pexepath %proc.aname[1] %proc.cwd %proc.exepath"'
	} >"$E2E_DIR/more.yaml"
	kill -HUP "$AGENT_PID"
	wait_until 5 rules_version_is 2
	do_inside 'cd /tmp; cat /etc/plain'
	wait_until 5 grep -q "/etc/plain with " "$text"
	is "one that names more" "$(grep -o "/etc/plain with .*" "$text")" \
		"/etc/plain with /bin/busybox sh /tmp /bin/busybox"
	rule "few" 'evt.subject = open and fd.name = /etc/plain and proc.cwd = /data' >"$E2E_DIR/more.yaml"
	kill -HUP "$AGENT_PID"
	wait_until 5 rules_version_is 3
	do_inside 'cat /etc/plain; cd /data; cat /etc/plain'
	wait_until 5 two_plain
	is "one that asks for it only" "$(grep -c "/etc/plain by cat" "$text")" 2
	: >"$text" # which is no JSON
	end
}

two_plain() {
	[ "$(grep -c "/etc/plain by cat" "$E2E_DIR/alerts.jsonl")" = 2 ]
}

programs_of_opens() {
	"$BAREWATCH" files files --state-file "$E2E_DIR/run/agent.json" -o json | jq .opens
}

# reload_to VERSION RULE...: these alone are in force from now on.
reload_to() {
	local version=$1

	shift
	"$@" >"$E2E_DIR/reloaded.yaml.new" && mv "$E2E_DIR/reloaded.yaml.new" "$E2E_DIR/reloaded.yaml"
	"$BAREWATCH" reload --state-file "$E2E_DIR/run/agent.json" >/dev/null
	is "version $version is in force" "$(jq -r .rules.version "$E2E_DIR/run/agent.json")" "$version"
}

# The hook is there while a rule asks for it: nothing is lost from then on, and nothing told twice.
test_hook_comes_and_goes() {
	local shells='evt.subject = exec and proc.name = nothing' loop lost

	rule "no opens" "$shells" >"$E2E_DIR/reloaded.yaml"
	begin --rules "$E2E_DIR/reloaded.yaml" --canary 1 || return
	is "without a rule about them opens are not seen" "$(programs_of_opens)" false
	do_inside 'cat /data/0/0; cat /data/0/1'
	settle
	is "and cost nothing" "$(count_of seen)" 0
	reload_to 2 rule "opens" 'evt.subject = open and fd.name startswith /data/ and fd.typechar = f'
	is "a rule that comes later has them seen" "$(programs_of_opens)" true
	do_inside 'cat /data/0/0 /data/1/* >/dev/null'
	alerts_wait 10 101 'true'
	do_inside 'cat /data/0/0 /data/1/* >/dev/null'
	settle
	is "each is told once" "$(told true | sort | uniq -c | awk '{print $1}' | sort | uniq -c | tr -s ' ')" \
		" 101 1"
	reload_to 3 rule "no opens" "$shells"
	is "when it goes they are not seen any more" "$(programs_of_opens)" false
	lost=$(count_of seen)
	do_inside 'cat /data/2/*  >/dev/null'
	settle
	is "and cost nothing again" "$(count_of seen)" "$lost"
	for loop in 4 6 8; do
		reload_to "$loop" rule "opens" \
			'evt.subject = open and fd.name startswith /data/ and fd.typechar = f'
		do_inside "cat /data/$loop/* >/dev/null"
		alerts_wait 10 100 '."fd.directory" == "/data/'$loop'"'
		reload_to $((loop + 1)) rule "no opens" "$shells"
	done
	is "each time each is told once" \
		"$(told '."fd.directory" != "/data/1"' | sort | uniq -c | awk '{print $1}' | sort | uniq -c |
			tr -s ' ')" " 301 1"
	is "nothing was lost" "$(count_of lost)" 0
	is "no program is missed" "$(grep -c "programs are detached" "$E2E_DIR/agent.log")" 0
	end
}

pins_unmount() {
	umount "$E2E_DIR/bpf"
}

# What an agent had settled by its rules is not what the next one has.
test_next_agent() {
	local pins=$E2E_DIR/bpf/pins

	if ! mkdir "$E2E_DIR/bpf" || ! mount -t bpf bpf "$E2E_DIR/bpf"; then
		skip "the next agent has rules of its own" "no bpf file system can be mounted"
		return
	fi
	E2E_AT_EXIT+=(pins_unmount)
	rule "none" 'evt.subject = open and fd.name = /nothing' >"$E2E_DIR/next.yaml"
	begin --rules "$E2E_DIR/next.yaml" --pin "$pins" || return
	do_inside 'cat /etc/later; cat /etc/later'
	settle
	kill -KILL "$AGENT_PID"
	wait "$AGENT_PID" 2>/dev/null
	rule "later" 'evt.subject = open and fd.name = /etc/later' >"$E2E_DIR/next.yaml"
	agent_start --bare all --rules "$E2E_DIR/next.yaml" --pin "$pins" || return
	do_inside 'cat /etc/later'
	is_told "the next agent has rules of its own" 'true' "/etc/later cat"
	end
}

# An agent that does not ask for opens takes over from one that did, and leaves its own to one that does.
test_next_hook() {
	local pins=$E2E_DIR/bpf/pins

	if ! mountpoint -q "$E2E_DIR/bpf"; then
		skip "the hook of opens is taken over" "no bpf file system can be mounted"
		return
	fi
	rule "opens" 'evt.subject = open and fd.name = /etc/plain' >"$E2E_DIR/opens.yaml"
	rule "none" 'evt.subject = exec and proc.name = nothing' >"$E2E_DIR/none.yaml"
	begin --rules "$E2E_DIR/opens.yaml" --pin "$pins" || return
	[ -n "$(find "$pins" -name 'link_bw_open_*')" ]
	is "the hook is pinned" $? 0
	kill -KILL "$AGENT_PID"
	wait "$AGENT_PID" 2>/dev/null
	agent_start --bare all --rules "$E2E_DIR/none.yaml" --pin "$pins" || return
	is "who does not ask for opens has none" \
		"$(find "$pins" -name 'link_bw_open_*') $(programs_of_opens)" " false"
	grep -q "taken over" "$E2E_DIR/agent.log"
	is "though the kernel side is the same" "$? $(find "$pins" -mindepth 1 -maxdepth 1 | wc -l)" "0 1"
	kill -KILL "$AGENT_PID"
	wait "$AGENT_PID" 2>/dev/null
	agent_start --bare all --rules "$E2E_DIR/opens.yaml" --pin "$pins" || return
	do_inside 'cat /etc/plain'
	is_told "and who asks again has them" 'true' "/etc/plain cat"
	end
}

# ---- what rules are there ----

test_default_rules() {
	local written="Package database or program directory written in bare container"
	local read="Sensitive file read in bare container"

	begin || return
	do_inside 'cat /etc/shadow; echo >/var/lib/dpkg/status; echo >/usr/local/bin/x; cat /etc/passwd'
	alerts_wait 5 1 '."fd.name" == "/usr/local/bin/x"'
	is "the default rules speak of opened files" "$(jq -r 'select(.output_fields."evt.subject" == "open") |
		"\(.rule): \(.output_fields."fd.name") \(.output_fields."proc.name")"' "$E2E_DIR/alerts.jsonl" | sort)" \
		"$written: /usr/local/bin/x sh
$written: /var/lib/dpkg/status sh
$read: /etc/shadow cat"
	end
}

# Who has a capability is told from who has not, though both are root; also by a rule that comes later.
test_capabilities() {
	rule "none" 'evt.subject = open and fd.name = /nothing' >"$E2E_DIR/reloaded.yaml"
	begin --rules "$E2E_DIR/reloaded.yaml" || return
	do_inside 'cat /etc/plain'
	{
		rule "admin" 'evt.subject = open and fd.name = /etc/plain and
    thread.cap_effective contains CAP_SYS_ADMIN' | grep -v output
		echo '  output: "%thread.cap_effective"'
		rule "all told" 'evt.subject = open and fd.name = /etc/later and thread.cap_effective = ""'
	} >"$E2E_DIR/admin.yaml"
	reload_to 2 cat "$E2E_DIR/admin.yaml"
	do_inside 'cat /etc/plain'
	engine_podman exec --privileged files /bin/cat /etc/plain >/dev/null
	engine_podman exec files /bin/head /etc/plain >/dev/null
	engine_podman exec --user 4711 files /bin/head /etc/later >/dev/null
	is_told "who has it is told, and who has none" 'true' "/etc/later head
/etc/plain cat"
	is "by name" "$(alerts '."fd.name" == "/etc/plain"' | jq -r '.output_fields."thread.cap_effective"' |
		grep -cE '^CAP_CHOWN CAP_DAC_OVERRIDE .*CAP_SYS_ADMIN')" 1
	end
}

# What Falco's own rules say of the same, by its own file: it is not part of this project.
test_falcos_rules() {
	if [ ! -r "${BAREWATCH_FALCO_RULES-}" ]; then
		skip "Falco's rules speak of opened files" "BAREWATCH_FALCO_RULES does not name them"
		return
	fi
	begin --rules "$BAREWATCH_FALCO_RULES" --failed-opens || return
	do_inside 'cat /etc/shadow; cd /tmp; find . -maxdepth 0 -exec /bin/cat ../../etc/passwd ";"
		find . -maxdepth 0 -exec /bin/head ../../../etc/nothing ";"'
	alerts_wait 5 3 '."evt.subject" == "open"'
	is "Falco's rules speak of opened files" "$(jq -r 'select(.output_fields."evt.subject" == "open") |
		"\(.rule): \(.output_fields."fd.name") \(.output_fields."proc.name") \(.output_fields."evt.res")"' \
		"$E2E_DIR/alerts.jsonl" | sort)" "Directory traversal monitored file read: /etc/nothing head ENOENT
Directory traversal monitored file read: /etc/passwd cat SUCCESS
Read sensitive file untrusted: /etc/shadow cat SUCCESS"
	do_inside 'echo >/tmp/release_agent'
	engine_podman exec --privileged files /bin/cp /etc/plain /tmp/release_agent
	alerts_wait 5 1 '."fd.name" == "/tmp/release_agent"'
	is "and of who may get out of a container" "$(jq -r \
		'select(.output_fields."fd.name" == "/tmp/release_agent") | .rule + " " +
			.output_fields."proc.name"' "$E2E_DIR/alerts.jsonl")" \
		"Detect release_agent File Container Escapes cp"
	end
}

# ---- the fields ----

test_fields() {
	rule "made" 'evt.subject = open and fd.name = /tmp/made' >"$E2E_DIR/fields.yaml"
	begin --rules "$E2E_DIR/fields.yaml" || return
	do_inside 'cd /tmp; umask 022; echo >>./made'
	is_told "a file that is made" 'true' "/tmp/made sh"
	is "its fields are those of the file and of the call" "$(alerts 'true' | jq -c '.output_fields |
		[."fd.nameraw", ."fd.directory", ."fd.filename", ."fd.typechar", ."evt.is_open_read",
		."evt.is_open_write", ."evt.is_open_create", ."evt.arg.flags", ."evt.arg.mode", ."evt.res",
		."fd.ino" > 0, ."proc.exepath", ."proc.cwd", ."container.name"]')" \
		'["./made","/tmp","made","f",false,true,true,"O_APPEND|O_CREAT|O_WRONLY",null,"SUCCESS",true,"/bin/busybox","/tmp","files"]'
	is "and of who did it" "$(alerts 'true' | jq -r '.output_fields."proc.cmdline"' | cut -c 1-24)" \
		"sh -c while read -r line"
	end
}

# ---- a flood ----

# The notices of opened files that were lost: of which containers, and how many.
lost_of() {
	jq -s --arg name "$1" 'map(select(.rule == "barewatch: opened files lost" and
		.output_fields."container.name" == $name) | .output_fields."opens.lost") | add // 0' \
		"$E2E_DIR/alerts.jsonl"
}

test_flood() {
	local flood opened i

	rule "other" 'evt.subject = open and fd.name startswith /data/ and fd.typechar = f' >"$E2E_DIR/flood.yaml"
	rule "shell" 'evt.subject = exec and exe.class = shell' >>"$E2E_DIR/flood.yaml"
	begin --rules "$E2E_DIR/flood.yaml" || return
	engine_start --name flooding files /app "$((SECONDS_OF_FLOOD * 3))"
	engine_podman exec flooding /open_flood 2 "$SECONDS_OF_FLOOD" /tmp >"$E2E_DIR/flood" &
	flood=$!
	for ((i = 0; i < 5; i++)); do
		((i != 3)) || kill -STOP "$AGENT_PID" # nobody could read as fast as some can write
		do_inside "cat /data/$i/*"
		do_inside "/bin/sh -c 'exit 0'"
		engine_podman exec flooding /bin/sh -c :
	done
	sleep 1
	kill -CONT "$AGENT_PID"
	kill -0 "$flood"
	is "the flood lasts all the while" $? 0
	wait "$flood"
	is "it ends well" $? 0
	opened=$(cat "$E2E_DIR/flood")
	echo "# $opened files were made in $SECONDS_OF_FLOOD s"
	settle
	is "each file that is first opened in another container is told" \
		"$(told '."container.name" == "files"' | sort -u | wc -l)" 500
	# of each of five: what was started by the shell, and by the engine; and the first of `files`
	is "each shell of all containers is told" "$(alerts_count '."exe.class" == "shell"')" 11
	[ "$(count_of lost)" -gt 0 ]
	is "some were lost" $? 0
	is "all of them were the flooding container's" "$(lost_of flooding) $(lost_of files)" "$(count_of lost) 0"
	agent_stop
	is "the agent ends well" "$AGENT_STATUS" 0
	if grep -qE 'lost \(([^)]*, )?[0-9]+ execs' "$E2E_DIR/agent.log"; then
		not_ok "no exec was lost" "$(agent_log)"
	else
		ok "no exec was lost"
	fi
	engine_podman rm -f -t 0 files flooding >/dev/null
}

test_layout() {
	import_files || { not_ok "the image can be made"; return; }
	for test in ${TESTS:-first_and_repeated who_opens names reload_and_restart reload_of_more hook_comes_and_goes next_agent next_hook default_rules \
		capabilities falcos_rules fields flood}; do
		"test_$test"
	done
	alerts_are_wellformed
	is "its output is whole JSON lines with all keys" $? 0
}

layouts_test test_layout
