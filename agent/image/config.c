/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of an image (OCI image specification 1.1, config.md), and platforms. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image/reading.h"

void config_done(struct image_config *config)
{
	free(config->os);
	free(config->architecture);
	free(config->variant);
	free(config->user);
	free(config->directory);
	image_words_done(&config->entrypoint);
	image_words_done(&config->command);
	image_words_done(&config->environment);
	image_words_done(&config->healthcheck);
	image_words_done(&config->shell);
	*config = (struct image_config){0};
}

static int copy_text(const json_t *object, const char *key, bool *is_bad, char **ret)
{
	struct slice text = object ? document_text(object, key, is_bad) : slice_of("");

	*ret = strndup(text.data, text.len);
	return *ret ? 0 : -ENOMEM;
}

static int copy_words(const json_t *object, const char *key, bool *is_bad, struct image_words *ret)
{
	return object ? document_words(object, key, is_bad, ret) : 0;
}

static int read_process(const json_t *config, bool *is_bad, struct image_config *ret)
{
	const json_t *health = config ? document_get(config, "Healthcheck", JSON_OBJECT, is_bad)
				      : NULL;
	int r = copy_text(config, "User", is_bad, &ret->user);

	if (r == 0)
		r = copy_text(config, "WorkingDir", is_bad, &ret->directory);
	if (r == 0)
		r = copy_words(config, "Entrypoint", is_bad, &ret->entrypoint);
	if (r == 0)
		r = copy_words(config, "Cmd", is_bad, &ret->command);
	if (r == 0)
		r = copy_words(config, "Env", is_bad, &ret->environment);
	if (r == 0)
		r = copy_words(config, "Shell", is_bad, &ret->shell);
	return r == 0 ? copy_words(health, "Test", is_bad, &ret->healthcheck) : r;
}

bool config_read(const json_t *root, struct image_config *ret, struct image_words *ret_diff_ids,
	int *ret_error)
{
	bool is_bad = false;
	const json_t *config = document_get(root, "config", JSON_OBJECT, &is_bad);
	const json_t *rootfs = document_get(root, "rootfs", JSON_OBJECT, &is_bad);
	int r = read_process(config, &is_bad, ret);

	if (r == 0)
		r = copy_text(root, "os", &is_bad, &ret->os);
	if (r == 0)
		r = copy_text(root, "architecture", &is_bad, &ret->architecture);
	if (r == 0)
		r = copy_text(root, "variant", &is_bad, &ret->variant);
	if (r == 0)
		r = copy_words(rootfs, "diff_ids", &is_bad, ret_diff_ids);
	*ret_error = r;
	return r == 0 && !is_bad && rootfs;
}

/* Takes what is before the next '/' off TEXT. */
static struct slice next_part(struct slice *text)
{
	const char *slash = text->len ? memchr(text->data, '/', text->len) : NULL;
	struct slice part = {text->data, slash ? (size_t)(slash - text->data) : text->len};
	size_t used = part.len + (slash != NULL);

	*text = (struct slice){text->data + used, text->len - used};
	return part;
}

bool platform_fits(const struct reading *reading, struct slice os, struct slice architecture,
	struct slice variant)
{
	struct slice wanted = slice_of(reading->options->platform);
	bool is_arm64 = slice_equal_text(architecture, "arm64");

	if (wanted.len == 0)
		return true;
	if (!slice_equal(next_part(&wanted), os) || !slice_equal(next_part(&wanted), architecture))
		return false;
	if (is_arm64 && variant.len == 0) /* as containerd has it (platforms, normalizeArch) */
		variant = slice_of("v8");
	return wanted.len == 0 || slice_equal(wanted, variant);
}
