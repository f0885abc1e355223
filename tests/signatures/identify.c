/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identify CATALOG [FILE...]: what the bytes of each file tell, a line with tabs for each: its
 * name, class, program, all signatures that fit (with their numbers), what is said of it as
 * an ELF file, number of applets, interpreter, build id, Go module. Without files their
 * names are read from standard input. identify -l CATALOG: the signatures, their number, name and
 * class. identify -m CATALOG: bytes that the compiled ones take.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "identity_line.h"
#include "program/matcher.h"

static void identify(const struct catalog *catalog, const char *path)
{
	static struct program_buffer buffer;
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct program_identity identity;
	int r = fd < 0 ? -errno : program_identify(catalog, fd, UINT64_MAX, &buffer, &identity);

	if (r < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
	else
		print_identity(catalog, slice_of(path), &identity);
}

static void identify_listed(const struct catalog *catalog)
{
	CLEANUP_FREE char *line = NULL;
	size_t capacity = 0;
	ssize_t len;

	while ((len = getline(&line, &capacity, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		identify(catalog, line);
	}
}

static void list(const struct catalog *catalog)
{
	const struct signature_set *set = catalog_signatures(catalog);

	for (size_t i = 0; i < set->count; i++)
		printf("%zu\t%s\t%s\n", i, set->items[i].name,
			program_class_name(set->items[i].class));
}

int main(int argc, char **argv)
{
	const char *option = argc > 2 && argv[1][0] == '-' ? argv[1] : "";
	struct catalog *catalog = NULL;
	struct diag d = {0};

	if (argc < 2 || catalog_load_file(argv[1 + (option[0] != '\0')], &catalog, &d) < 0) {
		fprintf(stderr, "%s:%u:%u: %s\n", d.file, d.line, d.column, d.message);
		return 2;
	}
	if (strcmp(option, "-m") == 0)
		printf("%zu\n", matcher_size_bytes(catalog_signatures(catalog)->matcher));
	if (strcmp(option, "-l") == 0)
		list(catalog);
	for (int i = 2; i < argc && !option[0]; i++)
		identify(catalog, argv[i]);
	if (argc == 2)
		identify_listed(catalog);
	catalog_free(catalog);
	return 0;
}
