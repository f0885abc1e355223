/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Overlays in mountinfo. What the kernel shows are the options as they were given
 * (fs/overlayfs/super.c and params.c, ovl_show_options), with white space, backslashes
 * and commas as octal escapes. Below these, names are escaped once more with a backslash:
 * in lowerdir= a ':' that does not end a name, and anything in upperdir=. From Linux 6.7 on
 * layers can come one by one, as lowerdir+= and datadir+=, without such escapes. An empty
 * name in lowerdir= ("::") begins the layers that hold data only.
 *
 * Engines with more layers than fit into a page give names relative to a directory that
 * holds all of them (moby and containers/storage, drivers/overlay: mountFrom; containerd,
 * mount: common directory): DIRECTORY/ID/merged, DIRECTORY/ID/diff, DIRECTORY/l/SHORT.
 */
#include "container/overlay.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "barewatch/container.h"
#include "base/io.h"
#include "container/mountinfo.h"
#include "container/reader.h"

void overlay_done(struct overlay *overlay)
{
	strbuf_done(&overlay->upper);
	strbuf_done(&overlay->lower);
}

/* The directory two above PATH: of DIRECTORY/ID/merged, DIRECTORY. Empty when there is none. */
static struct slice grandparent(struct slice path)
{
	for (int i = 0; i < 2; i++) {
		path.len -= slice_basename(path).len;
		while (path.len > 0 && path.data[path.len - 1] == '/')
			path.len--;
	}
	return path;
}

/* Undoes backslash escapes in place. */
static void unescape_name(char *name)
{
	char *out = name;

	for (const char *p = name; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		*out++ = *p;
	}
	*out = '\0';
}

/* Appends NAME, a path, below BASE if it is relative. */
static bool path_add(struct strbuf *out, const char *name, struct slice base)
{
	if (name[0] != '/') {
		if (base.len == 0)
			return false;
		strbuf_add_slice(out, base);
		strbuf_add_char(out, '/');
	}
	strbuf_add_text(out, name);
	return true;
}

/* Appends NAME to the list of lower directories, escaped as that demands. */
static bool layer_add(struct overlay *overlay, const char *name, struct slice base)
{
	CLEANUP_STRBUF struct strbuf path = STRBUF_INIT;

	if (!name[0])
		return true;
	if (!path_add(&path, name, base))
		return false;
	if (overlay->lower.len > 0)
		strbuf_add_char(&overlay->lower, ':');
	for (size_t i = 0; i < path.len; i++) {
		if (path.data[i] == ':' || path.data[i] == '\\')
			strbuf_add_char(&overlay->lower, '\\');
		strbuf_add_char(&overlay->lower, path.data[i]);
	}
	return path.error == 0;
}

/* Appends each of LIST, names with ':' between them. */
static bool layers_add(struct overlay *overlay, char *list, struct slice base)
{
	for (char *name = list, *p = list;; p++) {
		bool ends = *p == '\0';

		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		if (*p != ':' && !ends)
			continue;
		*p = '\0';
		unescape_name(name);
		if (!layer_add(overlay, name, base))
			return false;
		if (ends)
			return true;
		name = p + 1;
	}
}

/* The value of OPTION when that is called NAME, with the octal escapes undone. */
static char *option_value(char *option, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(option, name, len) != 0 || option[len] != '=')
		return NULL;
	mount_unescape(option + len + 1);
	return option + len + 1;
}

/* Takes what OPTION says of layers. */
static bool take_lower(struct overlay *overlay, char *option, struct slice base)
{
	char *value = option_value(option, "lowerdir");

	if (value)
		return layers_add(overlay, value, base);
	value = option_value(option, "lowerdir+") ?: option_value(option, "datadir+");
	return !value || layer_add(overlay, value, base);
}

/* Takes the upper directory, and stores that above it and its neighbours as the base of names. */
static bool take_upper(struct overlay *overlay, const char *options, struct slice *base)
{
	CLEANUP_FREE char *copy = strdup(options);
	char *rest = copy, *option;

	while ((option = strsep(&rest, ","))) {
		char *value = option_value(option, "upperdir");

		if (!value)
			continue;
		unescape_name(value);
		if (!path_add(&overlay->upper, value, *base))
			return false;
		*base = grandparent(strbuf_slice(&overlay->upper));
		return overlay->upper.error == 0;
	}
	return copy;
}

static bool take_options(struct overlay *overlay, char *options, const char *rootfs)
{
	struct slice base = grandparent(slice_of(rootfs));
	char *option;

	if (!take_upper(overlay, options, &base))
		return false;
	while ((option = strsep(&options, ",")))
		if (!take_lower(overlay, option, base))
			return false;
	return overlay->lower.error == 0 && overlay->lower.len > 0;
}

bool overlay_parse(
	char *mountinfo, const char *mount_point, const char *rootfs, struct overlay *ret)
{
	CLEANUP(overlay_done) struct overlay overlay = {0};
	struct mount_line m;
	char *options = NULL, *device = NULL, *line;

	while ((line = strsep(&mountinfo, "\n"))) {
		if (!mount_line_parse(line, &m) || strcmp(m.mount_point, mount_point) != 0)
			continue;
		options = NULL; /* what is mounted over it hides it */
		if (strcmp(m.type, "overlay") == 0 && strcmp(m.root, "/") == 0)
			options = m.super_options;
		device = m.device;
	}
	if (!options || !take_options(&overlay, options, rootfs ?: "") ||
		sscanf(device, "%u:%u", &overlay.dev_major, &overlay.dev_minor) != 2)
		return false;
	*ret = overlay;
	overlay = (struct overlay){0};
	return true;
}

/* Learns from PATH what is mounted at MOUNT_POINT. */
static bool read_mounts(
	struct container *container, const char *path, const char *mount_point, const char *source)
{
	CLEANUP(overlay_done) struct overlay overlay = {0};
	CLEANUP_FREE char *text = NULL;
	size_t size;

	if (read_file_at(AT_FDCWD, path, MOUNTINFO_MAX, &text, &size) < 0 ||
		!overlay_parse(text, mount_point, container->rootfs, &overlay))
		return false;
	container_learn(container, CONTAINER_OVERLAY_UPPER, strbuf_text(&overlay.upper), source);
	container_learn(container, CONTAINER_OVERLAY_LOWER, strbuf_text(&overlay.lower), source);
	return true;
}

bool container_read_layers(struct container *container, const struct container_roots *roots)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)container->init_pid);
	if (container_knows(container, CONTAINER_INIT_PID) &&
		read_mounts(container, path, "/", "mountinfo of its first process"))
		return true;
	/* an agent in a container has mounts of its own; process 1 is the host's, if it is seen */
	return container->rootfs &&
	       read_mounts(container, roots->host ? "/proc/1/mountinfo" : "/proc/self/mountinfo",
		       container->rootfs, "mountinfo of the host");
}
