/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound release of what a local variable owns, and the words by which
 * ownership is handed over. Every owning type puts its own attribute beside its
 * definition (DEFINE_CLEANUP); this file has those of the C library.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Hands over what POINTER owns and leaves it empty. */
#define TAKE_PTR(pointer)                       \
	({                                      \
		__auto_type taken_ = (pointer); \
		(pointer) = NULL;               \
		taken_;                         \
	})

/* Hands over the descriptor FD and leaves it empty (-1). */
#define TAKE_FD(fd)                \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

/* Defines name_cleanup(), which gives a pointer variable to FREE when it goes out of scope. */
#define DEFINE_CLEANUP(type, name, free_function)         \
	static inline void name##_cleanup(type **pointer) \
	{                                                 \
		free_function(*pointer);                  \
	}                                                 \
	struct name##_cleanup_takes_a_semicolon

static inline void memory_cleanup(void *pointer)
{
	free(*(void **)pointer);
}

static inline void fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void dir_cleanup(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static inline void file_cleanup(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define CLEANUP_FREE CLEANUP(memory_cleanup)
#define CLEANUP_FD   CLEANUP(fd_cleanup)
#define CLEANUP_DIR  CLEANUP(dir_cleanup)
#define CLEANUP_FILE CLEANUP(file_cleanup)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define STRINGIFY_(text) #text
#define STRINGIFY(text)  STRINGIFY_(text)
