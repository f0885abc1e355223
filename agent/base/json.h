/* SPDX-License-Identifier: Apache-2.0 */
/* Scope-bound release of jansson's values. */
#pragma once

#include <jansson.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(json_t, json, json_decref);
#define CLEANUP_JSON CLEANUP(json_cleanup)
