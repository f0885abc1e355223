/* SPDX-License-Identifier: Apache-2.0 */
/* Which subjects a condition can be true of, as far as that can be told without any. */
#pragma once

#include "rule/condition.h"

/*
 * Mask of 1 << enum subject_kind, of the kinds that rules judge: of each other kind CONDITION is never
 * true, as it lacks a field or is no such call. Of those in the mask it may be true.
 */
unsigned condition_reach(const struct rule_condition *condition);
