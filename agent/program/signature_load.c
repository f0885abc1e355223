/* SPDX-License-Identifier: Apache-2.0 */
/* The `signatures` of the catalog's file, checked key by key, see rules/README.md. */
#include "program/signature.h"

#include <errno.h>

#include "base/array.h"
#include "base/strbuf.h"

/* A signature that is being loaded. */
struct target {
	struct signature_set *set;
	struct signature *signature;
	const char *key; /* of the list that is being read */
	bool is_wide; /* its anchors are looked for as UTF-32, too */
	bool is_word; /* and have a NUL on both sides */
	size_t anchors_capacity, libraries_capacity;
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Appends the bytes that TEXT stands for: \xHH is a byte, \\ a backslash. False: it is malformed. */
static bool unescape(const char *text, struct strbuf *ret)
{
	for (const char *p = text; *p; p++) {
		if (*p != '\\') {
			strbuf_add_char(ret, *p);
		} else if (p[1] == '\\') {
			strbuf_add_char(ret, *++p);
		} else if (p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
			strbuf_add_char(ret, hex_digit(p[2]) << 4 | hex_digit(p[3]));
			p += 3;
		} else {
			return false;
		}
	}
	return true;
}

static bool is_ascii(struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.data[i] & 0x80)
			return false;
	return true;
}

/*
 * Adds BYTES to the matcher, each followed by ZEROS; of a word with a NUL on both sides. Of four
 * before UTF-32 one is enough: more would begin a match in all stretches of zeros.
 */
static int add_pattern(const struct target *t, struct slice bytes, size_t zeros)
{
	CLEANUP_STRBUF struct strbuf pattern = STRBUF_INIT;
	static const char nul[4];

	if (t->is_word)
		strbuf_add(&pattern, nul, 1);
	for (size_t i = 0; i < bytes.len; i++) {
		strbuf_add_char(&pattern, bytes.data[i]);
		strbuf_add(&pattern, nul, zeros);
	}
	if (t->is_word)
		strbuf_add(&pattern, nul, 1 + zeros);
	return pattern.error ? pattern.error : matcher_add(t->set->matcher, strbuf_slice(&pattern));
}

static int add_anchor(struct target *t, struct slice bytes)
{
	struct signature *signature = t->signature;
	int plain = add_pattern(t, bytes, 0);
	int wide = plain >= 0 && t->is_wide ? add_pattern(t, bytes, 3) : plain;

	if (plain < 0 || wide < 0)
		return plain < 0 ? plain : wide;
	if (!ARRAY_RESERVE(signature->anchors, t->anchors_capacity, signature->count, 1))
		return -ENOMEM;
	signature->anchors[signature->count++] = (struct anchor){.plain = plain, .wide = wide};
	return 0;
}

static int take_anchor(const struct loading *l, const json_t *item, void *userdata)
{
	CLEANUP_STRBUF struct strbuf bytes = STRBUF_INIT;
	struct target *t = userdata;
	const char *text = json_string_value(item);
	size_t len;
	int r;

	if (!unescape(text, &bytes))
		return yaml_diag(l->document, item, l->diag,
			"'%s' has a backslash before something else than xHH or another one", text);
	len = bytes.len + (t->is_word ? 2 : 0);
	if (len < SIGNATURE_ANCHOR_MIN || len > SIGNATURE_ANCHOR_MAX)
		return yaml_diag(l->document, item, l->diag,
			"an item of '%s' is %zu bytes long, expected %d to %d", t->key, bytes.len,
			SIGNATURE_ANCHOR_MIN - (t->is_word ? 2 : 0),
			SIGNATURE_ANCHOR_MAX - (t->is_word ? 2 : 0));
	if (t->is_wide && !is_ascii(strbuf_slice(&bytes)))
		return yaml_diag(l->document, item, l->diag,
			"'%s' is not ASCII, which 'utf32' goes with only", text);
	if (t->signature->count == SIGNATURE_ANCHORS_MAX)
		return yaml_diag(l->document, item, l->diag, "'%s' has more than %d strings",
			t->signature->name, SIGNATURE_ANCHORS_MAX);
	r = bytes.error ? bytes.error : add_anchor(t, strbuf_slice(&bytes));
	if (r == -E2BIG)
		return yaml_diag(l->document, item, l->diag, "too many strings in one catalog");
	return r;
}

static int take_library(const struct loading *l, const json_t *item, void *userdata)
{
	struct target *t = userdata;
	struct signature *signature = t->signature;
	char *text;

	(void)l;
	if (!ARRAY_RESERVE(
		    signature->libraries, t->libraries_capacity, signature->libraries_count, 1))
		return -ENOMEM;
	text = strdup(json_string_value(item));
	if (!text)
		return -ENOMEM;
	signature->libraries[signature->libraries_count++] = text;
	return 0;
}

/* The list under KEY of NODE, if there is one. */
static int load_strings(const struct loading *l, const json_t *node, const char *key,
	struct target *t, int (*take)(const struct loading *l, const json_t *item, void *userdata))
{
	const json_t *list = json_object_get(node, key);

	t->key = key;
	return list ? load_list(l, list, node, key, take, t) : 0;
}

/* The strings that have to be there come first. */
static int load_anchors(const struct loading *l, const json_t *node, struct target *t)
{
	int r;

	t->is_word = true;
	r = load_strings(l, node, "all_words", t, take_anchor);
	t->signature->required = t->signature->count;
	if (r == 0)
		r = load_strings(l, node, "words", t, take_anchor);
	t->is_word = false;
	if (r == 0)
		r = load_strings(l, node, "anchors", t, take_anchor);
	if (r == 0)
		r = load_strings(l, node, "libraries", t, take_library);
	return r;
}

static int load_at_least(const struct loading *l, const json_t *node, struct signature *signature)
{
	const json_t *number = json_object_get(node, "at_least");
	const char *text = json_string_value(number);
	size_t count = signature->count - signature->required;

	if (count == 0)
		return !number ? 0
			       : yaml_diag(l->document, yaml_placed(number, node), l->diag,
					 "'at_least' goes with 'anchors' or 'words'");
	if (!number)
		return yaml_diag(
			l->document, node, l->diag, "'%s' needs 'at_least'", signature->name);
	for (const char *p = text; p && *p >= '0' && *p <= '9' && signature->at_least <= count; p++)
		signature->at_least = signature->at_least * 10 + (*p - '0');
	if (!text || strspn(text, "0123456789") != strlen(text) || signature->at_least == 0 ||
		signature->at_least > count)
		return yaml_diag(l->document, yaml_placed(number, node), l->diag,
			"'at_least' is %s, expected a number from 1 to %zu",
			text ? text : yaml_describe(number), count);
	return 0;
}

/* Stores what KEY of NODE says, true or false. */
static int load_flag(const struct loading *l, const json_t *node, const char *key, bool *ret)
{
	const json_t *value = json_object_get(node, key);

	if (!value || yaml_bool(value, ret))
		return 0;
	return yaml_diag(l->document, yaml_placed(value, node), l->diag,
		"'%s' is %s, expected true or false", key,
		json_is_string(value) ? json_string_value(value) : yaml_describe(value));
}

static int load_flags(const struct loading *l, const json_t *node, struct target *t)
{
	int r = load_flag(l, node, "utf32", &t->is_wide);

	if (r == 0)
		r = load_flag(l, node, "packed", &t->signature->is_packed);
	if (r == 0)
		r = load_flag(l, node, "applet_table", &t->signature->has_applet_table);
	if (r == 0 && t->signature->has_applet_table && t->signature->class != PROGRAM_MULTICALL)
		r = yaml_diag(l->document, json_object_get(node, "applet_table"), l->diag,
			"'applet_table' goes with class multicall only");
	return r;
}

/* A signature with the name of a program is that program's, and has its class. */
static int find_entry(const struct loading *l, const json_t *node, struct signature *signature,
	struct catalog_entry **ret)
{
	struct catalog_entry *entry = catalog_find_entry(l->catalog, signature->name);

	if (!entry)
		return 0;
	if (entry->class != signature->class)
		return yaml_diag(l->document, json_object_get(node, "class"), l->diag,
			"'%s' has class %s here, and %s among the programs", signature->name,
			program_class_name(signature->class), program_class_name(entry->class));
	signature->entry = entry;
	*ret = entry;
	return 0;
}

static int load_signature(const struct loading *l, const json_t *node, struct target *t)
{
	struct signature *signature = t->signature;
	struct catalog_entry *entry = NULL;
	int r = load_class(l, json_object_get(node, "class"), node, &signature->class);

	if (r == 0)
		r = find_entry(l, node, signature, &entry);
	if (r == 0)
		r = load_flags(l, node, t);
	if (r == 0)
		r = load_anchors(l, node, t);
	if (r == 0)
		r = load_at_least(l, node, signature);
	if (r == 0 && signature->at_least == 0 && signature->libraries_count == 0)
		r = yaml_diag(l->document, node, l->diag,
			"'%s' has no 'anchors', 'words' or 'libraries'", signature->name);
	if (r == 0 && entry && signature->at_least > 0)
		entry->has_signature = true;
	return r;
}

static int take_signature(const struct loading *l, json_t *node, void *userdata)
{
	static const char *const keys[] = {"name", "class", "at_least", "anchors", "words",
		"all_words", "utf32", "libraries", "packed", "applet_table"};
	struct signature_set *set = userdata;
	struct target target = {.set = set, .signature = &set->items[set->count]};
	const char *name = json_string_value(json_object_get(node, "name"));
	int r = yaml_check_keys(l->document, node, keys, ARRAY_SIZE(keys), l->diag);

	if (r < 0)
		return r;
	if (!name || !json_object_get(node, "class"))
		return yaml_diag(
			l->document, node, l->diag, "a signature needs 'name' and 'class'");
	if (set->count == PROGRAM_SIGNATURES)
		return yaml_diag(
			l->document, node, l->diag, "more than %d signatures", PROGRAM_SIGNATURES);
	target.signature->name = strdup(name);
	if (!target.signature->name)
		return -ENOMEM;
	set->count++;
	return load_signature(l, node, &target);
}

int signature_set_load(
	const struct loading *l, struct signature_set *set, json_t *node, const json_t *root)
{
	int r;

	if (!node)
		return 0;
	set->items = calloc(json_array_size(node) + 1, sizeof(*set->items));
	set->matcher = matcher_new();
	if (!set->items || !set->matcher)
		return -ENOMEM;
	set->go_pattern = matcher_add(set->matcher, slice_of("\xff Go buildinf:"));
	r = set->go_pattern < 0 ? set->go_pattern
				: load_mappings(l, node, root, "signatures", "a signature",
					  take_signature, set);
	return r < 0 ? r : matcher_compile(set->matcher);
}
