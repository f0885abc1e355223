/* SPDX-License-Identifier: Apache-2.0 */
/* `nothing [ARG...]`: a program that is allowed. */
int main(void)
{
	return 0;
}
