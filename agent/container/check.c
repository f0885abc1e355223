/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that are run in a container to see how it is: health checks of Docker and
 * Podman, probes of Kubernetes. They are declared by whoever made the image or the
 * container, where nothing inside it can change them. That is not true of labels, which
 * are not read for this.
 */
#include "container/reader.h"

#include <stdlib.h>

#include "base/cleanup.h"

void container_learn_check(struct container *container, struct slice argv, const char *source)
{
	struct container_check *check = &container->checks[container->check_count];

	if (argv.len == 0 || argv.len > CONTAINER_CHECK_MAX || argv.data[0] == '\0' ||
		argv.data[argv.len - 1] != '\0' || container->check_count == CONTAINER_CHECKS_MAX)
		return;
	check->argv = malloc(argv.len);
	if (!check->argv) /* out of memory: it stays unknown */
		return;
	memcpy(check->argv, argv.data, argv.len);
	check->len = argv.len;
	check->source = source;
	container->check_count++;
}

bool container_has_check(const struct container *container, struct slice argv)
{
	for (size_t i = 0; i < container->check_count; i++) {
		const struct container_check *check = &container->checks[i];

		if (slice_equal((struct slice){check->argv, check->len}, argv))
			return true;
	}
	return false;
}

/* What is behind the first word of ARGV, which must have a NUL; *RET_WORD is that word. */
static struct slice split_word(struct slice argv, struct slice *ret_word)
{
	*ret_word = (struct slice){argv.data, strnlen(argv.data, argv.len)};
	argv.data += ret_word->len + 1;
	argv.len -= ret_word->len + 1;
	return argv;
}

/* True when a runtime that is asked for WORD executes PATH: it searches $PATH for a mere name. */
static bool leads_to(struct slice word, struct slice path)
{
	return slice_equal(word, path) || slice_equal(word, slice_basename(path));
}

/* True when there is a check of the program PATH with the arguments ARGS. */
static bool has_program_check(
	const struct container *container, struct slice path, struct slice args)
{
	for (size_t i = 0; i < container->check_count; i++) {
		const struct container_check *check = &container->checks[i];
		struct slice word, rest;

		rest = split_word((struct slice){check->argv, check->len}, &word);
		if (leads_to(word, path) && slice_equal(rest, args))
			return true;
	}
	return false;
}

bool container_has_script_check(
	const struct container *container, struct slice argv, struct slice path)
{
	struct slice word;

	if (path.len == 0 || argv.len == 0 || argv.data[argv.len - 1] != '\0')
		return false;
	for (int i = 0; i < 3 && argv.len > 0; i++) {
		argv = split_word(argv, &word);
		if (i > 0 && slice_equal(word, path) && has_program_check(container, path, argv))
			return true;
	}
	return false;
}

/*
 * Adds WORDS, from the one at FIRST on, each with its NUL. False when one is no text, or
 * there is no room: what is left out would make it another command.
 */
static bool add_words(struct strbuf *argv, const json_t *words, size_t first)
{
	for (size_t i = first; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		if (!word)
			return false;
		strbuf_add(argv, word, strlen(word) + 1);
		if (argv->error || argv->len > CONTAINER_CHECK_MAX)
			return false;
	}
	return true;
}

static void add_shell(struct strbuf *argv)
{
	static const char shell[] = "/bin/sh\0-c";

	strbuf_add(argv, shell, sizeof(shell));
}

/* The first word of TEST, which says what the others are; "" without one. */
static const char *form_of(const json_t *test)
{
	return json_string_value(json_array_get(test, 0)) ?: "";
}

/* Docker: daemon/health.go (getProbe, cmdProbe.run, getShell). */
void check_learn_docker(struct container *container, const json_t *config, const char *source)
{
	const json_t *test = json_object_get(json_object_get(config, "Healthcheck"), "Test");
	const json_t *shell = json_object_get(config, "Shell");
	CLEANUP_STRBUF struct strbuf argv = STRBUF_INIT;
	bool in_shell = strcmp(form_of(test), "CMD-SHELL") == 0;

	if (!in_shell && strcmp(form_of(test), "CMD") != 0)
		return;
	if (in_shell && json_array_size(shell) == 0)
		add_shell(&argv);
	else if (in_shell && !add_words(&argv, shell, 0))
		return;
	if (add_words(&argv, test, 1))
		container_learn_check(container, strbuf_slice(&argv), source);
}

/* Adds "/bin/sh -c" and all but the first of WORDS as one. */
static bool add_joined(struct strbuf *argv, const json_t *words)
{
	CLEANUP_STRBUF struct strbuf command = STRBUF_INIT;

	add_shell(argv);
	if (!add_words(&command, words, 1))
		return false;
	for (size_t i = 0; i + 1 < command.len; i++)
		if (command.data[i] == '\0')
			command.data[i] = ' ';
	strbuf_add_slice(argv, strbuf_slice(&command));
	return command.len > 0;
}

/* Podman: libpod/healthcheck.go (runHealthCheck), 4.3. It knows no other shell. */
void check_learn_podman(struct container *container, const json_t *check, const char *source)
{
	const json_t *test = json_object_get(check, "Test");
	const char *form = form_of(test);
	CLEANUP_STRBUF struct strbuf argv = STRBUF_INIT;
	bool is_whole;

	if (form[0] == '\0' || strcmp(form, "NONE") == 0)
		return;
	if (strcmp(form, "CMD-SHELL") == 0)
		is_whole = add_joined(&argv, test);
	else
		is_whole = add_words(&argv, test, strcmp(form, "CMD") == 0);
	if (is_whole)
		container_learn_check(container, strbuf_slice(&argv), source);
}

/*
 * Lifecycle hooks are no probes, for Falco neither. The kubelet replaces $(NAME) by what the
 * variable is (prober.go); such a command is not found again.
 */
static void learn_probes(struct container *container, const json_t *spec, const char *source)
{
	static const char *const kinds[] = {"livenessProbe", "readinessProbe", "startupProbe"};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const json_t *exec = json_object_get(json_object_get(spec, kinds[i]), "exec");
		CLEANUP_STRBUF struct strbuf argv = STRBUF_INIT;

		if (add_words(&argv, json_object_get(exec, "command"), 0))
			container_learn_check(container, strbuf_slice(&argv), source);
	}
}

static void learn_list(struct container *container, const json_t *list, const char *source)
{
	const json_t *spec;
	size_t i;

	json_array_foreach (list, i, spec) {
		const char *name = state_text(spec, "name");

		if (name && strcmp(name, container->name) == 0)
			learn_probes(container, spec, source);
	}
}

void check_learn_pod(struct container *container, const json_t *annotations, const char *prefix,
	const char *source)
{
	char key[64];
	const char *text, *kind;

	snprintf(key, sizeof(key), "%skubectl.kubernetes.io/last-applied-configuration", prefix);
	text = state_text(annotations, key);
	if (!text || strlen(text) > POD_ANNOTATIONS_MAX || container->is_sandbox ||
		!container->name)
		return;
	CLEANUP_JSON json_t *pod = json_loads(text, 0, NULL);
	const json_t *spec = json_object_get(pod, "spec");

	kind = state_text(pod, "kind");
	if (!kind || strcmp(kind, "Pod") != 0)
		return;
	learn_list(container, json_object_get(spec, "containers"), source);
	learn_list(container, json_object_get(spec, "initContainers"), source);
}
