/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule set is made of, for those who tell of it. */
#pragma once

#include "rule/file/definitions.h"

/* Belongs to SET. */
const struct definitions *rule_set_definitions(const struct rule_set *set);
