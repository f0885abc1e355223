/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of fields: whatever they are, they are refused with a message, or become a subject whose
 * values are the same when they are written down and read again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "barewatch/rule.h"
#include "base/json.h"

static struct recorded *read_fields(json_t *fields, enum subject_kind kind, struct slice text)
{
	struct fields_source source = {.name = "fuzz", .text = text, .line = 1};
	struct recorded *recorded = NULL;
	struct diag d = {0};

	if (recorded_new(fields, kind, &source, &recorded, &d) < 0 && !d.message[0])
		abort();
	return recorded;
}

static void write_and_read(const struct subject *subject)
{
	CLEANUP_JSON json_t *fields = rule_fields_record(subject);
	CLEANUP_JSON json_t *again = NULL;
	struct recorded *recorded = read_fields(fields, subject->kind, (struct slice){"", 0});
	struct subject copy;

	if (!recorded)
		abort();
	copy = recorded_subject(recorded);
	again = rule_fields_record(&copy);
	if (!json_equal(fields, again))
		abort();
	recorded_free(recorded);
}

/* The first byte is the kind; from SUBJECT_KINDS on it is told by the fields. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP_JSON json_t *fields = NULL;
	struct recorded *recorded;
	struct subject subject;
	struct slice text;

	if (size == 0)
		return 0;
	text = (struct slice){(const char *)data + 1, size - 1};
	fields = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!fields)
		return 0;
	recorded = read_fields(fields, data[0] < SUBJECT_KINDS ? data[0] : SUBJECT_KINDS, text);
	if (!recorded)
		return 0;
	subject = recorded_subject(recorded);
	write_and_read(&subject);
	recorded_free(recorded);
	return 0;
}
