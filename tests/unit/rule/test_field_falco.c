/* SPDX-License-Identifier: Apache-2.0 */
/* Claims about agent/rule/field/falco.c. */
#include "rules_fixture.h"

#include "rule/field/field.h"
#include "rule/field/falco.h"

static void field_of_falcos_that_we_lack_has_a_reason(void **state)
{
	static const struct {
		const char *name, *reason;
	} cases[] = {
		{"fd.sip", "needs evt.type connect or accept"},
		{"fd.sip.name", "needs evt.type connect or accept"},
		{"fd.types[0]", "the open descriptors of a process are not kept"},
		{"fdlist.nums", "needs evt.type poll"},
		{"fs.path.source", "needs evt.type rename, link or symlink"},
		{"evt.arg.request", "needs evt.type ptrace"},
		{"evt.rawarg.request", "needs evt.type ptrace"},
		{"evt.arg.target", "needs evt.type symlink"},
		{"evt.arg.nobody", "this argument of a call is not kept"},
		{"evt.arg[0]", "arguments of calls are known by name only: evt.arg.flags"},
		{"evt.type.is.open", "there is evt.type"},
		{"evt.buffer", "needs evt.type read or write"},
		{"proc.env", "the environment is not read"},
		{"proc.env[HOME]", "the environment is not read"},
		{"proc.aname[9]", "only the nearest 8 ancestors are kept"},
		{"proc.acmdline[20]", "only the nearest 8 ancestors are kept"},
		{"thread.cap_permitted", "of capabilities only the effective ones are told"},
		{"thread.cgroup.cpuacct", "cgroups are not kept by controller"},
		{"container.mount[/usr]", "the mounts of a container are not kept"},
		{"container.k8s.pod.name", "is called k8s.* by now"},
		{"k8s.rc.name", "the API of Kubernetes is not asked"},
		{"k8s.ns.label.app", "the API of Kubernetes is not asked"},
		{"k8s.svc.label[app]", "the API of Kubernetes is not asked"},
		{"ka.verb", "needs the event source k8s_audit"},
		{"json.value[/a]", "needs an event source of JSON"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *reason = field_falco_reason(slice_of(cases[i].name));

		if (!reason || strcmp(reason, cases[i].reason) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].name, reason, cases[i].reason);
	}
}

static void what_is_nobodys_has_none(void **state)
{
	static const char *const names[] = {"", "proc", "proc.nam", "proc.name[2]", "proc.aname[x]",
		"proc.aname[2", "proc.aname[]", "k8s.pod.label", "container.imag", "fd.", "ka.",
		"exe.nobody", "evt.arg.", "evt.arg", "group.nam", "attempt.x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (field_falco_reason(slice_of(names[i])))
			fail_msg("%s: %s", names[i], field_falco_reason(slice_of(names[i])));
}

static void what_we_have_has_none(void **state)
{
	static const char *const names[] = {
		"k8s.pod.label[app]", "k8s.pod.label.app", "container.label[a]", "proc.aname[8]"};
	const struct field *field;

	(void)state;
	for (size_t i = 0; (field = field_at(i)); i++)
		if (field_falco_reason(slice_of(field->name)))
			fail_msg("%s is in both tables", field->name);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_null(field_falco_reason(slice_of(names[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(field_of_falcos_that_we_lack_has_a_reason),
		cmocka_unit_test(what_is_nobodys_has_none),
		cmocka_unit_test(what_we_have_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
