// SPDX-License-Identifier: Apache-2.0
#include "control/version.h"

namespace sallyport::ctl {

std::string_view version() {
    return SALLYPORT_VERSION;
}

}  // namespace sallyport::ctl
