// SPDX-License-Identifier: BSD-2-Clause
#ifndef VALKYRIA_TESTS_PUPPETS_TIMED_HITS_H
#define VALKYRIA_TESTS_PUPPETS_TIMED_HITS_H

// Fires a probe `count` times, each time as a runtime would: after the events that come before it
// and before those that come after it. Returns the mean time of a hit in nanoseconds, without what
// reading the clock costs. 0: there is no such probe.
double time_hits(const char* probe, long count);

#endif
