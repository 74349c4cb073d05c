// SPDX-License-Identifier: Apache-2.0
// Rows of the field table (schema.h): how the gateway is asked and told, and what it writes.
#pragma once
#include <array>

#include "config/bind.h"
#include "config/field.h"
#include "config/fields_common.h"
#include "config/model.h"

namespace sallyport::cfg {

inline constexpr auto kOperationFields = std::to_array<Field>({
    {.path = "control", .type = Type::Section, .help = "How the gateway is asked and told."},
    {.path = "control.socket",
     .type = Type::Path,
     .default_text = "/run/sallyport/control.sock",
     .limits = {1, 107},
     .help = "The Unix socket of the control API.",
     .access = bind<&Model::control, &Control::socket>()},
    {.path = "control.state",
     .type = Type::Path,
     .default_text = "/var/lib/sallyport",
     .limits = {1, 4095},
     .help = "The directory where the last good configurations are kept.",
     .access = bind<&Model::control, &Control::state>()},
    {.path = "control.listen",
     .type = Type::Text,
     .default_text = "127.0.0.1:9464",
     .later = kLaterOperating,
     .help = "Address and port of the read-only API and metrics."},
    {.path = "control.groups",
     .type = Type::Text,
     .list = true,
     .later = kLaterOperating,
     .help = "Which groups of users may do what."},

    {.path = "log", .type = Type::Section, .help = "What is written where."},
    {.path = "log.access",
     .type = Type::Section,
     .help = "One line for each session; of HTTP, one for each request."},
    {.path = "log.access.path",
     .type = Type::PathOrStdout,
     .default_text = "stdout",
     .limits = {1, 4095},
     .live = Live::Reload,
     .help = "A file to append to, or stdout.",
     .access = bind<&Model::access_log, &AccessLog::path>()},
    {.path = "log.access.format",
     .type = Type::Choice,
     .default_text = "istio",
     .live = Live::Reload,
     .help = "istio: the text form of Istio's sidecars.",
     .access = bind<&Model::access_log, &AccessLog::format>()},
    {.path = "log.access.query",
     .type = Type::Choice,
     .default_text = "keep",
     .live = Live::Reload,
     .help = "Whether the path of an HTTP request in the log includes its query, which may hold "
             "secrets.",
     .access = bind<&Model::access_log, &AccessLog::query>()},
    {.path = "log.level",
     .type = Type::Choice,
     .default_text = "info",
     .words = kLogLevels,
     .live = Live::Reload,
     .help = "What the daemon tells of itself.",
     .access = bind<&Model::log_level>()},
});

}  // namespace sallyport::cfg
