/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program by its bytes. The signatures are of what the kernel and loaders run by
 * itself, ELF files; of others the first line is enough. All bytes are scanned, rather than
 * sections, which a program needs not have. A file that changes meanwhile may come out
 * as a mixture, which whoever holds both of its versions could have made as well.
 */
#include <sys/stat.h>

#include "program/applets.h"
#include "program/elf_file.h"
#include "program/script.h"
#include "program/signature.h"

/* What is known while a file is read. */
struct identifying {
	const struct catalog *catalog;
	const struct signature_set *signatures;
	struct source source;
	uint64_t limit_bytes;
	struct program_buffer *buffer; /* NULL when the bytes are in memory */
	struct program_identity *identity;
	struct elf_file elf;
	struct matcher_scan scan;
	const struct signature *by_library;
};

const char *program_identity_name(const struct program_identity *identity)
{
	return identity->signature ? identity->signature->name : "";
}

/* Calls TAKE with all parts of the file, up to the limit. 0, or the error of read. */
static int each_part(struct identifying *id,
	void (*take)(void *userdata, const void *data, size_t size), void *userdata)
{
	uint64_t at = 0;
	ssize_t size = 1;

	if (id->source.fd < 0) {
		take(userdata, id->source.bytes.data, id->source.bytes.len);
		id->identity->size_bytes = id->source.bytes.len;
		return 0;
	}
	while (at < id->limit_bytes && size > 0) {
		uint64_t rest = id->limit_bytes - at;

		size = source_read(&id->source, at, id->buffer->bytes,
			rest < sizeof(id->buffer->bytes) ? rest : sizeof(id->buffer->bytes));
		if (size < 0)
			return size;
		take(userdata, id->buffer->bytes, size);
		at += size;
	}
	id->identity->size_bytes = at;
	id->identity->is_whole = size == 0 || source_read(&id->source, at, id->buffer, 1) == 0;
	return 0;
}

static void take_bytes(void *userdata, const void *data, size_t size)
{
	struct identifying *id = userdata;

	matcher_feed(id->signatures->matcher, &id->scan, data, size);
}

static void take_applets(void *userdata, const void *data, size_t size)
{
	applet_scan_feed(userdata, data, size);
}

static void take_library(struct slice library, void *userdata)
{
	struct identifying *id = userdata;

	for (size_t i = 0; i < id->signatures->count; i++) {
		const struct signature *signature = &id->signatures->items[i];

		if (id->by_library && signature >= id->by_library)
			return;
		if (signature_has_library(signature, library))
			id->by_library = signature;
	}
}

/* A library that needs no loader itself: what a loader is, and no program that embeds one. */
static bool is_made_like_a_loader(const struct elf_file *elf)
{
	return elf->type == ET_DYN && !elf->has_interpreter && !elf->is_pie;
}

static bool fits(const struct identifying *id, const struct signature *signature)
{
	if (signature->class == PROGRAM_LOADER && !is_made_like_a_loader(&id->elf))
		return false;
	return signature == id->by_library || signature_fits(signature, &id->scan);
}

/* The first that fits is the program; what packed it does not tell what that is. */
static void find_signature(struct identifying *id)
{
	struct program_identity *identity = id->identity;

	for (size_t i = 0; i < id->signatures->count; i++) {
		const struct signature *signature = &id->signatures->items[i];

		if (!fits(id, signature))
			continue;
		identity->fits[i / 64] |= UINT64_C(1) << i % 64;
		identity->is_packed |= signature->is_packed;
		if (!identity->signature) {
			identity->signature = signature;
			identity->class = signature->class;
		}
	}
	identity->is_loader = identity->class == PROGRAM_LOADER;
}

/* Which kinds of applets a multi-call binary has: by its table, and by what a shell is known by. */
static int find_applets(struct identifying *id)
{
	const struct signature *signature = id->identity->signature;
	struct applet_scan scan = {.entry = signature ? signature->entry : NULL};
	struct applet_run table;
	int r;

	if (!scan.entry || !signature->has_applet_table)
		return 0;
	r = each_part(id, take_applets, &scan);
	table = applet_scan_result(&scan);
	id->identity->applets = table.count;
	id->identity->has_shell = table.has_shell;
	id->identity->has_package_manager = table.has_package_manager;
	for (size_t i = 0; table.count > 0 && i < id->signatures->count; i++)
		if (id->identity->fits[i / 64] >> i % 64 & 1)
			id->identity->has_shell |= id->signatures->items[i].class == PROGRAM_SHELL;
	return r;
}

static void take_elf(struct program_identity *identity, const struct elf_file *elf)
{
	identity->is_elf = true;
	identity->is_static = !elf->has_interpreter && (elf->type == ET_EXEC || elf->is_pie);
	memcpy(identity->interpreter, elf->interpreter, sizeof(identity->interpreter));
	memcpy(identity->build_id, elf->build_id, sizeof(identity->build_id));
	identity->build_id_bytes = elf->build_id_bytes;
}

static int identify_elf(struct identifying *id)
{
	int r;

	take_elf(id->identity, &id->elf);
	if (!id->signatures->matcher) /* nothing to look for */
		return 0;
	r = each_part(id, take_bytes, id);
	if (r < 0)
		return r;
	elf_file_each_library(&id->elf, take_library, id);
	find_signature(id);
	if (matcher_scan_has(&id->scan, id->signatures->go_pattern))
		elf_file_go_module(&id->elf, id->identity->module, sizeof(id->identity->module));
	return find_applets(id);
}

static void copy_text(char *ret, struct slice text) /* of a line, so that there is room */
{
	memcpy(ret, text.data, text.len);
	ret[text.len] = '\0';
}

static int identify_other(struct identifying *id)
{
	char start[PROGRAM_LINE_MAX];
	ssize_t size = source_read(&id->source, 0, start, sizeof(start));
	struct script script;

	if (size < 0)
		return size;
	id->identity->size_bytes = size;
	id->identity->is_script = script_read((struct slice){start, size}, &script);
	if (id->identity->is_script) {
		copy_text(id->identity->interpreter, script.interpreter);
		copy_text(id->identity->argument, script.argument);
	}
	return 0;
}

static int identify(struct identifying *id)
{
	id->signatures = catalog_signatures(id->catalog);
	return elf_file_read(&id->source, &id->elf) ? identify_elf(id) : identify_other(id);
}

int program_identify(const struct catalog *catalog, int fd, uint64_t limit_bytes,
	struct program_buffer *buffer, struct program_identity *ret)
{
	struct program_identity identity = {.class = PROGRAM_OTHER};
	struct identifying id = {.catalog = catalog,
		.source = {.fd = fd},
		.limit_bytes = limit_bytes,
		.buffer = buffer,
		.identity = &identity};
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	r = identify(&id);
	if (r == 0)
		*ret = identity;
	return r;
}

void program_identify_bytes(const struct catalog *catalog, struct slice bytes, bool is_whole,
	struct program_identity *ret)
{
	struct identifying id = {
		.catalog = catalog, .source = {.fd = -1, .bytes = bytes}, .identity = ret};

	*ret = (struct program_identity){.class = PROGRAM_OTHER, .is_whole = is_whole};
	identify(&id); /* memory can always be read */
}

bool program_identity_fits(const struct catalog *catalog, const struct program_identity *identity,
	enum program_class class)
{
	const struct signature_set *signatures = catalog_signatures(catalog);

	for (size_t i = 0; i < signatures->count; i++)
		if (signatures->items[i].class == class && identity->fits[i / 64] >> i % 64 & 1)
			return true;
	return false;
}
