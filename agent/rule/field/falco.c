/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Falco has besides: falcosecurity/libs 0.21, userspace/libsinsp/sinsp_filtercheck_*.cpp, and
 * driver/event_table.c for the arguments of calls; falcosecurity/plugins for the others.
 */
#include "rule/field/falco.h"

#include <ctype.h>

#include "base/cleanup.h"
#include "rule/field/field.h"

#define NETWORK     "needs evt.type connect or accept"
#define TRANSFER    "needs evt.type read or write"
#define TWO_PATHS   "needs evt.type rename, link or symlink"
#define SCHEDULER   "needs evt.type switch"
#define ENTRY       "needs events of the beginning of a call"
#define CAPTURE     "needs a capture that begins somewhere"
#define DESCRIPTORS "the open descriptors of a process are not kept"
#define MEMORY      "the memory of a process is not counted"
#define MOUNTS      "the mounts of a container are not kept"
#define NAMESPACES  "which namespaces a container shares with the host is not kept"
#define ADDRESSES   "the addresses of a container are not kept"
#define PROBES      "the probes of a pod are not told apart"
#define API         "the API of Kubernetes is not asked"
#define RENAMED     "is called k8s.* by now"
#define ENVIRONMENT "the environment is not read"
#define CAPABILITY  "of capabilities only the effective ones are told"
#define PID_NS      "when a pid namespace began is not kept"
#define PLUGIN      "needs a plugin of Falco's"
#define USERS       "users are not looked up"

struct reason {
	const char *name;
	const char *text;
};

static const struct reason fields[] = {
	{"evt.latency", ENTRY},
	{"evt.latency.s", ENTRY},
	{"evt.latency.ns", ENTRY},
	{"evt.latency.quantized", ENTRY},
	{"evt.latency.human", ENTRY},
	{"evt.wait_latency", ENTRY},
	{"evt.deltatime", "the event before is not kept"},
	{"evt.deltatime.s", "the event before is not kept"},
	{"evt.deltatime.ns", "the event before is not kept"},
	{"evt.outputtime", "depends on an option of Falco's; there is evt.time"},
	{"evt.args", "arguments of calls are not kept as one text"},
	{"evt.info", "arguments of calls are not kept as one text"},
	{"evt.buffer", TRANSFER},
	{"evt.buflen", TRANSFER},
	{"evt.buflen.in", TRANSFER},
	{"evt.buflen.out", TRANSFER},
	{"evt.buflen.file", TRANSFER},
	{"evt.buflen.file.in", TRANSFER},
	{"evt.buflen.file.out", TRANSFER},
	{"evt.buflen.net", TRANSFER},
	{"evt.buflen.net.in", TRANSFER},
	{"evt.buflen.net.out", TRANSFER},
	{"evt.io_dir", TRANSFER},
	{"evt.count.error.net", NETWORK},
	{"evt.count.error.memory", "mappings that failed are not seen"},
	{"evt.count.error.other", "there is evt.count.error"},
	{"evt.count.procinfo", "needs evt.type procinfo"},
	{"evt.count.threadinfo", "needs evt.type procinfo"},
	{"evt.around", CAPTURE},
	{"evt.reltime", CAPTURE},
	{"evt.reltime.s", CAPTURE},
	{"evt.reltime.ns", CAPTURE},
	{"evt.abspath", "needs evt.type renameat, unlinkat or mkdirat"},
	{"evt.abspath.src", "needs evt.type renameat or linkat"},
	{"evt.abspath.dst", "needs evt.type renameat or linkat"},
	{"evt.asynctype", "needs an asynchronous event"},
	{"evt.pluginname", PLUGIN},
	{"evt.plugininfo", PLUGIN},

	{"proc.env", ENVIRONMENT},
	{"proc.aenv", ENVIRONMENT},
	{"proc.pvpid", "the parent's number in its pid namespace is not kept"},
	{"proc.exe_ino.ctime_duration_pidns_start", PID_NS},
	{"proc.pidns_init_start_ts", PID_NS},
	{"proc.fdopencount", DESCRIPTORS},
	{"proc.fdlimit", DESCRIPTORS},
	{"proc.fdusage", DESCRIPTORS},
	{"proc.stdin.type", DESCRIPTORS},
	{"proc.stdout.type", DESCRIPTORS},
	{"proc.stderr.type", DESCRIPTORS},
	{"proc.stdin.name", DESCRIPTORS},
	{"proc.stdout.name", DESCRIPTORS},
	{"proc.stderr.name", DESCRIPTORS},
	{"proc.vmsize", MEMORY},
	{"proc.vmrss", MEMORY},
	{"proc.vmswap", MEMORY},
	{"proc.nthreads", "threads are not counted"},
	{"proc.nchilds", "threads are not counted"},

	{"thread.cap_permitted", CAPABILITY},
	{"thread.cap_inheritable", CAPABILITY},
	{"thread.pfmajor", "page faults are not counted"},
	{"thread.pfminor", "page faults are not counted"},
	{"thread.nametid", "there are proc.name and thread.tid"},
	{"thread.exectime", SCHEDULER},
	{"thread.totexectime", SCHEDULER},
	{"thread.cpu", "needs evt.type procinfo"},
	{"thread.cpu.user", "needs evt.type procinfo"},
	{"thread.cpu.system", "needs evt.type procinfo"},
	{"thread.cgroups", "cgroups are not kept by controller"},
	{"thread.cgroup", "cgroups are not kept by controller"},
	{"thread.vmsize", MEMORY},
	{"thread.vmrss", MEMORY},
	{"thread.vmsize.b", MEMORY},
	{"thread.vmrss.b", MEMORY},

	{"user.homedir", USERS},
	{"user.shell", USERS},

	{"container.mounts", MOUNTS},
	{"container.mount", MOUNTS},
	{"container.mount.source", MOUNTS},
	{"container.mount.dest", MOUNTS},
	{"container.mount.mode", MOUNTS},
	{"container.mount.rdwr", MOUNTS},
	{"container.mount.propagation", MOUNTS},
	{"container.liveness_probe", PROBES},
	{"container.readiness_probe", PROBES},
	{"container.ip", ADDRESSES},
	{"container.cni.json", ADDRESSES},
	{"container.host_pid", NAMESPACES},
	{"container.host_network", NAMESPACES},
	{"container.host_ipc", NAMESPACES},

	{"k8s.pod.ip", ADDRESSES},
	{"k8s.pod.cni.json", ADDRESSES},
	{"k8s.ns.id", API},
	{"k8s.ns.label", API},
	{"k8s.ns.labels", API},

	{"fd.ip", NETWORK},
	{"fd.cip", NETWORK},
	{"fd.sip", NETWORK},
	{"fd.lip", NETWORK},
	{"fd.rip", NETWORK},
	{"fd.cip.name", NETWORK},
	{"fd.sip.name", NETWORK},
	{"fd.lip.name", NETWORK},
	{"fd.rip.name", NETWORK},
	{"fd.port", NETWORK},
	{"fd.cport", NETWORK},
	{"fd.sport", NETWORK},
	{"fd.lport", NETWORK},
	{"fd.rport", NETWORK},
	{"fd.proto", NETWORK},
	{"fd.cproto", NETWORK},
	{"fd.sproto", NETWORK},
	{"fd.lproto", NETWORK},
	{"fd.rproto", NETWORK},
	{"fd.l4proto", NETWORK},
	{"fd.net", NETWORK},
	{"fd.cnet", NETWORK},
	{"fd.snet", NETWORK},
	{"fd.lnet", NETWORK},
	{"fd.rnet", NETWORK},
	{"fd.sockfamily", NETWORK},
	{"fd.is_server", NETWORK},
	{"fd.connected", NETWORK},
	{"fd.name_changed", "needs evt.type sendto or recvfrom"},
	{"fd.types", DESCRIPTORS},

	{"fs.path.source", TWO_PATHS},
	{"fs.path.sourceraw", TWO_PATHS},
	{"fs.path.target", TWO_PATHS},
	{"fs.path.targetraw", TWO_PATHS},

	{"util.cnt", "events have evt.num"},
};

/* Of these all that follows is Falco's. */
static const struct reason prefixes[] = {
	{"evt.type.is.", "there is evt.type"},
	{"evt.infra.", "needs an event of Docker's"},
	{"thread.cgroup.", "cgroups are not kept by controller"},
	{"container.k8s.", RENAMED},
	{"k8s.ns.label.", API},
	{"k8s.rc.", API},
	{"k8s.rs.", API},
	{"k8s.svc.", API},
	{"k8s.deployment.", API},
	{"k8smeta.", "needs Falco's plugin k8smeta"},
	{"fdlist.", "needs evt.type poll"},
	{"syslog.", "needs evt.type write to /dev/log"},
	{"mesos.", "Mesos is not asked"},
	{"span.", "needs evt.type tracer"},
	{"tracer.", "needs evt.type tracer"},
	{"ka.", "needs the event source k8s_audit"},
	{"ct.", "needs the event source aws_cloudtrail"},
	{"al.", "needs the event source auditd or a plugin of Falco's"},
	{"jevt.", "needs an event source of JSON"},
	{"json.", "needs an event source of JSON"},
	{"gcp.", "needs the event source gcp_auditlog"},
	{"github.", "needs the event source github"},
	{"gitlab.", "needs the event source gitlab"},
	{"keycloak.", "needs the event source keycloak"},
	{"kafka.", "needs the event source kafka"},
	{"nomad.", "needs the event source nomad"},
	{"okta.", "needs the event source okta"},
};

/* Arguments by name, and the calls that have them. */
static const struct reason arguments[] = {
	{"request", "needs evt.type ptrace"},
	{"domain", "needs evt.type socket"},
	{"proto", "needs evt.type socket"},
	{"tuple", NETWORK},
	{"addr", NETWORK},
	{"backlog", "needs evt.type listen"},
	{"target", "needs evt.type symlink"},
	{"linkpath", "needs evt.type symlink"},
	{"linkdirfd", "needs evt.type symlinkat"},
	{"oldpath", "needs evt.type rename or link"},
	{"newpath", "needs evt.type rename or link"},
	{"olddirfd", "needs evt.type renameat or linkat"},
	{"newdirfd", "needs evt.type renameat or linkat"},
	{"path", "needs evt.type mkdir, rmdir, unlink or chdir"},
	{"data", TRANSFER},
	{"size", TRANSFER},
	{"sig", "needs evt.type kill"},
	{"nstype", "needs evt.type setns"},
	{"dev", "needs evt.type mount"},
	{"dir", "needs evt.type mount"},
	{"special", "needs evt.type quotactl"},
	{"cmd", "needs evt.type fcntl or bpf"},
	{"whence", "needs evt.type lseek"},
	{"offset", "needs evt.type lseek"},
	{"oldfd", "needs evt.type dup"},
	{"newfd", "needs evt.type dup"},
	{"resource", "needs evt.type setrlimit"},
	{"uargs", "needs evt.type init_module or finit_module"},
	{"img", "needs evt.type init_module"},
	{"option", "needs evt.type prctl"},
	{"euid", "needs evt.type setresuid"},
	{"suid", "needs evt.type setresuid"},
};

static const char *reason_find(const struct reason *reasons, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_equal_text(name, reasons[i].name))
			return reasons[i].text;
	return NULL;
}

static bool begins_with(struct slice name, const char *text, struct slice *ret_rest)
{
	size_t len = strlen(text);

	if (name.len <= len || memcmp(name.data, text, len) != 0)
		return false;
	*ret_rest = (struct slice){name.data + len, name.len - len};
	return true;
}

/* The arguments of calls: evt.arg.NAME, evt.arg[NUMBER], evt.rawarg.NAME. */
static const char *argument_reason(struct slice name)
{
	const char *reason;
	struct slice word;

	if (begins_with(name, "evt.arg[", &word))
		return "arguments of calls are known by name only: evt.arg.flags";
	if (!begins_with(name, "evt.arg.", &word) && !begins_with(name, "evt.rawarg.", &word))
		return NULL;
	reason = reason_find(arguments, ARRAY_SIZE(arguments), word);
	return reason ? reason : "this argument of a call is not kept";
}

/* An ancestor that is further away than is kept. */
static const char *index_reason(struct slice name, struct slice base)
{
	const struct field *field = field_find(base);
	size_t digits = 0, at = base.len + 1;

	if (!field || field->argument != FIELD_ARGUMENT_INDEX)
		return NULL;
	while (at + digits < name.len && isdigit((unsigned char)name.data[at + digits]))
		digits++;
	return digits > 0 && at + digits + 1 == name.len && name.data[name.len - 1] == ']'
		       ? "only the nearest 8 ancestors are kept"
		       : NULL;
}

const char *field_falco_reason(struct slice name)
{
	const char *bracket = name.len ? memchr(name.data, '[', name.len) : NULL, *reason;
	struct slice base = {name.data, bracket ? (size_t)(bracket - name.data) : name.len}, rest;
	struct field_ref ref;

	if (field_find_with(name, &ref) == 0)
		return NULL;
	reason = reason_find(fields, ARRAY_SIZE(fields), base);
	for (size_t i = 0; !reason && i < ARRAY_SIZE(prefixes); i++)
		if (begins_with(base, prefixes[i].name, &rest))
			reason = prefixes[i].text;
	if (!reason)
		reason = argument_reason(name);
	return !reason && bracket ? index_reason(name, base) : reason;
}

const char *field_falco_at(size_t index, const char **ret_reason)
{
	const struct reason *reason = NULL;

	if (index < ARRAY_SIZE(fields))
		reason = &fields[index];
	else if (index - ARRAY_SIZE(fields) < ARRAY_SIZE(prefixes))
		reason = &prefixes[index - ARRAY_SIZE(fields)];
	*ret_reason = reason ? reason->text : NULL;
	return reason ? reason->name : NULL;
}
