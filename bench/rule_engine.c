/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule_engine RULES...: CPU time to judge one event of each kind by each file of rules, all of which
 * it meets, beside the same with each rule as it is written: "FILE ACTIVE KIND NS RATIO
 * ALLOCATIONS". Then how the time grows from 10 to 1,000 rules on execs: "growth KIND RATIO", for the
 * kind that they are about and for another. Medians of turns that alternate.
 */
#include <stdint.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "rule/allocation_count.h"
#include "rule/condition/condition.h"
#include "rule/condition/match.h"
#include "rule/subject_fixture.h"

#define ROUNDS       15
#define ROUND_NS     UINT64_C(5000000) /* about what one turn takes */
#define EVENTS_FIRST 64 /* to find out how many that are */

DEFINE_CLEANUP(struct rule_set, rule_set, rule_set_free);
#define CLEANUP_RULES CLEANUP(rule_set_cleanup)

/* What is done with one event. Returns how many rules match it. */
typedef size_t judge_fn(const struct rule_set *set, const struct subject *subject);

static const struct {
	const char *name;
	void (*make)(struct subject_fixture *);
} kinds[] = {
	{"exec", fixture_exec},
	{"attempt", fixture_attempt},
	{"mapping", fixture_mapping},
	{"open", fixture_open},
	{"move", fixture_move},
};

static volatile size_t matches; /* so that nothing is left out */

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static size_t judge_indexed(const struct rule_set *set, const struct subject *subject)
{
	size_t cursor = 0, count = 0;

	while (rule_set_match(set, subject, &cursor))
		count++;
	return count;
}

static size_t judge_as_written(const struct rule_set *set, const struct subject *subject)
{
	struct field_scratch scratch;
	const struct rule *rule;
	size_t count = 0;

	for (size_t i = 0; (rule = rule_set_at(set, i)); i++)
		count += rule->state == RULE_ACTIVE &&
			 condition_judge(rule->condition, subject, &scratch) == TRUTH_TRUE;
	return count;
}

/* One turn of EVENTS events. */
static uint64_t turn_ns(
	judge_fn *judge, const struct rule_set *set, const struct subject *subject, uint64_t events)
{
	uint64_t start = cpu_ns();

	for (uint64_t i = 0; i < events; i++)
		matches += judge(set, subject);
	return cpu_ns() - start;
}

static uint64_t events_for_turn(
	judge_fn *judge, const struct rule_set *set, const struct subject *subject)
{
	uint64_t ns = turn_ns(judge, set, subject, EVENTS_FIRST);

	return EVENTS_FIRST * (ns < ROUND_NS ? ROUND_NS / (ns ? ns : 1) + 1 : 1);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

/* One of two ways, or sets, that are compared. */
struct side {
	judge_fn *judge;
	const struct rule_set *set;
};

/* Nanoseconds for one event of A; *RET_RATIO is what A takes of what B takes. */
static double compare_sides(
	struct side a, struct side b, const struct subject *subject, double *ret_ratio)
{
	double ns[ROUNDS], ratios[ROUNDS];
	uint64_t events[] = {
		events_for_turn(a.judge, a.set, subject), events_for_turn(b.judge, b.set, subject)};

	for (size_t i = 0; i < ROUNDS; i++) {
		double other = (double)turn_ns(b.judge, b.set, subject, events[1]) / events[1];

		ns[i] = (double)turn_ns(a.judge, a.set, subject, events[0]) / events[0];
		ratios[i] = ns[i] / other;
	}
	*ret_ratio = median(ratios);
	return median(ns);
}

static double allocations(const struct rule_set *set, const struct subject *subject)
{
	size_t before = allocation_count;

	for (size_t i = 0; i < EVENTS_FIRST; i++)
		matches += judge_indexed(set, subject);
	return (double)(allocation_count - before) / EVENTS_FIRST;
}

/* Says what is wrong with R, the result of a load. */
static bool report(int r, const struct diags *diags)
{
	char message[1024];

	for (size_t i = 0; r < 0 && i < diags->count; i++) {
		diag_text(&diags->items[i].diag, message, sizeof(message));
		fprintf(stderr, "rule_engine: %s\n", message);
	}
	return r == 0;
}

static bool measure_file(const char *path)
{
	CLEANUP_RULES struct rule_set *set = NULL;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;
	const char *slash = strrchr(path, '/');
	struct side indexed, written;

	if (rule_set_new(&set) < 0 || !report(rule_set_add_file(set, path, &diags), &diags))
		return false;
	indexed = (struct side){judge_indexed, set};
	written = (struct side){judge_as_written, set};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct subject_fixture f;
		double ns, ratio;

		kinds[i].make(&f);
		ns = compare_sides(indexed, written, &f.subject, &ratio);
		printf("%s %zu %s %.0f %.2f %g\n", slash ? slash + 1 : path,
			rule_set_count(set, NULL), kinds[i].name, ns, ratio,
			allocations(set, &f.subject));
	}
	return true;
}

/* COUNT rules on execs, each of which needs the name of its own. */
static struct rule_set *rules_on_execs(size_t count)
{
	CLEANUP_STRBUF struct strbuf text = STRBUF_INIT;
	CLEANUP_RULES struct rule_set *set = NULL;
	CLEANUP_DIAGS struct diags diags = DIAGS_INIT;

	for (size_t i = 0; i < count; i++)
		strbuf_addf(&text,
			"- rule: r%zu\n  desc: d\n  output: o\n  priority: ERROR\n"
			"  condition: evt.type = execve and container.bare = true and "
			"proc.name = name%zu\n",
			i, i);
	if (text.error || rule_set_new(&set) < 0 ||
		!report(rule_set_add_text(set, "made", strbuf_slice(&text), &diags), &diags))
		return NULL;
	return TAKE_PTR(set);
}

static bool measure_growth(void)
{
	CLEANUP_RULES struct rule_set *few = rules_on_execs(10), *many = rules_on_execs(1000);
	struct side large = {judge_indexed, many}, small = {judge_indexed, few};

	if (!few || !many)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct subject_fixture f;
		double ratio;

		if (strcmp(kinds[i].name, "exec") != 0 && strcmp(kinds[i].name, "open") != 0)
			continue;
		kinds[i].make(&f);
		compare_sides(large, small, &f.subject, &ratio);
		printf("growth %s %.2f\n", kinds[i].name, ratio);
	}
	return true;
}

int main(int argc, char *argv[])
{
	allocation_count_start();
	for (int i = 1; i < argc; i++)
		if (!measure_file(argv[i]))
			return 1;
	return measure_growth() ? 0 : 1;
}
