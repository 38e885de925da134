// SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only)
//
// A size assertion that both compilers check.
#ifndef VALKYRIA_ABI_ASSERT_H
#define VALKYRIA_ABI_ASSERT_H

#ifdef __cplusplus
#define VALK_ASSERT_SIZE(type, bytes) static_assert(sizeof(struct type) == (bytes), #type)
#else
#define VALK_ASSERT_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)
#endif

#endif
