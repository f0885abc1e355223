/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies: whatever the text, it is loaded or refused with a message; what is loaded
 * judges any container, and the same each time.
 */
#include <stdint.h>
#include <stdlib.h>

#include "barewatch/policy.h"

static struct container known = {
	.id = "0f3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f70819",
	.runtime = CONTAINER_RUNTIME_PODMAN,
	.cgroup_path = (char *)"/machine.slice/libpod-x.scope",
	.name = (char *)"web-1",
	.image = (char *)"registry.example/web:1.2",
};
static struct container unknown = {.id = "n1"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct policy *policy = NULL;
	struct diag d = {0};

	if (policy_new(&policy) < 0)
		return 0;
	if (policy_add_text(policy, "fuzz", text, &d) < 0 && !d.message[0])
		abort();
	if (policy_judge(policy, &known) != policy_judge(policy, &known))
		abort();
	if (policy_is_empty(policy) && policy_judge(policy, &unknown) != BARE_NO)
		abort();
	policy_free(policy);
	return 0;
}
