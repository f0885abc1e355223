/* SPDX-License-Identifier: Apache-2.0 */
/* Values as JSON. The facade has whole subjects. */
#pragma once

#include <jansson.h>

#include "rule/condition/value.h"

/*
 * VALUE as JSON, null when it is none. *RET_ESCAPED is set when it is a text that is no UTF-8 and
 * had to be escaped, else left as it is. NULL when out of memory.
 */
json_t *value_json(const struct value *value, bool *ret_escaped);
