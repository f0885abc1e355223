/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/calls.c: which call made a container without a cgroup. */
#include "asserts.h"

#include "base/cleanup.h"
#include "calls.h"

#define CRUN     701
#define START_NS 5000

#define WITHOUT(id) SLICE("crun\0--cgroup-manager\0disabled\0create\0--bundle\0/b\0" id "\0")
#define WITH(id)    SLICE("crun\0create\0--bundle\0/b\0" id "\0")

/* The runtime TGID, which began at START_NS, is called with ARGS. */
static void call(struct calls *calls, uint32_t tgid, uint64_t start_ns, struct slice args)
{
	struct bw_process process = {.tgid = tgid, .start_ns = start_ns};
	static struct event event;

	event = (struct event){
		.kind = BW_EVENT_RUNTIME,
		.process = &process,
		.runtime = {.cwd = {.bytes = {"/", 1}}, .args = {.bytes = args}},
	};
	calls_add(calls, &event);
}

/* What is found for a grandchild of the process TGID that began at START_NS. */
static const struct calls_bundle *find(struct calls *calls, uint32_t tgid, uint64_t start_ns)
{
	static struct event event;

	event = (struct event){.kind = BW_EVENT_EXEC, .lineage = {.known = true, .ancestors = 2}};
	event.lineage.relatives[BW_LINEAGE_ANCESTORS] = (struct bw_relative){
		.tgid = 9999, .start_ns = start_ns + 1};
	event.lineage.relatives[BW_LINEAGE_ANCESTORS + 1] = (struct bw_relative){
		.tgid = tgid, .start_ns = start_ns};
	/* beyond what there is of it */
	event.lineage.relatives[BW_LINEAGE_ANCESTORS + 2] = (struct bw_relative){
		.tgid = CRUN, .start_ns = START_NS};
	return calls_find_above(calls, &event);
}

static void call_is_found_by_the_runtime_among_the_ancestors(void **state)
{
	CLEANUP(calls_done) struct calls calls = {0};
	const struct calls_bundle *bundle;

	(void)state;
	call(&calls, CRUN - 1, START_NS, WITHOUT("before"));
	call(&calls, CRUN, START_NS, WITHOUT("mine"));
	call(&calls, CRUN + 1, START_NS, WITHOUT("behind"));
	bundle = find(&calls, CRUN, START_NS);
	assert_non_null(bundle);
	assert_string_equal(bundle->id, "mine");
	assert_null(find(&calls, CRUN, START_NS + 1)); /* its number was given out again */
	assert_null(find(&calls, CRUN + 2, START_NS));
}

static void call_that_gives_a_cgroup_is_not_found(void **state)
{
	CLEANUP(calls_done) struct calls calls = {0};

	(void)state;
	call(&calls, CRUN, START_NS, WITH("mine"));
	assert_null(find(&calls, CRUN, START_NS));
}

/* crun executes itself anew. */
static void found_call_awaits_no_process_any_more(void **state)
{
	CLEANUP(calls_done) struct calls calls = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		call(&calls, CRUN, START_NS, WITHOUT("mine"));
	call(&calls, CRUN + 1, START_NS, WITHOUT("other"));
	assert_non_null(find(&calls, CRUN, START_NS));
	assert_false(calls.bundles[0].awaits_init);
	assert_false(calls.bundles[1].awaits_init);
	assert_true(calls.bundles[2].awaits_init);
	assert_non_null(find(&calls, CRUN, START_NS)); /* a hook came first */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_is_found_by_the_runtime_among_the_ancestors),
		cmocka_unit_test(call_that_gives_a_cgroup_is_not_found),
		cmocka_unit_test(found_call_awaits_no_process_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
