/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that Falco has and we do not. A rule that needs one is no mistake: it is about
 * something that is not seen here, and can say so.
 */
#pragma once

#include "base/slice.h"

/*
 * Why there is no field NAME, which may have an argument: "needs evt.type connect", "the environment
 * is not read". NULL when Falco has none of that name either, or when we have it.
 */
const char *field_falco_reason(struct slice name);
