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

/*
 * Name INDEX of them, and its reason; NULL behind the last. A name that ends in a dot stands for
 * all that begin with it. Arguments of calls are not among them, being whatever the call has.
 */
const char *field_falco_at(size_t index, const char **ret_reason);
