/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a shell with arguments that are made to hurt whoever prints them:
 * `odd_args SHELL [valid]` runs SHELL -c true with, behind it, a newline, escape
 * sequences, quotes, backslashes, format directives, an empty argument and, unless
 * `valid` is given, bytes that are not UTF-8. The shell takes them for $0, $1...
 * The list is repeated in test_podman.sh, which compares it with the alert.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *odd[] = {
	"-c",
	"true",
	"line\nbreak\r\ttab",
	"\033[31mred\033[0m\033]0;title\a",
	"\302\23331m C1, \177 DEL", /* U+009B starts a sequence in some terminals */
	"\342\200\256right to left, \342\200\250separator",
	"%s%n%x ${HOME} `id`",
	"\"double\" 'single' back\\slash \\x41",
	"",
	"{\"rule\":\"forged\"}\n{\"rule\":\"forged\"}",
	"\303\251t\303\251",
	/* a lone byte, an overlong slash, a surrogate, a sequence cut short by the end */
	"\377 \300\257 \355\240\200 \342\202",
	NULL,
};

int main(int argc, char **argv)
{
	enum { ODD_COUNT = sizeof(odd) / sizeof(odd[0]) };
	char *args[1 + ODD_COUNT];

	if (argc < 2) {
		fputs("usage: odd_args SHELL [valid]\n", stderr);
		return 2;
	}
	args[0] = argv[1];
	memcpy(args + 1, odd, sizeof(odd));
	if (argc > 2 && strcmp(argv[2], "valid") == 0)
		args[ODD_COUNT - 1] = NULL;
	execve(argv[1], args, environ);
	perror(argv[1]);
	return 4;
}
