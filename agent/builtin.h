/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog and the rules that are part of the program: rules/ as it was built. */
#pragma once

#include "barewatch/program.h"
#include "base/slice.h"

/* As catalog_load_text(). */
int builtin_catalog(struct catalog **ret, struct diag *d);
struct slice builtin_rules(void);

/* Those for containers that are not bare. */
struct slice builtin_container_rules(void);

/* Those for the files of images. */
struct slice builtin_image_rules(void);
