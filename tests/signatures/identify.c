/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify CATALOG [FILE...]: what the bytes of each file tell, a line with tabs for each: its
 * name, class, program, all signatures that fit (with their numbers), what is said of it as
 * an ELF file, number of applets, interpreter, build id, Go module. Without files their
 * names are read from standard input. identify -l CATALOG: the signatures, their number, name and
 * class. identify -m CATALOG: bytes that the compiled ones take.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/strbuf.h"
#include "program/matcher.h"
#include "program/signature.h"

static void add_text(struct strbuf *line, const char *text)
{
	strbuf_add_char(line, '\t');
	escape_text(line, slice_of(text[0] ? text : "-"));
}

static void add_signatures(
	struct strbuf *line, const struct catalog *catalog, const struct program_identity *identity)
{
	const char *name, *separator = "\t";

	for (unsigned i = 0; (name = catalog_signature_name(catalog, i)); i++)
		if (identity->fits[i / 64] >> i % 64 & 1) {
			strbuf_addf(line, "%s%s:%u", separator, name, i);
			separator = ",";
		}
	if (separator[0] == '\t')
		strbuf_add_text(line, "\t-");
}

static void add_flags(struct strbuf *line, const struct program_identity *identity)
{
	const struct {
		bool is_set;
		const char *word;
	} flags[] = {
		{identity->is_elf, "elf"},
		{identity->is_static, "static"},
		{identity->is_loader, "loader"},
		{identity->is_packed, "packed"},
		{identity->is_script, "script"},
		{identity->has_shell, "has_shell"},
		{identity->has_package_manager, "has_package_manager"},
		{identity->is_whole, "whole"},
	};
	size_t start = line->len;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].is_set)
			strbuf_addf(line, "%c%s", line->len == start ? '\t' : ',', flags[i].word);
	if (line->len == start)
		strbuf_add_text(line, "\t-");
}

static void print_identity(
	const struct catalog *catalog, const char *path, const struct program_identity *identity)
{
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;

	escape_text(&line, slice_of(path));
	add_text(&line, program_class_name(identity->class));
	add_text(&line, program_identity_name(identity));
	add_signatures(&line, catalog, identity);
	add_flags(&line, identity);
	strbuf_addf(&line, "\t%u", identity->applets);
	add_text(&line, identity->interpreter);
	strbuf_add_text(&line, identity->build_id_bytes ? "\t" : "\t-");
	for (unsigned i = 0; i < identity->build_id_bytes; i++)
		strbuf_addf(&line, "%02x", identity->build_id[i]);
	add_text(&line, identity->module);
	puts(strbuf_text(&line));
}

static void identify(const struct catalog *catalog, const char *path)
{
	static struct program_buffer buffer;
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct program_identity identity;
	int r = fd < 0 ? -errno : program_identify(catalog, fd, UINT64_MAX, &buffer, &identity);

	if (r < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
	else
		print_identity(catalog, path, &identity);
}

static void identify_listed(const struct catalog *catalog)
{
	CLEANUP_FREE char *line = NULL;
	size_t capacity = 0;
	ssize_t len;

	while ((len = getline(&line, &capacity, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		identify(catalog, line);
	}
}

static void list(const struct catalog *catalog)
{
	const struct signature_set *set = catalog_signatures(catalog);

	for (size_t i = 0; i < set->count; i++)
		printf("%zu\t%s\t%s\n", i, set->items[i].name,
			program_class_name(set->items[i].class));
}

int main(int argc, char **argv)
{
	const char *option = argc > 2 && argv[1][0] == '-' ? argv[1] : "";
	struct catalog *catalog = NULL;
	struct diag d = {0};

	if (argc < 2 || catalog_load_file(argv[1 + (option[0] != '\0')], &catalog, &d) < 0) {
		fprintf(stderr, "%s:%u:%u: %s\n", d.file, d.line, d.column, d.message);
		return 2;
	}
	if (strcmp(option, "-m") == 0)
		printf("%zu\n", matcher_size_bytes(catalog_signatures(catalog)->matcher));
	if (strcmp(option, "-l") == 0)
		list(catalog);
	for (int i = 2; i < argc && !option[0]; i++)
		identify(catalog, argv[i]);
	if (argc == 2)
		identify_listed(catalog);
	catalog_free(catalog);
	return 0;
}
