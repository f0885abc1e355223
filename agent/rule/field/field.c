/* SPDX-License-Identifier: Apache-2.0 */
/* The index of the tables: field_event.c, field_process.c and so on have the rows. */
#include "rule/field/field.h"

#include <errno.h>
#include <stdlib.h>

#include "rule/field/class.h"
#include "rule/recorded/recorded.h"

static const struct field_class *const classes[] = {
	&field_class_evt,
	&field_class_syscall,
	&field_class_attempt,
	&field_class_mapping,
	&field_class_move,
	&field_class_proc,
	&field_class_thread,
	&field_class_user,
	&field_class_group,
	&field_class_container,
	&field_class_k8s,
	&field_class_exe,
	&field_class_fd,
	&field_class_fs,
	&field_class_file,
};

const struct field_class *field_class_at(size_t index)
{
	return index < ARRAY_SIZE(classes) ? classes[index] : NULL;
}

/* The class that NAME begins with. */
static const struct field_class *class_of(struct slice name)
{
	const char *dot = name.len ? memchr(name.data, '.', name.len) : NULL;
	struct slice word = {name.data, dot ? (size_t)(dot - name.data) : 0};

	for (size_t i = 0; dot && i < ARRAY_SIZE(classes); i++)
		if (slice_equal_text(word, classes[i]->name))
			return classes[i];
	return NULL;
}

/* The row called NAME, whatever argument it takes. */
static const struct field *row_find(struct slice name)
{
	const struct field_class *class = class_of(name);

	for (size_t i = 0; class && i < class->count; i++)
		if (slice_equal_text(name, class->fields[i].name))
			return &class->fields[i];
	return NULL;
}

const struct field *field_find(struct slice name)
{
	const struct field *field = row_find(name);

	return field && field->argument != FIELD_ARGUMENT_KEY ? field : NULL;
}

/* The field at the beginning of NAME that takes a key behind the byte at RET_LEN. */
static const struct field *row_find_keyed(struct slice name, size_t *ret_len)
{
	for (size_t i = 0; i < name.len; i++) {
		const struct field *field;

		if (name.data[i] != '[' && name.data[i] != '.')
			continue;
		field = row_find((struct slice){name.data, i});
		if (field && field->argument == FIELD_ARGUMENT_KEY) {
			*ret_len = i;
			return field;
		}
		if (name.data[i] == '[') /* keys have dots, names of fields no brackets */
			break;
	}
	return NULL;
}

/* An index that is too large, or an argument of a field that takes none. */
static int argument_error(struct slice name)
{
	const char *bracket = name.len ? memchr(name.data, '[', name.len) : NULL;

	return bracket && row_find((struct slice){name.data, bracket - name.data}) ? -EINVAL
										   : -ENOENT;
}

int field_find_with(struct slice name, struct field_ref *ret)
{
	const struct field *field = row_find(name);
	struct slice key;
	size_t len = 0;

	*ret = (struct field_ref){.field = field};
	if (field)
		return field->argument == FIELD_ARGUMENT_KEY ? -EINVAL : 0;
	field = row_find_keyed(name, &len);
	if (!field)
		return argument_error(name);
	key = (struct slice){name.data + len + 1, name.len - len - 1};
	if (name.data[len] == '[') {
		if (key.len == 0 || key.data[key.len - 1] != ']')
			return -EINVAL;
		key.len--;
	}
	*ret = (struct field_ref){.field = field, .key = key};
	return key.len > 0 ? 0 : -EINVAL;
}

const struct field *field_at(size_t index)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (index < classes[i]->count)
			return &classes[i]->fields[index];
		index -= classes[i]->count;
	}
	return NULL;
}

size_t field_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		count += classes[i]->count;
	return count;
}

size_t field_index(const struct field *field)
{
	const struct field_class *class = class_of(slice_of(field->name));
	size_t before = 0;

	for (size_t i = 0; classes[i] != class; i++)
		before += classes[i]->count;
	return before + (field - class->fields);
}

void field_suggest(struct diag *d, const char *word)
{
	size_t count = field_count();
	CLEANUP_FREE const char **names = calloc(count, sizeof(*names));

	if (!names) /* a message without a suggestion is still right */
		return;
	for (size_t i = 0; i < count; i++)
		names[i] = field_at(i)->name;
	diag_suggest(d, word, names, count);
}

const char *field_type_name(enum value_type type)
{
	switch (type) {
	case VALUE_TEXT:
		return "a text";
	case VALUE_NUMBER:
		return "a number";
	case VALUE_BOOL:
		return "true or false";
	case VALUE_ARGS:
		return "a list of arguments";
	case VALUE_UNKNOWN:
	case VALUE_NONE:
	case VALUE_NATURAL:
	case VALUE_LIST:
		break;
	}
	return "nothing";
}

const char *field_source_name(enum field_source source)
{
	static const char *const names[FIELD_SOURCES] = {
		[FIELD_FROM_KERNEL] = "kernel record",
		[FIELD_FROM_AGENT] = "agent",
		[FIELD_FROM_ENGINE] = "engine's files",
		[FIELD_FROM_IMAGE] = "image's files",
		[FIELD_FROM_BYTES] = "bytes of the file",
	};

	return names[source];
}

struct value field_ref_value(
	const struct field_ref *ref, const struct subject *subject, struct field_scratch *scratch)
{
	if (!(ref->field->kinds & 1u << subject->kind))
		return VALUE_UNKNOWN_INIT;
	/* several values are put together from their fields, recorded or not */
	if (subject->recorded && !field_is_list(ref->field))
		return recorded_value(subject->recorded, ref);
	return ref->field->read(ref, subject, scratch);
}

struct value field_value(
	const struct field *field, const struct subject *subject, struct field_scratch *scratch)
{
	const struct field_ref ref = {.field = field};

	return field_ref_value(&ref, subject, scratch);
}
