/* SPDX-License-Identifier: Apache-2.0 */
/* Files of processes in /proc, without trusting the names in them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROC_FILE_MAX 65536 /* bytes: a path of a cgroup for each hierarchy; 8 for each process */

/* The file NAME of PID, NULL when it cannot be read; the caller's to free. */
char *proc_read(pid_t pid, const char *name, size_t *ret_size);

/* When PID was started, in clock ticks, and by whom. False when it is gone. */
bool process_stat(pid_t pid, uint64_t *ret_start, pid_t *ret_parent);

/* Same of the process whose directory /proc/PID PROC is open for. */
bool process_stat_at(int proc, uint64_t *ret_start, pid_t *ret_parent);

/* The inode number of PID's mount namespace; 0 when it is not known. */
uint32_t process_mnt_ns(pid_t pid);

/* Resident memory of this process in bytes; 0 when it cannot be read. */
uint64_t process_resident_bytes(void);

/* NS, a time since the machine was booted, in the clock ticks that process_stat() gives. */
uint64_t process_ticks(uint64_t ns);
uint64_t process_ticks_ns(uint64_t ticks);
