/* SPDX-License-Identifier: Apache-2.0 */
/* What is no mistake in rules, but can hardly be meant. */
#pragma once

#include "rule/file/definitions.h"

/*
 * Says in DIAGS, of compiled DEFINITIONS whose files are still there, which rules can
 * never fire, or always do, and what nobody uses. 0 or -ENOMEM.
 */
int definitions_warn(const struct definitions *definitions, struct diags *diags);
