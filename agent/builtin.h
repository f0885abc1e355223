/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog and the rules that are part of the program: rules/ as it was built. */
#pragma once

#include "base/slice.h"

struct slice builtin_catalog(void);
struct slice builtin_rules(void);
