// SPDX-License-Identifier: Apache-2.0
// While it lives, the calling thread takes no signals, and the threads that it starts never will: signals are
// for control's main thread.
#pragma once
#include <pthread.h>

#include <csignal>

namespace sallyport::dp {

class SignalsBlocked {
   public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

   private:
    sigset_t before_;
};

}  // namespace sallyport::dp
