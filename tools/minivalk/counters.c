// SPDX-License-Identifier: BSD-2-Clause
#include "counters.h"

struct minivalk_runtime minivalk_runtime;
