/* SPDX-License-Identifier: Apache-2.0 */
/* A file and what its bytes tell as a line with tabs: identify.c has the columns. */
#pragma once

#include <stdio.h>

#include "base/escape.h"
#include "base/strbuf.h"
#include "program/signature.h"

static inline void add_text(struct strbuf *line, const char *text)
{
	strbuf_add_char(line, '\t');
	escape_text(line, slice_of(text[0] ? text : "-"));
}

static inline void add_signatures(
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

static inline void add_flags(struct strbuf *line, const struct program_identity *identity)
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

/* Prints what is known of the file PATH. */
static inline void print_identity(
	const struct catalog *catalog, struct slice path, const struct program_identity *identity)
{
	CLEANUP_STRBUF struct strbuf line = STRBUF_INIT;

	escape_text(&line, path);
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
