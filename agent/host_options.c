/* SPDX-License-Identifier: Apache-2.0 */
/* The options of host_options.h. */
#include "host_options.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

int host_arguments_init(struct host_arguments *arguments)
{
	*arguments = (struct host_arguments){
		.roots = CONTAINER_ROOTS_DEFAULT, .state_file = STATUS_DEFAULT_PATH};
	return policy_new(&arguments->policy);
}

void host_arguments_done(struct host_arguments *arguments)
{
	policy_free(arguments->policy);
}

int host_option_bare(void *target, const char *value, struct diag *d)
{
	struct host_arguments *a = target;
	int r = policy_add_option(a->policy, value);

	a->have_policy = true;
	return r < 0 ? diag_errno(d, NULL, r) : r;
}

int host_option_located(struct diag *d, int r)
{
	char text[sizeof(d->file) + sizeof(d->message)];

	if (r == 0)
		return 0;
	diag_text(d, text, sizeof(text));
	diag_at(d, NULL, 0, 0, "%s", text);
	return r;
}

int host_option_policy(void *target, const char *value, struct diag *d)
{
	struct host_arguments *a = target;

	a->have_policy = true;
	return host_option_located(d, policy_add_file(a->policy, value, d));
}

int host_arguments_default(struct host_arguments *arguments, struct diag *d)
{
	if (arguments->have_policy || access(HOST_POLICY_DEFAULT_PATH, F_OK) < 0)
		return 0;
	return policy_add_file(arguments->policy, HOST_POLICY_DEFAULT_PATH, d);
}

int host_option_engine_root(void *target, const char *value, struct diag *d)
{
	struct host_arguments *a = target;
	const struct {
		const char *engine;
		const char **root;
	} engines[] = {
		{"docker", &a->roots.docker},
		{"docker-exec", &a->roots.docker_exec},
		{"podman", &a->roots.podman},
		{"podman-run", &a->roots.podman_run},
		{"containerd", &a->roots.containerd},
		{"containerd-state", &a->roots.containerd_state},
		{"runc", &a->roots.runc},
		{"crun", &a->roots.crun},
	};

	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		size_t len = strlen(engines[i].engine);

		if (strncmp(value, engines[i].engine, len) == 0 && value[len] == '=' &&
			value[len + 1] == '/') {
			*engines[i].root = value + len + 1;
			return 0;
		}
	}
	return diag_at(d, NULL, 0, 0,
		"'%s' is not of the form ENGINE=/DIRECTORY, with docker, docker-exec, podman, "
		"podman-run, containerd, containerd-state, runc or crun as ENGINE",
		value);
}

int host_option_host_root(void *target, const char *value, struct diag *d)
{
	struct host_arguments *a = target;
	struct stat st;

	if (stat(value, &st) < 0)
		return diag_errno(d, value, -errno);
	if (value[0] != '/' || !S_ISDIR(st.st_mode))
		return diag_at(d, NULL, 0, 0, "'%s' is not the path of a directory", value);
	a->roots.host = strspn(value, "/") == strlen(value) ? NULL : value;
	return 0;
}

int host_option_state_file(void *target, const char *value, struct diag *d)
{
	struct host_arguments *a = target;

	if (value[0] != '\0')
		return option_absolute_path(value, &a->state_file, d);
	a->state_file = value;
	return 0;
}
