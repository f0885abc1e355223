/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `exec32 FILE ARGV0 [ARG...]`: a 32-bit program, which needs no library, runs the file. On
 * other machines than x86-64 it is an ordinary program, which fails.
 */
#if defined(__i386__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov (%esp), %eax\n" /* argc, argv, NULL, environ */
	"	lea 8(%esp,%eax,4), %edx\n"
	"	mov 8(%esp), %ebx\n"
	"	lea 12(%esp), %ecx\n"
	"	mov $11, %eax\n" /* execve */
	"	int $0x80\n"
	"	mov $4, %ebx\n"
	"	mov $1, %eax\n" /* exit */
	"	int $0x80\n");
#else
int main(void)
{
	return 4;
}
#endif
