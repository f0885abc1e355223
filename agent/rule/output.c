/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling and formatting of output templates. */
#include "rule/output.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/array.h"
#include "rule/field/field.h"
#include "rule/field/falco.h"

/* A literal, already escaped, or a field. */
struct output_part {
	char *literal;
	char *name; /* of the field, with its key: what `ref` points into */
	struct field_ref ref; /* of a literal, none */
};

struct rule_output {
	struct output_part *parts;
	size_t count, capacity;
};

struct template
{
	const char *text;
	size_t at;
	const struct origin *origin;
	struct rule_output *out;
	struct diag *diag;
};

static void part_done(struct output_part *part)
{
	free(part->literal);
	free(part->name);
}

void rule_output_free(struct rule_output *output)
{
	if (!output)
		return;
	for (size_t i = 0; i < output->count; i++)
		part_done(&output->parts[i]);
	free(output->parts);
	free(output);
}

static int part_add(struct template *t, const struct output_part *part)
{
	struct rule_output *out = t->out;

	if (out->count >= OUTPUT_PARTS_MAX)
		return origin_diag(t->origin, t->at, t->diag, "the output has too many fields");
	if (!ARRAY_RESERVE(out->parts, out->capacity, out->count, 1))
		return -ENOMEM;
	out->parts[out->count++] = *part;
	return 0;
}

/* Takes over what PART has. */
static int part_add_new(struct template *t, struct output_part *part)
{
	int r = part->literal || part->name ? part_add(t, part) : -ENOMEM;

	if (r < 0)
		part_done(part);
	return r;
}

/* Length of the white space at TEXT, and whether a line ends in it. */
static size_t space_len(const char *text, bool *ret_breaks)
{
	size_t len = strspn(text, " \t\r\n");

	*ret_breaks = memchr(text, '\n', len) != NULL;
	return len;
}

static bool template_at_field(const struct template *t)
{
	return t->text[t->at] == '%' && isalpha((unsigned char)t->text[t->at + 1]);
}

/* Copies plain text up to the next field. */
static void literal_read(struct template *t, struct strbuf *literal)
{
	while (t->text[t->at] && !template_at_field(t)) {
		const char *text = t->text + t->at;
		bool breaks;
		size_t len = space_len(text, &breaks);

		if (len > 0 && breaks) {
			if (text[len]) /* and none at the very end */
				strbuf_add_char(literal, ' ');
		} else {
			len = len ? len : 1;
			strbuf_add(literal, text, len);
			len += text[0] == '%' && text[1] == '%';
		}
		t->at += len;
	}
}

static int literal_add(struct template *t)
{
	CLEANUP_STRBUF struct strbuf literal = STRBUF_INIT, escaped = STRBUF_INIT;
	struct output_part part = {0};

	literal_read(t, &literal);
	escape_text(&escaped, strbuf_slice(&literal));
	if (literal.error || escaped.error)
		return -ENOMEM;
	if (escaped.len == 0)
		return 0;
	part.literal = TAKE_PTR(escaped.data);
	return part_add_new(t, &part);
}

/*
 * Length of "[1]" or "[KEY]" behind the field NAME, 0 when there is none. Behind a field that takes no
 * argument, brackets are text.
 */
static size_t argument_len(struct slice name)
{
	const char *text = name.data + name.len, *end = text[0] == '[' ? strchr(text, ']') : NULL;
	struct slice whole = {name.data, end ? name.len + (end + 1 - text) : 0};
	struct field_ref ref;

	if (!end)
		return 0;
	if (field_find_with(whole, &ref) == 0 || field_falco_reason(whole))
		return whole.len - name.len;
	ref.field = field_find(name);
	return ref.field && ref.field->argument == FIELD_ARGUMENT_NONE ? 0 : whole.len - name.len;
}

/* The name of a field at TEXT: words with dots between them, and maybe an argument. */
static struct slice name_at(const char *text)
{
	struct slice name = {.data = text};

	for (;;) {
		while (isalnum((unsigned char)text[name.len]) || text[name.len] == '_')
			name.len++;
		if (text[name.len] != '.' || !isalpha((unsigned char)text[name.len + 1]))
			break;
		name.len++;
	}
	name.len += argument_len(name);
	return name;
}

/* A field of Falco's that we do not have is as one that is not known. */
static int unknown_add(struct template *t)
{
	return part_add_new(t, &(struct output_part){.literal = strdup("<NA>")});
}

static int no_such_field(struct template *t, struct slice name, int error)
{
	char word[64];

	snprintf(word, sizeof(word), "%.*s", (int)(name.len < 63 ? name.len : 63), name.data);
	if (error == -EINVAL)
		return origin_diag(t->origin, t->at, t->diag,
			"the argument of '%s' is missing, or is none that it takes", word);
	origin_diag(t->origin, t->at, t->diag, "there is no field '%s'", word);
	field_suggest(t->diag, word);
	return -EINVAL;
}

static int parts_read(struct template *t);

/*
 * "%container.info" is no field: Falco replaces it (userspace/engine/rule_loader_compiler.cpp), by nothing
 * since its container plugin tells both besides.
 */
static int container_info_add(const struct template *t)
{
	struct template info = {.text = "container_id=%container.id container_name=%container.name",
		.origin = t->origin,
		.out = t->out,
		.diag = t->diag};

	return parts_read(&info);
}

static int field_add(struct template *t)
{
	struct slice name = name_at(t->text + t->at + 1);
	struct output_part part = {0};
	int r = field_find_with(name, &part.ref);

	if (slice_equal_text(name, "container.info")) {
		r = container_info_add(t);
	} else if (r < 0 && !field_falco_reason(name)) {
		return no_such_field(t, name, r);
	} else if (r < 0) {
		r = unknown_add(t);
	} else {
		part.name = strndup(name.data, name.len);
		if (part.name)
			field_find_with(slice_of(part.name), &part.ref);
		r = part_add_new(t, &part);
	}
	t->at += 1 + name.len;
	return r;
}

static int parts_read(struct template *t)
{
	int r = 0;

	while (r == 0 && t->text[t->at])
		r = template_at_field(t) ? field_add(t) : literal_add(t);
	return r;
}

int rule_output_compile(
	const char *template, const struct origin *origin, struct rule_output **ret, struct diag *d)
{
	CLEANUP(rule_output_cleanup) struct rule_output *out = calloc(1, sizeof(*out));
	struct template t = {.text = template, .origin = origin, .out = out, .diag = d};
	int r = out ? parts_read(&t) : -ENOMEM;

	if (r == 0)
		*ret = TAKE_PTR(out);
	return r;
}

/* Numbers are at most 64 bits wide, and a sign. */
static void format_number(struct strbuf *out, value_number number)
{
	if (number < 0)
		strbuf_addf(out, "-%" PRIu64, (uint64_t)-number);
	else
		strbuf_addf(out, "%" PRIu64, (uint64_t)number);
}

static void format_args(struct strbuf *out, const struct event_text *args)
{
	struct slice arg;
	size_t offset = 0;

	for (bool first = true; event_args_next(args, &offset, &arg); first = false) {
		if (!first)
			strbuf_add_char(out, ' ');
		escape_word(out, arg);
	}
}

static void format_value(struct strbuf *out, const struct field *field, const struct value *value)
{
	switch (value->type) {
	case VALUE_UNKNOWN:
	case VALUE_NATURAL:
	case VALUE_NONE:
		strbuf_add_text(out, "<NA>");
		break;
	case VALUE_TEXT:
		if (field->quoted)
			strbuf_add_slice(out, value->text);
		else if (field->words_joined)
			escape_text(out, value->text);
		else
			escape_word(out, value->text);
		break;
	case VALUE_NUMBER:
		format_number(out, value->number);
		break;
	case VALUE_BOOL:
		strbuf_add_text(out, value->truth ? "true" : "false");
		break;
	case VALUE_ARGS:
		format_args(out, value->args);
		break;
	case VALUE_LIST:
		for (size_t i = 0; i < value->list.count; i++) {
			if (i > 0)
				strbuf_add_char(out, ',');
			format_value(out, field, &value->list.items[i]);
		}
		break;
	}
}

void rule_output_format(const struct rule *rule, const struct subject *subject, struct strbuf *out)
{
	struct field_scratch scratch;

	for (size_t i = 0; i < rule->output->count; i++) {
		const struct output_part *part = &rule->output->parts[i];
		struct value value;

		if (part->literal) {
			strbuf_add_text(out, part->literal);
			continue;
		}
		value = field_ref_value(&part->ref, subject, &scratch);
		format_value(out, part->ref.field, &value);
	}
}

const struct field_ref *rule_output_field(const struct rule_output *output, size_t index)
{
	for (size_t i = 0; i < output->count; i++)
		if (output->parts[i].ref.field && index-- == 0)
			return &output->parts[i].ref;
	return NULL;
}

void rule_field_text(const struct subject *subject, const char *name, struct strbuf *out)
{
	const struct field *field = field_find(slice_of(name));
	struct field_scratch scratch;
	struct value value;

	if (!field)
		return;
	value = field_value(field, subject, &scratch);
	if (value.type == VALUE_TEXT)
		strbuf_add_slice(out, value.text);
	else if (value.type == VALUE_NUMBER)
		format_number(out, value.number);
}
