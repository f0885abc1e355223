/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subjects made by hand: a shell that started in a bare container, and an attempt
 * to start one. Tests change what they are about.
 */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "barewatch/rule.h"

#define TEXT_OF(literal) ((struct event_text){.bytes = {literal, sizeof(literal) - 1}})

struct subject_fixture {
	struct bw_exec exec;
	struct bw_attempt attempt;
	struct bw_move move;
	struct lineage lineage;
	struct bw_mapping mapping;
	struct bw_process process; /* of an open */
	struct relative caller; /* what the process was seen to execute */
	struct event event;
	struct container container;
	struct executable executable;
	struct subject subject;
};

static inline struct bw_process fixture_process(void)
{
	return (struct bw_process){
		.tgid = 4711,
		.tid = 4712,
		.ppid = 4700,
		.ns_tgid = 12,
		.start_ns = 1000,
		.uid = 1000,
		.gid = 1001,
		.euid = 0,
		.loginuid = BW_ID_UNSET,
		.comm = "sh",
		.parent_comm = "java",
		.tty = "pts0",
	};
}

static inline void fixture_init(struct subject_fixture *f, enum subject_kind kind)
{
	memset(f, 0, sizeof(*f));
	memset(f->container.id, 'a', 64);
	f->container.runtime = CONTAINER_RUNTIME_DOCKER;
	f->container.name = (char *)"web";
	f->container.image = (char *)"registry.example/web:1.2";
	f->container.bare = BARE_OPTION;
	f->event.time_ns = 5000001000;
	f->event.sequence = 77;
	f->event.cpu = 3;
	f->subject = (struct subject){
		.kind = kind,
		.event = &f->event,
		.wall_ns = 1795433868123456789, /* 2026-11-23T11:37:48Z */
		.hostname = "node-1",
		.container = &f->container,
		.program = {.class = PROGRAM_SHELL, .name = {"dash", 4}},
	};
}

/* The parent, whose own parent has ended; the session leader has ended, too. */
static inline void fixture_add_lineage(struct subject_fixture *f)
{
	struct relative *ancestors = &f->lineage.relatives[BW_LINEAGE_ANCESTORS];

	f->lineage.relatives[BW_LINEAGE_SESSION] = (struct relative){
		.pid = 4600, .ns_pid = 7, .args = {.unreadable = true}};
	f->lineage.relatives[BW_LINEAGE_GROUP] = (struct relative){
		.pid = 4711,
		.ns_pid = 8,
		.name = slice_of("sh"),
		.exepath = slice_of("/usr/bin/dash"),
		.args = TEXT_OF("sh\0-c\0id; ls\0"),
	};
	ancestors[0] = (struct relative){
		.pid = 4700,
		.name = slice_of("java"),
		.exepath = slice_of("/opt/java/bin/java"),
		.args = TEXT_OF("/bin/java\0-jar\0app.jar\0"),
	};
	ancestors[1] = (struct relative){
		.pid = 4600, .name = slice_of("tini"), .args = {.unreadable = true}};
	f->lineage.ancestors = 2;
	f->event.lineage.known = true;
	f->event.lineage.ancestors = 2;
	f->event.lineage.relatives[BW_LINEAGE_ANCESTORS].start_ns = 500;
	f->subject.lineage = &f->lineage;
}

/* `/bin/sh -c "id; ls"`, which is dash, with java as its parent. */
static inline void fixture_exec(struct subject_fixture *f)
{
	fixture_init(f, SUBJECT_EXEC);
	f->exec.process = fixture_process();
	f->exec.file = (struct bw_file){
		.inode = 0xfedcba9876543210,
		.size_bytes = 125688,
		.dev_major = 8,
		.dev_minor = 1,
		.nlink = 1,
		.mode = S_IFREG | 0755,
	};
	f->executable = (struct executable){
		.origin = PROGRAM_ORIGIN_IMAGE,
		.layer = 3,
		.has_identity = true,
		.has_digest = true,
		.has_owner = true,
		.mtime_ns = 1795432000000000001,
		.identity = {.build_id = {0x0a, 0xff}, .build_id_bytes = 2},
		.digest = {0x01, 0xfe},
	};
	f->subject.executable = &f->executable;
	fixture_add_lineage(f);
	f->event.kind = BW_EVENT_EXEC;
	f->event.process = &f->exec.process;
	f->event.exec.record = &f->exec;
	f->event.exec.invoked = TEXT_OF("/bin/sh");
	f->event.exec.resolved = TEXT_OF("/usr/bin/dash");
	f->event.exec.cwd = TEXT_OF("/srv");
	f->event.exec.parent = TEXT_OF("/opt/java/bin/java");
	f->event.exec.args = TEXT_OF("sh\0-c\0id; ls\0");
	f->exec.argc = 3;
	f->exec.file.ctime_s = 1795433000;
	f->exec.file.ctime_ns = 5;
}

/* What the process of anything but an exec was seen to execute: java. */
static inline void fixture_add_caller(struct subject_fixture *f)
{
	f->caller = (struct relative){.pid = 4711, .args = TEXT_OF("java\0-jar\0app.jar\0")};
	f->subject.process = &f->caller;
}

/* The shell, which has put itself into the root cgroup. */
static inline void fixture_move(struct subject_fixture *f)
{
	fixture_init(f, SUBJECT_MOVE);
	fixture_add_lineage(f);
	f->subject.program = (struct program){0};
	f->move.process = fixture_process();
	f->move.mover = 4711;
	strcpy(f->move.mover_comm, "sh");
	f->event.kind = BW_EVENT_MOVE;
	f->event.process = &f->move.process;
	f->event.move.record = &f->move;
	f->event.move.to = TEXT_OF("/");
	f->event.move.exe = TEXT_OF("/usr/bin/dash");
	f->event.move.parent = TEXT_OF("/opt/java/bin/java");
}

/* java's attempt at `/bin/bash -i`, which is not there. */
static inline void fixture_attempt(struct subject_fixture *f)
{
	fixture_init(f, SUBJECT_ATTEMPT);
	f->subject.program.name = slice_of("bash");
	f->attempt.process = fixture_process();
	strcpy(f->attempt.process.comm, "java");
	strcpy(f->attempt.process.parent_comm, "tini");
	f->attempt.error = 2; /* ENOENT */
	f->event.kind = BW_EVENT_ATTEMPT;
	f->event.process = &f->attempt.process;
	f->event.attempt.record = &f->attempt;
	f->event.attempt.asked = TEXT_OF("/bin/bash");
	f->event.attempt.exe = TEXT_OF("/opt/java/bin/java");
	f->event.attempt.cwd = TEXT_OF("/srv");
	f->event.attempt.parent = TEXT_OF("/sbin/tini");
	f->event.attempt.args = TEXT_OF("bash\0-i\0");
	f->event.attempt.tried = (struct event_text){.unreadable = true};
}

/* A session that asked for bash, for which the runtime looked in two places. */
static inline void fixture_lookup(struct subject_fixture *f)
{
	fixture_attempt(f);
	strcpy(f->attempt.process.comm, "runc:[2:INIT]");
	strcpy(f->attempt.process.parent_comm, "runc");
	f->attempt.call = BW_CALL_NONE;
	f->subject.entry = CONTAINER_ENTRY_RUNTIME_EXEC;
	f->event.attempt.asked = TEXT_OF("bash");
	f->event.attempt.exe = (struct event_text){.unreadable = true};
	f->event.attempt.parent = (struct event_text){.unreadable = true};
	f->event.attempt.tried = TEXT_OF("/usr/bin/bash\0/bin/bash\0");
}

/* java maps a library from /tmp, writable. */
static inline void fixture_mapping(struct subject_fixture *f)
{
	fixture_init(f, SUBJECT_MAPPING);
	f->subject.program = (struct program){.class = PROGRAM_OTHER, .name = slice_of("x.so")};
	f->mapping.process = fixture_process();
	strcpy(f->mapping.process.comm, "java");
	f->mapping.file = (struct bw_file){.inode = 4711, .size_bytes = 8192, .nlink = 1};
	f->mapping.call = BW_CALL_MPROTECT;
	f->mapping.flags = BW_MAPPING_WRITABLE;
	f->event.kind = BW_EVENT_MAPPING;
	f->event.process = &f->mapping.process;
	f->event.mapping.record = &f->mapping;
	f->event.mapping.file = TEXT_OF("/tmp/x.so");
	f->event.mapping.exe = TEXT_OF("/opt/java/bin/java");
	f->event.mapping.parent = TEXT_OF("/sbin/tini");
}

/* The shell reads /etc/shadow by a path with dots. */
static inline void fixture_open(struct subject_fixture *f)
{
	fixture_init(f, SUBJECT_OPEN);
	fixture_add_lineage(f);
	f->subject.program = (struct program){0};
	f->process = fixture_process();
	f->caller = (struct relative){.pid = 4711, .args = TEXT_OF("sh\0-c\0id; ls\0")};
	f->subject.process = &f->caller;
	f->event.kind = BW_EVENT_OPEN;
	f->event.process = &f->process;
	f->event.open = (struct event_open){
		.file = {.inode = 99, .dev_major = 8, .dev_minor = 1, .mode = S_IFREG | 0640},
		.path = TEXT_OF("/etc/shadow"),
		.asked = TEXT_OF("../etc/shadow"),
		.exe = TEXT_OF("/usr/bin/dash"),
		.cwd = TEXT_OF("/srv"),
		.parent = TEXT_OF("/opt/java/bin/java"),
		.flags = O_RDONLY | O_CLOEXEC,
		.call = BW_OPEN_BY_OPENAT,
		.result = 3,
	};
}
