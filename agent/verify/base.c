/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See base.h. What distroless images hold is of GoogleContainerTools/distroless (cd08076):
 * os-release with PRETTY_NAME="Distroless", records of packages in status.d, and for each variant
 * the packages that the one before it has not; :debug adds /busybox.
 */
#include "verify/base.h"

#include "verify/records.h"

struct slice os_release_value(struct slice text, const char *key)
{
	struct slice line, value;
	size_t len = strlen(key);

	while (line_next(&text, &line)) {
		if (!slice_begins(line, key) || line.len == len || line.data[len] != '=')
			continue;
		value = slice_value(line, len + 1);
		if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
			value.data[value.len - 1] == value.data[0]) {
			value.data++;
			value.len -= 2;
		}
		return value;
	}
	return (struct slice){"", 0};
}

/* The most special first. */
static const struct {
	const char *package, *path; /* either is enough */
	const char *variant;
} distroless_variants[] = {
	{"openjdk-", "/usr/lib/jvm", "java"},
	{"temurin-", NULL, "java"},
	{"nodejs", "/nodejs/bin/node", "nodejs"},
	{"python3", "/usr/bin/python3", "python"},
	{"libstdc++6", NULL, "cc"},
	{"libgcc-s1", NULL, "cc"},
	{"libssl", NULL, "base"},
	{"libc6", NULL, "base-nossl"},
	{"base-files", NULL, "static"},
	{"tzdata", NULL, "static"},
};

static const char *distroless_variant(const struct survey *survey, const struct packages *packages)
{
	for (size_t i = 0; i < ARRAY_SIZE(distroless_variants); i++)
		if (packages_find(packages, distroless_variants[i].package) ||
			(distroless_variants[i].path &&
				tree_has(survey->tree, distroless_variants[i].path)))
			return distroless_variants[i].variant;
	return "";
}

static void recognise_distroless(
	const struct survey *survey, const struct packages *packages, struct base *ret)
{
	ret->name = "distroless";
	ret->variant = distroless_variant(survey, packages);
	ret->is_debug = tree_has(survey->tree, "/busybox/busybox");
}

/*
 * Debian's slim images tell dpkg to leave manual pages out (debuerreotype, debuerreotype-slimify).
 */
static bool is_slim(const struct survey *survey)
{
	return tree_has(survey->tree, "/etc/dpkg/dpkg.cfg.d/docker") ||
	       !tree_has(survey->tree, "/usr/share/man");
}

static bool recognise_by_id(
	const struct survey *survey, const struct packages *packages, struct base *ret)
{
	static const char *const names[] = {"alpine", "wolfi", "chainguard", "ubuntu", "busybox"};

	ret->told_by = "os-release";
	if (slice_begins(ret->pretty_name, "Distroless")) {
		recognise_distroless(survey, packages, ret);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_equal_text(ret->id, names[i]))
			ret->name = names[i];
	if (slice_equal_text(ret->id, "debian")) {
		ret->name = "debian";
		ret->variant = is_slim(survey) ? "slim" : "";
	}
	return ret->id.len > 0;
}

static bool recognise_by_packages(
	const struct survey *survey, const struct packages *packages, struct base *ret)
{
	ret->told_by = "packages";
	if (packages->forms & 1u << PACKAGES_DPKG_SPLIT)
		recognise_distroless(survey, packages, ret);
	else if (packages_find(packages, "wolfi-baselayout"))
		ret->name = "wolfi";
	else if (packages_find(packages, "alpine-baselayout"))
		ret->name = "alpine";
	else if (packages->forms & 1u << PACKAGES_DPKG)
		ret->name = "debian";
	return ret->name;
}

static bool has_busybox(const struct survey *survey)
{
	for (const struct item *item = survey->items; item; item = item->hh.next)
		if (slice_equal_text(item->program.name, "busybox") &&
			item->program.class == PROGRAM_MULTICALL)
			return true;
	return false;
}

void base_recognise(const struct survey *survey, const struct packages *packages, struct base *ret)
{
	static const struct slice none = {"", 0};
	struct image_file file;
	bool has_release = tree_find(survey->tree, slice_of("/etc/os-release"), &file) ||
			   tree_find(survey->tree, slice_of("/usr/lib/os-release"), &file);

	*ret = (struct base){.variant = "", .id = none, .version = none, .pretty_name = none};
	if (has_release) {
		ret->id = os_release_value(file.kept, "ID");
		ret->version = os_release_value(file.kept, "VERSION_ID");
		ret->pretty_name = os_release_value(file.kept, "PRETTY_NAME");
	}
	if (recognise_by_id(survey, packages, ret) || recognise_by_packages(survey, packages, ret))
		return;
	ret->told_by = "layout";
	ret->name = has_busybox(survey) ? "busybox" : packages->forms ? "unknown" : "scratch";
}
