# SPDX-License-Identifier: Apache-2.0
#
# tap.awk: makes one test of all that guests have run. Each line of theirs is kept, with the
# names of the kernel and of the program put before that of the test. Lines that begin with
# @ are not of the programs: @ kernel, @ skip REASON, @ guest RELEASE, @ begin PROGRAM,
# @ end STATUS SECONDS, @ done, @ gone STATUS, @ console LINE. Exits with 1 when a test failed.

function result(word, what) {
	printf "%s %d %s\n", word, ++number, what
	if (word == "not ok")
		failures++
}

function about(text) {
	return kernel ": " (program == "" ? "" : program ": ") text
}

# A plan that was not fulfilled, or a bad exit without a failed test, as tests/run.sh has it.
function end_program(status, seconds) {
	if (!has_plan || seen < planned || (status != 0 && bad == 0))
		result("not ok", "- " about("died with status " status))
	printf "# %s\n", about(sprintf("%d ok, %d failed, %d skipped in %d s",
		seen - bad - skips, bad, skips, seconds))
	program = ""
}

$1 == "@" && $2 == "kernel" { kernel = $3; program = ""; finished = 0; next }
$1 == "@" && $2 == "unknown" {
	result("not ok", "- " about("not a kernel that is known: 5.10, 6.1 or 6.12"))
	next
}
$1 == "@" && $2 == "skip" {
	sub(/^@ skip /, "")
	result("ok", "- " kernel ": tests/bpf # SKIP " $0)
	next
}
$1 == "@" && $2 == "guest" { printf "# %s\n", about("Linux " $3); next }
$1 == "@" && $2 == "begin" {
	program = substr($0, length("@ begin ") + 1)
	has_plan = planned = seen = bad = skips = 0
	next
}
$1 == "@" && $2 == "end" { end_program($3, $4); next }
$1 == "@" && $2 == "done" { finished = 1; next }
$1 == "@" && $2 == "gone" {
	if (!finished)
		result("not ok", "- " about("the guest did not come to its end (qemu ended with " $3 ")"))
	next
}
# Of a guest that did its work nobody needs to know what it said on its way.
$1 == "@" && $2 == "console" {
	if (!finished)
		print "# " substr($0, length("@ console ") + 1)
	next
}

/^1\.\.[0-9]+/ {
	has_plan = 1
	planned = substr($0, 4) + 0
	# nothing of this program can be tested here
	if (sub(/^1\.\.0 # SKIP */, "")) {
		skips = seen = 1
		result("ok", "# SKIP " about($0))
	}
	next
}
# cmocka 1.1 says "not ok 5 # SKIP name" of a skipped test
/^(not )?ok [0-9]+ # SKIP/ {
	seen++
	skips++
	sub(/^.* # SKIP */, "")
	result("ok", "# SKIP " about($0))
	next
}
/^(not )?ok [0-9]+/ {
	word = /^not/ ? "not ok" : "ok"
	seen++
	bad += /^not/
	sub(/^(not )?ok [0-9]+( - )?/, "")
	result(word, "- " about($0))
	next
}
/^# (not )?ok / || /^$/ { next }
/^# / { print "# " about(substr($0, 3)); next }
{ print }

END {
	print "1.." number
	exit failures > 0
}
