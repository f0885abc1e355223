/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of extended headers: "LENGTH KEY=VALUE\n" (POSIX.1-2017, pax, "pax Extended Header").
 * A record without a value takes back what an earlier one said.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "image/tar_format.h"

void tar_pax_done(struct tar_pax *pax)
{
	strbuf_done(&pax->path);
	strbuf_done(&pax->link);
	strbuf_done(&pax->capability);
	strbuf_done(&pax->sparse_name);
	tar_map_done(&pax->map);
}

void tar_pax_reset(struct tar_pax *pax)
{
	tar_pax_done(pax);
	*pax = (struct tar_pax){0};
}

static int take_name(struct strbuf *text, bool *has, struct slice value, const char **ret_why)
{
	if (memchr(value.data, '\0', value.len)) {
		*ret_why = "a NUL in a name";
		return -EBADMSG;
	}
	strbuf_reset(text);
	strbuf_add_slice(text, value);
	*has = value.len > 0;
	return text->error;
}

static int take_number(struct tar_optional *number, struct slice value, const char **ret_why)
{
	number->is_set = value.len > 0;
	if (value.len == 0 || tar_decimal(value, &number->value))
		return 0;
	*ret_why = "a number that is none";
	return -EBADMSG;
}

static int take_path(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	return take_name(&pax->path, &pax->has_path, value, ret_why);
}

static int take_link(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	return take_name(&pax->link, &pax->has_link, value, ret_why);
}

static int take_sparse_name(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	return take_name(&pax->sparse_name, &pax->has_sparse_name, value, ret_why);
}

static int take_capability(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	(void)ret_why;
	strbuf_reset(&pax->capability);
	strbuf_add_slice(&pax->capability, value);
	pax->has_capability = value.len > 0;
	return pax->capability.error;
}

/* GNU.sparse 0.0: offsets and sizes in turn, each a record of its own. */
static int take_offset(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	if (!pax->has_offset && tar_decimal(value, &pax->offset)) {
		pax->has_offset = pax->has_map = true;
		return 0;
	}
	*ret_why = "a sparse map that is none";
	return -EBADMSG;
}

static int take_bytes(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	uint64_t size;

	if (pax->has_offset && tar_decimal(value, &size)) {
		pax->has_offset = false;
		return tar_map_add(&pax->map, pax->offset, size);
	}
	*ret_why = "a sparse map that is none";
	return -EBADMSG;
}

/* GNU.sparse 0.1: all of them in one record, with commas. */
static int take_map(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	pax->map.count = 0;
	pax->has_offset = false;
	pax->has_map = true;
	while (value.len > 0) {
		const char *comma = memchr(value.data, ',', value.len);
		struct slice number = {value.data, comma ? comma - value.data : (long)value.len};
		int r = pax->has_offset ? take_bytes(pax, number, ret_why)
					: take_offset(pax, number, ret_why);

		if (r < 0)
			return r;
		value.data += number.len + (comma != NULL);
		value.len -= number.len + (comma != NULL);
	}
	if (!pax->has_offset)
		return 0;
	*ret_why = "a sparse map with an odd count";
	return -EBADMSG;
}

#define NUMBER(member)                                                                          \
	static int take_##member(struct tar_pax *pax, struct slice value, const char **ret_why) \
	{                                                                                       \
		return take_number(&pax->member, value, ret_why);                               \
	}

NUMBER(size)
NUMBER(uid)
NUMBER(gid)
NUMBER(sparse_size)
NUMBER(sparse_real_size)
NUMBER(sparse_major)
NUMBER(sparse_minor)

/*
 * Engines put attributes of members where overlayfs looks for its own. By these it shows what is
 * elsewhere, whited out there or not (Linux: Documentation/filesystems/overlayfs.rst, "Renaming
 * directories").
 */
static int take_redirect(struct tar_pax *pax, struct slice value, const char **ret_why)
{
	(void)pax;
	(void)value;
	*ret_why = "an attribute by which overlayfs would show another file";
	return -EBADMSG;
}

static const struct key {
	const char *name;
	int (*take)(struct tar_pax *pax, struct slice value, const char **ret_why);
} keys[] = {
	{"path", take_path},
	{"linkpath", take_link},
	{"size", take_size},
	{"uid", take_uid},
	{"gid", take_gid},
	{"SCHILY.xattr.security.capability", take_capability},
	{"SCHILY.xattr.trusted.overlay.redirect", take_redirect},
	{"SCHILY.xattr.trusted.overlay.metacopy", take_redirect},
	{"SCHILY.xattr.user.overlay.redirect", take_redirect},
	{"SCHILY.xattr.user.overlay.metacopy", take_redirect},
	{"GNU.sparse.name", take_sparse_name},
	{"GNU.sparse.size", take_sparse_size},
	{"GNU.sparse.realsize", take_sparse_real_size},
	{"GNU.sparse.major", take_sparse_major},
	{"GNU.sparse.minor", take_sparse_minor},
	{"GNU.sparse.offset", take_offset},
	{"GNU.sparse.numbytes", take_bytes},
	{"GNU.sparse.map", take_map},
};

/* The first record of DATA: its key, its value, its size. */
static bool split(
	struct slice data, struct slice *ret_key, struct slice *ret_value, size_t *ret_size)
{
	const char *space = memchr(data.data, ' ', data.len), *equals;
	uint64_t size;
	size_t start;

	if (!space || !tar_decimal((struct slice){data.data, space - data.data}, &size))
		return false;
	start = space - data.data + 1;
	if (size <= start || size > data.len || data.data[size - 1] != '\n')
		return false;
	equals = memchr(space + 1, '=', size - start);
	if (!equals || equals == space + 1)
		return false;
	*ret_key = (struct slice){space + 1, equals - space - 1};
	*ret_value = (struct slice){equals + 1, data.data + size - 1 - (equals + 1)};
	*ret_size = size;
	return true;
}

int tar_pax_parse(struct tar_pax *pax, struct slice data, const char **ret_why)
{
	struct slice key, value;
	size_t size;

	while (data.len > 0) {
		int r = 0;

		if (!split(data, &key, &value, &size)) {
			*ret_why = "not \"LENGTH KEY=VALUE\"";
			return -EBADMSG;
		}
		for (size_t i = 0; i < ARRAY_SIZE(keys) && r == 0; i++)
			if (slice_equal_text(key, keys[i].name))
				r = keys[i].take(pax, value, ret_why);
		if (r < 0)
			return r;
		data = (struct slice){data.data + size, data.len - size};
	}
	if (!pax->has_offset)
		return 0;
	*ret_why = "a sparse map with an odd count";
	return -EBADMSG;
}
