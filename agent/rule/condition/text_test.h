/* SPDX-License-Identifier: Apache-2.0 */
/* The comparisons of texts, one for each operator. Pure; allocate nothing. */
#pragma once

#include "rule/condition/operand.h"

/* Whether TEXT compares with OPERAND by OP; != is tested as =. */
bool text_test(enum operator_kind op, struct slice text, const union operand *operand);
