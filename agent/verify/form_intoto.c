/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports as in-toto statements (in-toto attestation framework 1.0, spec/v1/statement.md): what was
 * said of which manifest. docs/verify.md describes the predicate.
 */
#include <errno.h>

#include "base/json.h"
#include "verify/form.h"
#include "verify/report.h"

#define STATEMENT "https://in-toto.io/Statement/v1"
#define PREDICATE "urn:barewatch:verify:v1"
#define ALGORITHM "sha256:"

/* The digest of MANIFEST in hexadecimal; "" without one. */
static struct slice digest_of(const json_t *manifest)
{
	struct slice digest = form_text(manifest, "digest");
	size_t len = strlen(ALGORITHM);

	if (digest.len != len + SHA256_TEXT_SIZE - 1 || memcmp(digest.data, ALGORITHM, len) != 0)
		return (struct slice){"", 0};
	return (struct slice){digest.data + len, digest.len - len};
}

static int add_statement(
	const json_t *report, size_t number, struct slice digest, struct strbuf *out)
{
	json_t *image = json_array_get(json_object_get(report, "images"), number);
	const json_t *reference = json_object_get(report, "reference");
	json_t *statement = json_pack(
		"{s:s, s:[{s:o, s:{s:o}}], s:s, s:{s:{s:s, s:s}, s:i, s:o, s:O}}", "_type",
		STATEMENT, "subject", "name", report_text(form_text(reference, "name")), "digest",
		"sha256", report_text(digest), "predicateType", PREDICATE, "predicate", "verifier",
		"name", "barewatch", "version", BAREWATCH_VERSION, "version", VERIFY_REPORT_VERSION,
		"verdict", report_text(form_text(image, "verdict")), "image", image);

	return json_add_line(statement, out);
}

int verify_form_intoto(const json_t *report, struct strbuf *out)
{
	const json_t *images = json_object_get(report, "images");
	int r = 0;

	for (size_t i = 0; i < json_array_size(images) && r == 0; i++) {
		struct slice digest = digest_of(form_manifest(report, i));
		bool is_judged = form_error(report, json_array_get(images, i)).len == 0;

		if (digest.len > 0 && is_judged)
			r = add_statement(report, i, digest, out);
	}
	return r;
}
