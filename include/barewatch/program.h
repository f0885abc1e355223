/* SPDX-License-Identifier: Apache-2.0 */
/* The program module: what a program is. Pure once the catalog is loaded, but for reading files. */
#pragma once

#include "barewatch/decode.h"
#include "base/diag.h"
#include "base/slice.h"

/* After PROGRAM_OTHER, the gravest first. */
enum program_class {
	PROGRAM_OTHER,
	PROGRAM_SHELL,
	PROGRAM_PACKAGE_MANAGER,
	PROGRAM_MULTICALL, /* busybox, toybox, as an applet that is neither of the above */
	PROGRAM_RUNTIME, /* starts containers: runc, crun */
	PROGRAM_INTERPRETER, /* runs programs given as text, or embeds what does: python, libperl */
	PROGRAM_DOWNLOADER, /* curl, nc */
	PROGRAM_DEBUGGER, /* gdb, strace */
	PROGRAM_LOADER, /* ld.so, which runs any program it is given */
	PROGRAM_CLASSES,
};

/* "shell", "package_manager"...: the words of rules, the catalog and the output. */
const char *program_class_name(enum program_class class);

/* What a program was found to be. Texts belong to the catalog or the event. */
struct program {
	enum program_class class;
	struct slice name; /* of the catalog's entry, else of the file */
	struct slice applet; /* of a multi-call binary, else empty */
	struct slice loads; /* what a dynamic loader was told to load, else empty */
};

struct catalog;

/* Loads a catalog (rules/README.md has its keys). 0, or a negative errno with D filled in. */
int catalog_load_file(const char *path, struct catalog **ret, struct diag *d);
int catalog_load_text(const char *name, struct slice text, struct catalog **ret, struct diag *d);

/* CATALOG, to be freed once more. From any thread, as is catalog_free(). */
struct catalog *catalog_share(struct catalog *catalog);
void catalog_free(struct catalog *catalog);

/* A rule of the catalog by which a program is known from its bytes. */
struct signature;

/* Name of the signature with NUMBER, from 0 on in the order of the file; NULL behind the last. */
const char *catalog_signature_name(const struct catalog *catalog, unsigned number);

/* Calls VISIT for each file name, patterns left out, of the programs of CLASS. */
void catalog_each_file(const struct catalog *catalog, enum program_class class,
	void (*visit)(const char *file, void *userdata), void *userdata);

/* The signature itself; NULL behind the last. */
const struct signature *catalog_signature(const struct catalog *catalog, unsigned number);

/* "#!" and the rest of the first line of a script: what the kernel reads of it (BINPRM_BUF_SIZE). */
#define PROGRAM_LINE_MAX     256
#define PROGRAM_BUILD_ID_MAX 32 /* 20 with SHA-1, the usual */
#define PROGRAM_MODULE_MAX   128
#define PROGRAM_BUFFER_BYTES (128u << 10)
#define PROGRAM_SIGNATURES   256 /* at most in a catalog */

/* What the bytes of a file tell. Texts of SIGNATURE belong to the catalog, the rest is its own. */
struct program_identity {
	const struct signature *signature; /* the first of the catalog that fits; NULL: none */
	enum program_class class; /* of the signature, else PROGRAM_OTHER */
	uint64_t fits[PROGRAM_SIGNATURES /
		      64]; /* a bit for each signature that fits, by its number */
	uint64_t size_bytes; /* bytes that were seen */
	bool is_whole; /* they were all that there are: what was not found is not in the file */
	bool is_elf;
	bool is_static; /* a program that needs no loader */
	bool is_loader; /* made like a loader (a library that needs none), and fits its signature */
	bool is_packed; /* compressed: its own bytes are not to be seen */
	bool is_script; /* begins with #!: INTERPRETER and ARGUMENT are of that line */
	/* of multi-call binaries that hold a table of their applets: how many, and of which kinds */
	unsigned applets;
	bool has_shell, has_package_manager;
	char interpreter[PROGRAM_LINE_MAX]; /* PT_INTERP, or that of a script; "" without one */
	char argument[PROGRAM_LINE_MAX]; /* of a script's interpreter: hostile, as all of these */
	unsigned char build_id[PROGRAM_BUILD_ID_MAX];
	unsigned build_id_bytes;
	char module[PROGRAM_MODULE_MAX]; /* of Go programs: path of the main package */
};

/* Room for reading a file in parts: the caller's, since it is large. */
struct program_buffer {
	_Alignas(64) unsigned char bytes[PROGRAM_BUFFER_BYTES];
};

/* Name of the program by IDENTITY, "" when nothing in its bytes tells. */
const char *program_identity_name(const struct program_identity *identity);

/* True when one of the signatures that IDENTITY fits is of CLASS. */
bool program_identity_fits(const struct catalog *catalog, const struct program_identity *identity,
	enum program_class class);

/*
 * Reads at most LIMIT_BYTES of the regular file that FD is open for, by pread, and stores
 * what they tell. Only of ELF files is more read than the first line. Allocates nothing. The
 * file may be hostile, and may change meanwhile. 0, or the error of read, -EINVAL for what is
 * no regular file.
 */
int program_identify(const struct catalog *catalog, int fd, uint64_t limit_bytes,
	struct program_buffer *buffer, struct program_identity *ret);

/* Same for a file whose first bytes, or all when IS_WHOLE, are BYTES. */
void program_identify_bytes(const struct catalog *catalog, struct slice bytes, bool is_whole,
	struct program_identity *ret);

/*
 * What the program of an exec or attempt EVENT is. IDENTITY is of the file that runs, NULL
 * when it was not read. Then, and of attempts, names tell: those of the file that runs, of the
 * path it was invoked by, and for multi-call binaries the applet from argv. With an identity the
 * bytes decide, and names only add to them: of scripts, of files that were not seen whole,
 * and of programs that the catalog has no signature of. A file that is called bash and of
 * which nothing looks like bash is none. Other kinds of event are PROGRAM_OTHER.
 */
struct program program_classify(const struct catalog *catalog, const struct event *event,
	const struct program_identity *identity);

/*
 * What the file PATH is that nobody has started, by IDENTITY. As of what is executed, names only
 * add to the bytes; but a multi-call binary stays one, and a script that a shell reads is no
 * program of its own. *RET_BY_NAME: the name has told.
 */
struct program program_classify_file(const struct catalog *catalog, struct slice path,
	const struct program_identity *identity, bool *ret_by_name);

/* What the multi-call binary PROGRAM is when it is called APPLET. */
enum program_class program_applet_class(
	const struct catalog *catalog, const struct program *program, struct slice applet);

/* True when the name of the file PATH is one that PROGRAM has in the catalog. */
bool program_has_name(
	const struct catalog *catalog, const struct program *program, struct slice path);

/* True when the names of EVENT alone make its program one of the catalog's. */
bool program_is_suspect(const struct catalog *catalog, const struct event *event);
