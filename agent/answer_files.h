/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of a running agent to what a container has used. */
#pragma once

#include "barewatch/control.h"

/*
 * A control_answer_fn of struct answers.
 *
 *   {"request": "files", "container": ID or its beginning or NAME}
 *
 * A line for each entry, {"path", "program", "origin", "use": [WORD, ...], "count", "first_ns",
 * "last_ns"}, times since 1970; then one of the container: {"container": {"id", "name", "image"},
 * "omitted": NUMBER, "opens": whether opens are seen at all}. What is no UTF-8 comes escaped.
 */
control_answer_fn answer_files;
