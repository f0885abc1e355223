/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program: what starting it costs is the start. Also linked as a shell, by name. */
int main(void)
{
	return 0;
}
