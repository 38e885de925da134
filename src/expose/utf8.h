// Texts of a target are any bytes; every output of ours is UTF-8.
#pragma once

#include "base/utf8.h"

namespace expose {

using base::make_valid_utf8;
using base::valid_utf8;

}  // namespace expose
