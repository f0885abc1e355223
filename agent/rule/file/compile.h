/* SPDX-License-Identifier: Apache-2.0 */
/* From definitions to rules that can be matched: every name looked up, every text compiled. */
#pragma once

#include "rule/file/definitions.h"

/*
 * Compiles all of DEFINITIONS, used or not: a mistake is one either way. 0 also when
 * some could not be compiled, which DIAGS says; or -ENOMEM.
 */
int definitions_compile(struct definitions *definitions, struct diags *diags);
