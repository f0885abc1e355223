/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the linker of Go 1.18 and later writes into a program's data, at its start, or behind
 * what C's linker puts there: 14 bytes
 * of magic, the size of a pointer, flags, and from byte 32 on two strings with their
 * lengths before them, the version of Go and the module information, which stands
 * between two times 16 bytes of magic (Go, src/debug/buildinfo/buildinfo.go). Its first line
 * is "path", a tab and the import path of the main package.
 */
#include "program/elf_file.h"

#define MAGIC        "\xff Go buildinf:"
#define MAGIC_BYTES  14
#define ALIGNMENT    16
#define FLAGS_OFFSET 15
#define INLINE       2 /* flag: the strings follow, rather than pointers to them */
#define STRINGS      32 /* offset of the first */
#define VERSION_MAX  256
#define MARK_BYTES   16 /* before and behind the module information */
#define PATH_KEY     "path\t"
#define SEARCH_BLOCK 4096

/*
 * Where in LOAD its data begins: behind what is writable for relocation only, 18 MB in a
 * position-independent docker.
 */
static uint64_t start_of(const struct elf_file *elf, const struct elf_load *load)
{
	uint64_t skip = elf->relro_end - load->address;

	if (elf->relro_end < load->address || skip >= load->size_bytes)
		skip = 0;
	return skip + -(load->address + skip) % ALIGNMENT;
}

/* Offset of the build information in the file, 0 without one. */
static uint64_t find_magic(const struct elf_file *elf, const struct elf_load *load)
{
	unsigned char block[SEARCH_BLOCK];
	uint64_t start = start_of(elf, load);

	for (uint64_t done = 0; done < ELF_GO_SEARCH_MAX && done + start < load->size_bytes;
		done += sizeof(block)) {
		uint64_t at = load->offset + start + done;
		ssize_t size = source_read(elf->source, at, block, sizeof(block));

		for (ssize_t i = 0; i + ALIGNMENT <= size; i += ALIGNMENT)
			if (memcmp(block + i, MAGIC, MAGIC_BYTES) == 0)
				return at + i;
	}
	return 0;
}

/* Takes the length of a string (as protobuf's varint) from *TEXT, and the string. */
static bool take_string(struct slice *text, struct slice *ret)
{
	uint64_t length = 0;
	unsigned shift = 0;
	unsigned char byte;

	do {
		if (text->len == 0 || shift > 28)
			return false;
		byte = *text->data++;
		text->len--;
		length |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	*ret = (struct slice){text->data, length < text->len ? length : text->len};
	text->data += ret->len;
	text->len -= ret->len;
	return true;
}

/* The value of the first line of INFORMATION, of which the rest may be cut off. */
static struct slice path_of(struct slice information)
{
	size_t key = strlen(PATH_KEY), len = 0;

	if (information.len < MARK_BYTES + key ||
		memcmp(information.data + MARK_BYTES, PATH_KEY, key) != 0)
		return (struct slice){0};
	information.data += MARK_BYTES + key;
	information.len -= MARK_BYTES + key;
	while (len < information.len && information.data[len] != '\n')
		len++;
	return (struct slice){information.data, len};
}

static const struct elf_load *first_writable(const struct elf_file *elf)
{
	for (unsigned i = 0; i < elf->loads_count; i++)
		if (elf->loads[i].is_writable)
			return &elf->loads[i];
	return NULL;
}

void elf_file_go_module(const struct elf_file *elf, char *ret, size_t size)
{
	char bytes[STRINGS + VERSION_MAX + MARK_BYTES + sizeof(PATH_KEY) + PROGRAM_MODULE_MAX];
	const struct elf_load *load = first_writable(elf);
	uint64_t offset = load ? find_magic(elf, load) : 0;
	struct slice text, version, information, path;
	ssize_t got = offset ? source_read(elf->source, offset, bytes, sizeof(bytes)) : 0;

	ret[0] = '\0';
	if (got <= STRINGS || !(bytes[FLAGS_OFFSET] & INLINE))
		return;
	text = (struct slice){bytes + STRINGS, got - STRINGS};
	if (!take_string(&text, &version) || !take_string(&text, &information))
		return;
	path = path_of(information);
	if (path.len >= size)
		path.len = size - 1;
	if (path.len > 0)
		memcpy(ret, path.data, path.len);
	ret[path.len] = '\0';
}
