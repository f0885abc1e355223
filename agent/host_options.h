/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of every command that looks at the containers of this host: which of
 * them are meant to be bare, and where their engines and the agent keep their state.
 */
#pragma once

#include "barewatch/container.h"
#include "barewatch/policy.h"
#include "barewatch/status.h"
#include "base/options.h"

/* The first member of the arguments of such a command, which `set` gets as target. */
struct host_arguments {
	struct common_arguments common; /* first */
	struct policy *policy;
	bool have_policy; /* --bare or --policy were given */
	struct container_roots roots;
	const char *state_file; /* "": none */
};

/* The entries of their table; see their help texts. */
#define HOST_OPTION_BARE                                                        \
	{                                                                       \
		"bare", 'b', "WHICH",                                           \
			"containers that are meant to be bare: 'all', an id\n"  \
			"(or its first 12 digits), or a name; may be repeated", \
			host_option_bare                                        \
	}
#define HOST_OPTION_POLICY                                                   \
	{                                                                    \
		"policy", 'p', "FILE",                                       \
			"read which containers are bare from FILE; may be\n" \
			"repeated (default without --bare:\n"                \
			"" HOST_POLICY_DEFAULT_PATH ")",                     \
			host_option_policy                                   \
	}
#define HOST_OPTION_ENGINE_ROOT                                             \
	{                                                                   \
		"engine-root", '\0', "ENGINE=DIR",                          \
			"where an engine keeps its state, if that is not\n" \
			"found: docker (data root), docker-exec, podman\n"  \
			"(also CRI-O's), podman-run, containerd,\n"         \
			"containerd-state, runc, crun",                     \
			host_option_engine_root                             \
	}
#define HOST_OPTION_HOST_ROOT                                                   \
	{                                                                       \
		"host-root", '\0', "DIR",                                       \
			"where this host's root directory is mounted, for an\n" \
			"agent in a container; engines' files are looked for\n" \
			"below it",                                             \
			host_option_host_root                                   \
	}
#define HOST_OPTION_STATE_FILE                                               \
	{                                                                    \
		"state-file", '\0', "PATH",                                  \
			"where `watch` leaves its counts for `ps`; '' for\n" \
			"nowhere (default: " STATUS_DEFAULT_PATH ")",        \
			host_option_state_file                               \
	}

#define HOST_POLICY_DEFAULT_PATH "/etc/barewatch/policy.yaml"

option_set_fn host_option_bare, host_option_policy, host_option_engine_root, host_option_host_root,
	host_option_state_file;

/* Starts with an empty policy and the default roots. */
int host_arguments_init(struct host_arguments *arguments);
void host_arguments_done(struct host_arguments *arguments);

/* Reads the default policy file when nothing else was said and it exists. */
int host_arguments_default(struct host_arguments *arguments, struct diag *d);

/* Puts the place in a file, as R is a failure of reading one, into D's message. Returns R. */
int host_option_located(struct diag *d, int r);
