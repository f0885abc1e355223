/* SPDX-License-Identifier: Apache-2.0 */
/* The machine code of `return 7`. */
#pragma once

#if defined(__x86_64__)
static const unsigned char return_seven[] = {0xb8, 7, 0, 0, 0, 0xc3}; /* mov $7,%eax; ret */
#elif defined(__aarch64__)
static const unsigned int return_seven[] = {0x528000e0, 0xd65f03c0}; /* mov w0, #7; ret */
#endif
