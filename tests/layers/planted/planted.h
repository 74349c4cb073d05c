// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sallyport::planted {

int* make();  // allocates: construction
int pure(const int* values);

}  // namespace sallyport::planted
