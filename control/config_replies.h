// SPDX-License-Identifier: Apache-2.0
// What the routes below /v1/config answer. `request` is a body that request_body.h has checked.
#pragma once
#include "control/reload.h"
#include "control/routes.h"

namespace sallyport::ctl {

Json config_reply(const Reload& reload);
Json history_reply(const Reload& reload);
Reply diff_reply(Reload& reload, const Json& request);
Reply apply_reply(Reload& reload, const Json& request);
Reply confirm_reply(Reload& reload);
Reply rollback_reply(Reload& reload, const Json& request);

}  // namespace sallyport::ctl
