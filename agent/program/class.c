/* SPDX-License-Identifier: Apache-2.0 */
/* The words for what a program is. */
#include "barewatch/program.h"

const char *program_class_name(enum program_class class)
{
	static const char *const names[PROGRAM_CLASSES] = {
		[PROGRAM_OTHER] = "other",
		[PROGRAM_SHELL] = "shell",
		[PROGRAM_PACKAGE_MANAGER] = "package_manager",
		[PROGRAM_MULTICALL] = "multicall",
		[PROGRAM_RUNTIME] = "runtime",
		[PROGRAM_INTERPRETER] = "interpreter",
		[PROGRAM_DOWNLOADER] = "downloader",
		[PROGRAM_DEBUGGER] = "debugger",
		[PROGRAM_LOADER] = "loader",
	};

	return names[class];
}
