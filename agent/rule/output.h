/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output templates, "shell %proc.name in %container.id", taken apart once. "%%"
 * is a percent sign, and so is a '%' that no letter follows. White space in the
 * template that spans lines becomes one space.
 */
#pragma once

#include "barewatch/rule.h"
#include "base/cleanup.h"
#include "rule/field/field.h"
#include "rule/file/source.h"

/* Literals and fields of one template. */
#define OUTPUT_PARTS_MAX 1024

void rule_output_free(struct rule_output *output);
DEFINE_CLEANUP(struct rule_output, rule_output, rule_output_free);

/* ORIGIN may be NULL. 0, or a negative errno with D filled in. */
int rule_output_compile(const char *template, const struct origin *origin, struct rule_output **ret,
	struct diag *d);

/* Field INDEX of those that OUTPUT names, in their order; NULL behind the last. */
const struct field_ref *rule_output_field(const struct rule_output *output, size_t index);
