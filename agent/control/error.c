/* SPDX-License-Identifier: Apache-2.0 */
/* The words by which errors go over the control socket. */
#include <errno.h>
#include <string.h>

#include "control/control.h"

static const struct {
	int error;
	const char *code;
} errors[] = {
	{-EIO, "internal"},
	{-EINVAL, "bad_request"},
	{-EBUSY, "busy"},
	{-EFBIG, "too_large"},
	{-ENXIO, "not_found"},
	{-ENOTUNIQ, "ambiguous"},
	{-ESTALE, "gone"},
};

const char *control_error_code(int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i].error == error)
			return errors[i].code;
	return errors[0].code;
}

int control_error_of(const char *code)
{
	for (size_t i = 0; code && i < ARRAY_SIZE(errors); i++)
		if (strcmp(errors[i].code, code) == 0)
			return errors[i].error;
	return errors[0].error;
}
