// SPDX-License-Identifier: BSD-2-Clause
#ifndef MINIVALK_REQUEST_H
#define MINIVALK_REQUEST_H

#include "connection.h"

// Goes on with what is in the connection's input. True: a request is over, there may be more.
bool request_advance(struct connection* connection);

// The client went away, or we do, before there was an answer.
void request_give_up(struct connection* connection);

// Answers the open request, which is then over. The body is copied.
void request_answer(struct connection* connection, int status, const char* body, size_t length);

// connection.c's: continues after an answer that came from a timer.
void connection_advance(struct connection* connection);

#endif  // MINIVALK_REQUEST_H
