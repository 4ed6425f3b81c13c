/* SPDX-License-Identifier: GPL-2.0 */
/* For the .c files of keying only: other headers have a macro of this name. */
#ifndef E2AE_KEYING_ARRAY_H
#define E2AE_KEYING_ARRAY_H

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
