// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_HANDLER_H
#define MINIVALK_HANDLER_H

#include "connection.h"

// Has the Lisp function `handle` decide the answer to the open request, and answers at once or,
// if it says so, after a delay.
void handler_run(struct connection* connection);

// Forgets the delayed answer, if there is one.
void handler_cancel(struct connection* connection);

#endif  // MINIVALK_HANDLER_H
