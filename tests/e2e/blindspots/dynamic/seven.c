/* SPDX-License-Identifier: Apache-2.0 */
/* A library with a function that returns 7. */
int seven(void);

int seven(void)
{
	return 7;
}
