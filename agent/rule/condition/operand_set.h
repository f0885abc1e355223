/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of operands in order, so that a value is found among many in few steps. Sorted, not
 * hashed: nobody can choose texts that collide.
 */
#pragma once

#include "rule/condition/operand.h"

/* Fewer are as fast one by one. */
#define OPERAND_SET_MIN 9

/* True when sets of TYPE have an order. */
bool operand_set_sortable(enum value_type type);

/* Puts the COUNT operands, which are of TYPE, in order. */
void operand_set_sort(enum value_type type, union operand *operands, size_t count);

/* Whether one of the COUNT operands, which are in order, is equal to TEXT, or NUMBER. */
bool operand_set_has_text(const union operand *operands, size_t count, struct slice text);
bool operand_set_has_number(const union operand *operands, size_t count, value_number number);
