// SPDX-License-Identifier: BSD-2-Clause
//
// Clients that get no connection.
#ifndef MINIVALK_SHED_H
#define MINIVALK_SHED_H

#include "server.h"

#define SHED_MAX 64  // that may linger in one system

// The pool has run out: an answer, then the end; no connection, no states. It lingers until the
// client has gone too, since closing on unread bytes would destroy the answer.
void shed_for_load(struct server* server);

// An accept that fails, as one without file descriptors would.
void shed_as_failed(struct server* server);

void shed_stop(struct system* system);

#endif  // MINIVALK_SHED_H
