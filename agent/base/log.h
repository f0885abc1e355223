/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's own messages, one line each on standard error, escaped. Alerts
 * do not go this way.
 */
#pragma once

#include <stdbool.h>

/* Debug messages are printed only after this. */
void log_set_verbose(bool verbose);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
