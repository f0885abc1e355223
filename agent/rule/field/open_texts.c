/* SPDX-License-Identifier: Apache-2.0 */
/* What records can do without, and which fields are read from that. */
#include "base/cleanup.h"
#include "rule/field/field.h"
#include "rule/field/read.h"

#define EXE     (1u << BW_OPEN_EXE)
#define CWD     (1u << BW_OPEN_CWD)
#define PARENT  (1u << BW_OPEN_PARENT)
#define LINEAGE (1u << BW_OPEN_LINEAGE)

/* What a reader that takes no place, or one of a lineage, is led to. */
static const struct {
	field_read_fn *read;
	unsigned texts;
} readers[] = {
	{read_own_exepath, EXE},
	{read_any_truncated, EXE | CWD | PARENT},
	/* who has executed nothing has its parent's, when both run the same */
	{read_own_exe, EXE | LINEAGE},
	{read_own_args, EXE | LINEAGE},
	{read_own_command_line, EXE | LINEAGE},
	{read_own_exe_line, EXE | LINEAGE},
	{read_own_args_count, EXE | LINEAGE},
	{read_own_args_length, EXE | LINEAGE},
	{read_parent_duration, LINEAGE},
	{read_parent_start, LINEAGE},
	{read_relative_name, LINEAGE},
	{read_relative_exepath, LINEAGE},
	{read_relative_exe, LINEAGE},
	{read_relative_command_line, LINEAGE},
	{read_relative_pid, LINEAGE},
	{read_relative_ns_pid, LINEAGE},
	{read_leads, LINEAGE},
	{read_ancestors, LINEAGE},
	{read_login_shell, LINEAGE},
	{read_any_ancestor, LINEAGE},
};

static unsigned text_at(size_t place)
{
	static const struct {
		size_t place;
		unsigned texts;
	} texts[] = {
		{offsetof(struct event, open.exe), EXE},
		{offsetof(struct event, open.cwd), CWD},
		{offsetof(struct event, open.parent), PARENT},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].place == place)
			return texts[i].texts;
	return 0;
}

unsigned field_open_texts(const struct field *field)
{
	if (!(field->kinds & 1u << SUBJECT_OPEN))
		return 0;
	if (field->read == read_text_at)
		return text_at(field->place[SUBJECT_OPEN]);
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (readers[i].read == field->read)
			return readers[i].texts;
	return 0;
}

bool field_is_of_capabilities(const struct field *field)
{
	return field->read == read_capabilities;
}
