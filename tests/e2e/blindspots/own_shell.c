/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `own_shell -c COMMAND`: a shell that nobody has seen before. Knows `exit NUMBER`, and
 * everything else as a program with arguments.
 */
#include "blindspot.h"

int main(int argc, char **argv)
{
	char *words[16] = {0}, *rest;
	size_t count = 0;

	if (argc < 3 || strcmp(argv[1], "-c") != 0)
		return FAILED;
	for (char *word = strtok_r(argv[2], " ", &rest); word && count < 15;
		word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	if (count == 2 && strcmp(words[0], "exit") == 0)
		return atoi(words[1]);
	execvp(words[0], words);
	fail(words[0]);
}
