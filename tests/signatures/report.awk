#!/usr/bin/awk -f
# SPDX-License-Identifier: Apache-2.0
#
# report.awk EXPECTED SIGNATURES FOUND: the table of measure.sh. FOUND has place, package, path,
# class, program and signatures of each file. PLACES are those that were measured.
function regex_of(glob) {
	gsub(/[.+]/, "\\\\&", glob)
	gsub(/[*]/, ".*", glob)
	return "^" glob "$"
}

# True when signature NAME is among those expected of the current file; OPTIONAL ones as well.
function is_wanted(name) { return name in wanted || name in possible }

function note(list, name, what) { list[name] = list[name] (list[name] ? ", " : "") what }

function is_grave(class) { return class == "shell" || class == "package_manager" || class == "multicall" }

# Fills wanted, possible and first with what the first line for PACKAGE and PATH has.
function expect(package, path,   i, n, names, name) {
	split("", wanted)
	split("", possible)
	first = ""
	for (i = 1; i <= lines; i++) {
		if (line_package[i] != package || path !~ line_path[i])
			continue
		line_used[i] = 1
		n = split(line_names[i], names, ",")
		for (; n > 0; n--) {
			name = names[n]
			if (sub(/[?]$/, "", name)) {
				possible[name] = 1
				if (name in fits)
					first = name
			} else {
				wanted[name] = 1
				first = name
			}
		}
		return
	}
}

FILENAME != last_file { last_file = FILENAME; file++ }

file == 1 {
	sub(/#.*/, "")
	if (NF == 3) {
		line_names[++lines] = $1
		line_package[lines] = $2
		line_path[lines] = regex_of($3)
	}
	next
}

file == 2 {
	split($0, column, "\t")
	if (!(column[2] in class_of))
		order[++signatures] = column[2]
	class_of[column[2]] = column[3]
	next
}

{
	split($0, column, "\t")
	where = column[1] " " column[2] " " column[3]
	files[column[1] == "host" ? "host" : "packages"]++
	split("", fits)
	n = split(column[6], parts, ",")
	for (i = 1; i <= n; i++) {
		name = parts[i]
		sub(/:[0-9]+$/, "", name)
		if (name != "-")
			fits[name] = 1
	}
	expect(column[2], column[3])
	for (name in fits) {
		if (is_wanted(name)) {
			hits[name]++
		} else {
			false_hits[name]++
			note(false_list, name, where)
			if (is_grave(class_of[name]))
				grave_false++
		}
	}
	for (name in wanted)
		if (!(name in fits)) {
			misses[name]++
			note(miss_list, name, where)
			if (is_grave(class_of[name]))
				grave_missed++
		}
	if (first != "" && column[5] != first) {
		wrong = wrong "\n" where ": " column[5] " rather than " first
		bad += is_grave(class_of[first]) || is_grave(column[4])
	}
	if (first == "" && is_grave(column[4])) {
		wrong = wrong "\n" where ": " column[4] " " column[5] " rather than nothing"
		bad++
	}
}

END {
	printf "%d ELF files of packages, %d of this host.\n\n", files["packages"], files["host"]
	print "| signature | class | true hits | misses | false hits |"
	print "| --- | --- | --- | --- | --- |"
	for (i = 1; i <= signatures; i++) {
		name = order[i]
		printf "| %s | %s | %d | %d | %d |\n", name, class_of[name], hits[name],
			misses[name], false_hits[name]
	}
	for (i = 1; i <= signatures; i++) {
		name = order[i]
		if (misses[name])
			printf "\nMissed by %s: %s\n", name, miss_list[name]
		if (false_hits[name])
			printf "\nFalse hits of %s: %s\n", name, false_list[name]
	}
	if (wrong)
		print "\nTaken for something else:" wrong
	for (i = 1; i <= lines && places != "host"; i++)
		if (!line_used[i])
			print "\nNothing matched: " line_names[i] " " line_package[i] " " line_path[i]
	exit bad + grave_false + grave_missed > 0
}
