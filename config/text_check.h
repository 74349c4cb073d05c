// SPDX-License-Identifier: Apache-2.0
// What is checked before any YAML is read: size, encoding, hidden characters, directives.
#pragma once

namespace sallyport::cfg {

class Report;
class SourceText;

// False: there is a finding and the text must not be read further.
bool check_text(const SourceText& source, Report& report);

}  // namespace sallyport::cfg
