// SPDX-License-Identifier: Apache-2.0
// SP_ASSERT: a programming error, checked in every build but the release one.
// SP_CHECK: a programming error, checked always. Neither is ever reached by a byte from the wire:
// untrusted input ends in an enum value and a counter.
#pragma once

#ifdef NDEBUG
#define SP_ASSERT(condition) ((void)sizeof(condition))
#else
#define SP_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#endif
#define SP_CHECK(condition) ((condition) ? (void)0 : __builtin_trap())
