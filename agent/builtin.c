/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of rules/ inside the program, so that one binary is enough. The build
 * gives the assembler the directory to find them in.
 */
#include "builtin.h"

#define INCLUDE_FILE(symbol, file)                            \
	__asm__(".section .rodata, \"a\"\n"                   \
		".global " #symbol "\n" #symbol ":\n"         \
		".incbin \"" file "\"\n"                      \
		".global " #symbol "_end\n" #symbol "_end:\n" \
		".byte 0\n"                                   \
		".previous\n");                               \
	extern const char symbol[], symbol##_end[]

INCLUDE_FILE(builtin_catalog_file, "catalog.yaml");
INCLUDE_FILE(builtin_rules_file, "default.yaml");

/* Both symbols are of one section, one behind the other. */
static struct slice between(const char *start, const char *end)
{
	return (struct slice){start, end - start};
}

struct slice builtin_catalog(void)
{
	return between(builtin_catalog_file, builtin_catalog_file_end);
}

struct slice builtin_rules(void)
{
	return between(builtin_rules_file, builtin_rules_file_end);
}
