/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of rules/ inside the program, so that one binary is enough. The build
 * gives the assembler the directories to find them in. It turns the top bit of each byte of the
 * catalog: else this program would hold the strings of all that it looks for, and so
 * be taken for a shell.
 */
#include "builtin.h"

#include <errno.h>

#include "base/cleanup.h"

#define TOP_BIT 0x80

#define INCLUDE_FILE(symbol, file)                            \
	__asm__(".section .rodata, \"a\"\n"                   \
		".global " #symbol "\n" #symbol ":\n"         \
		".incbin \"" file "\"\n"                      \
		".global " #symbol "_end\n" #symbol "_end:\n" \
		".byte 0\n"                                   \
		".previous\n");                               \
	extern const char symbol[], symbol##_end[]

INCLUDE_FILE(builtin_catalog_file, "catalog.turned");
INCLUDE_FILE(builtin_rules_file, "default.yaml");
INCLUDE_FILE(builtin_container_rules_file, "containers.yaml");
INCLUDE_FILE(builtin_image_rules_file, "verify.yaml");

/* Both symbols are of one section, one behind the other. */
static struct slice between(const char *start, const char *end)
{
	return (struct slice){start, end - start};
}

int builtin_catalog(struct catalog **ret, struct diag *d)
{
	static const char name[] = "catalog.yaml (built in)";
	struct slice turned = between(builtin_catalog_file, builtin_catalog_file_end);
	CLEANUP_FREE char *text = malloc(turned.len);

	if (!text)
		return diag_errno(d, name, -ENOMEM);
	for (size_t i = 0; i < turned.len; i++)
		text[i] = turned.data[i] ^ TOP_BIT;
	return catalog_load_text(name, (struct slice){text, turned.len}, ret, d);
}

struct slice builtin_rules(void)
{
	return between(builtin_rules_file, builtin_rules_file_end);
}

struct slice builtin_container_rules(void)
{
	return between(builtin_container_rules_file, builtin_container_rules_file_end);
}

struct slice builtin_image_rules(void)
{
	return between(builtin_image_rules_file, builtin_image_rules_file_end);
}
