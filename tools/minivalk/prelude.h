// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_PRELUDE_H
#define MINIVALK_PRELUDE_H

// The part of the initial environment that is written in Lisp.
extern const char PRELUDE[];

#endif  // MINIVALK_PRELUDE_H
