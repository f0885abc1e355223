/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling and formatting of output templates. */
#include "rule/output.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/array.h"
#include "rule/field.h"
#include "rule/field_falco.h"

/* A literal, already escaped, or a field. */
struct output_part {
	char *literal;
	const struct field *field;
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

void rule_output_free(struct rule_output *output)
{
	if (!output)
		return;
	for (size_t i = 0; i < output->count; i++)
		free(output->parts[i].literal);
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
	int r;

	literal_read(t, &literal);
	escape_text(&escaped, strbuf_slice(&literal));
	if (literal.error || escaped.error)
		return -ENOMEM;
	if (escaped.len == 0)
		return 0;
	part.literal = TAKE_PTR(escaped.data);
	r = part_add(t, &part);
	if (r < 0)
		free(part.literal);
	return r;
}

/* Length of "[1]" at TEXT, 0 when there is none. */
static size_t index_len(const char *text)
{
	size_t digits = text[0] == '[' ? strspn(text + 1, "0123456789") : 0;

	return digits > 0 && text[1 + digits] == ']' ? digits + 2 : 0;
}

/* Length of the field name at TEXT: words with dots between them, and maybe an index. */
static size_t name_len(const char *text)
{
	size_t len = 0;

	for (;;) {
		while (isalnum((unsigned char)text[len]) || text[len] == '_')
			len++;
		if (text[len] != '.' || !isalpha((unsigned char)text[len + 1]))
			return len + index_len(text + len);
		len++;
	}
}

/* A field of Falco's that we do not have is as one that is not known. */
static int unknown_add(struct template *t)
{
	struct output_part part = {.literal = strdup("<NA>")};
	int r = part.literal ? part_add(t, &part) : -ENOMEM;

	if (r < 0)
		free(part.literal);
	return r;
}

static int field_add(struct template *t)
{
	struct slice name = {t->text + t->at + 1, name_len(t->text + t->at + 1)};
	struct output_part part = {.field = field_find(name)};
	char word[64];

	if (!part.field && field_falco_reason(name)) {
		t->at += 1 + name.len;
		return unknown_add(t);
	}
	if (!part.field) {
		snprintf(word, sizeof(word), "%.*s", (int)(name.len < 63 ? name.len : 63),
			name.data);
		origin_diag(t->origin, t->at, t->diag, "there is no field '%s'", word);
		field_suggest(t->diag, word);
		return -EINVAL;
	}
	t->at += 1 + name.len;
	return part_add(t, &part);
}

int rule_output_compile(
	const char *template, const struct origin *origin, struct rule_output **ret, struct diag *d)
{
	CLEANUP(rule_output_cleanup) struct rule_output *out = calloc(1, sizeof(*out));
	struct template t = {.text = template, .origin = origin, .out = out, .diag = d};
	int r = out ? 0 : -ENOMEM;

	while (r == 0 && t.text[t.at])
		r = template_at_field(&t) ? field_add(&t) : literal_add(&t);
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
		value = field_value(part->field, subject, &scratch);
		format_value(out, part->field, &value);
	}
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
