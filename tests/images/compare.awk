# SPDX-License-Identifier: Apache-2.0
#
# compare.awk LIST OUTPUT: prints where OUTPUT, what read_image says of the cases in LIST (of
# hostile.c), is not what is said there. A case that is not read has one line.

BEGIN { FS = "\t" }

function judge(	wanted) {
	if (at == 0)
		return
	if (reference[at] != name)
		print name ": came in place of " reference[at]
	else if (result[at] == "reads" && (said != "" || substr(files, 2) != text[at]))
		print name ": expected " text[at] "\n  got" files " " said
	else if (result[at] != "reads" && (lines != 1 || index(said, result[at] ": ") != 1 ||
		!index(said, text[at])))
		print name ": expected " result[at] ": " text[at] "\n  got" files " " said
}

FILENAME == ARGV[1] {
	reference[++count] = $1
	result[count] = $3
	text[count] = $4
	next
}
/^@ / {
	judge()
	at++
	name = substr($0, 3)
	files = said = ""
	lines = 0
	next
}
/^# / { next }
{ lines++ }
$2 ~ /^.$/ { files = files " " $1 ":" $2; next }
{ said = said $0 }
END {
	judge()
	if (at != count)
		print "after " at " of " count " cases: " said
}
