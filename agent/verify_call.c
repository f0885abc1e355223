/* SPDX-License-Identifier: Apache-2.0 */
/* See verify_call.h. */
#include "verify_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "barewatch/sandbox.h"
#include "base/cleanup.h"
#include "base/json.h"

/* The deepest that docs/verify.schema.json goes is less. */
#define REPORT_DEPTH_MAX 32

/* ---- in the child ---- */

static int read_and_judge(const struct verify_call *call, json_t **ret)
{
	struct image_error e = {0};
	struct image *image = NULL;
	int r = image_read(call->reference, &call->reading, &image, &e);

	if (r < 0)
		return verify_failed(call->reference, &e, ret);
	r = verify_image(call->reference, image, &call->judging, ret);
	image_free(image);
	return r;
}

static int answer_report(struct strbuf *answer, void *userdata)
{
	json_t *report = NULL;
	int r = read_and_judge(userdata, &report);

	return r == 0 ? json_add_line(report, answer) : r;
}

/* ---- outside of it ---- */

/* What the child needs: descriptors, and the paths that it may open. */
struct needs {
	struct image_spools spools;
	int fds[IMAGE_SPOOLS + 1];
	char *paths[IMAGE_REFERENCE_PATHS];
	struct sandbox_limits limits;
	struct sandbox_options options;
};

static void needs_done(struct needs *n)
{
	image_spools_close(&n->spools);
	for (size_t i = 0; i < IMAGE_REFERENCE_PATHS; i++)
		free(n->paths[i]);
}

static int find_needs(const struct verify_call *call, struct needs *n)
{
	int r = image_reference_paths(call->reference, n->paths);

	memcpy(n->fds, n->spools.fds, sizeof(n->spools.fds));
	n->fds[IMAGE_SPOOLS] = call->reading.input_fd;
	n->limits = SANDBOX_LIMITS_DEFAULT;
	n->limits.file_bytes_max = call->reading.limits->bytes_max;
	n->options = (struct sandbox_options){.limits = &n->limits,
		.fds = n->fds,
		.fd_count = IMAGE_SPOOLS + (n->paths[0] ? 0 : 1), /* else nobody reads it */
		.paths = (const char *const *)n->paths,
		.reads_all = true};
	while (n->options.path_count < IMAGE_REFERENCE_PATHS && n->paths[n->options.path_count])
		n->options.path_count++;
	return r;
}

static int report_failure(const char *reference, const char *message, json_t **ret)
{
	struct image_error e = {.kind = IMAGE_UNREADABLE};

	strncpy(e.message, message, sizeof(e.message) - 1);
	return verify_failed(reference, &e, ret);
}

/* Reads what the child has answered, which hostile input may have made it say. */
static int take_report(const struct verify_call *call, struct slice answer, json_t **ret)
{
	*ret = json_load_untrusted(answer, REPORT_DEPTH_MAX);
	return *ret ? 0
		    : report_failure(call->reference, "what it was found to be is no report", ret);
}

int verify_call(const struct verify_call *call, json_t **ret)
{
	CLEANUP_STRBUF struct strbuf answer = STRBUF_INIT;
	struct verify_call inside = *call;
	char message[SANDBOX_MESSAGE_MAX];
	struct needs needs = {0};
	int r = image_spools_make(&needs.spools);

	if (r < 0) {
		snprintf(message, sizeof(message),
			"no files can be made in $TMPDIR, or /var/tmp: %s", strerror(-r));
		return report_failure(call->reference, message, ret);
	}
	inside.reading.spools = &needs.spools;
	r = find_needs(call, &needs);
	if (r == 0) {
		r = sandbox_call(&needs.options, answer_report, &inside, &answer, message);
		r = r == 0 ? take_report(call, strbuf_slice(&answer), ret)
			   : report_failure(call->reference, message, ret);
	}
	needs_done(&needs);
	return r;
}
