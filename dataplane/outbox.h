// SPDX-License-Identifier: Apache-2.0
// What a burst leaves behind: frames to send, to hand over and to free, log records and questions.
// The pure layers fill it; the worker empties it after each burst. Also the stock of empty frames from which
// the gate's own packets are made. Nothing here allocates; what does not fit is freed and counted.
#pragma once
#include <array>

#include "dataplane/access_record.h"
#include "dataplane/counters.h"
#include "dataplane/frame.h"
#include "dataplane/resolve/messages.h"
#include "tcpstack/base/fixed_vector.h"

namespace sallyport::dp {

struct Handover {
    Frame frame;
    WorkerIndex owner = 0;
};

class Outbox {
   public:
    // The worker keeps this many empty frames in stock at the start of each burst when it can. Every
    // frame in an outbox came from one burst, from the stock, from the parking lot or from the waiting
    // fragments, so kFramesMax bounds each list.
    static constexpr std::size_t kStockMax = 256;
    static constexpr std::size_t kFramesMax = 1536;
    static constexpr std::size_t kRecordsMax = 256;
    static constexpr std::size_t kQueriesMax = 64;

    explicit Outbox(Counters& counters) : counters_(counters) {}

    // An empty frame (length 0) for a packet of the gate's own. False: none left, counted NoBuffer.
    [[nodiscard]] bool take_empty(Frame& out);

    void send(Frame frame, PortIndex port);
    void free(const Frame& frame);
    void drop(const Frame& frame, Reason reason);  // free and count
    void hand_over(const Frame& frame, WorkerIndex owner);
    // A full list loses the record and counts it (log_records_lost).
    void log(const AccessRecord& record);
    // False: the resolver is behind; counted, and to be asked again later.
    [[nodiscard]] bool ask(const NameQuery& query);

    // For the worker.
    FixedVector<Frame, kStockMax> stock;
    std::array<FixedVector<Frame, kFramesMax>, kPortsMax> to_send;
    FixedVector<Frame, kFramesMax> to_free;
    FixedVector<Handover, kFramesMax> to_hand_over;
    FixedVector<AccessRecord, kRecordsMax> records;
    FixedVector<NameQuery, kQueriesMax> queries;  // what its ring does not take stays for the next time

   private:
    Counters& counters_;
};

}  // namespace sallyport::dp
