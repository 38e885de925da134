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

// Answers with an overload response, for want of an arena or a TCP buffer. In the latter case the
// bytes are lost, so the connection ends.
void request_refuse(struct connection* connection, enum valkyria_overload_reason reason);

// connection.c's: continues after an answer that came from a timer.
void connection_advance(struct connection* connection);

#endif  // MINIVALK_REQUEST_H
