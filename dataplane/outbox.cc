// SPDX-License-Identifier: Apache-2.0
#include "dataplane/outbox.h"

namespace sallyport::dp {

bool Outbox::take_empty(Frame& out) {
    if (stock.empty()) {
        counters_.count(Reason::NoBuffer);
        return false;
    }
    out = stock[stock.size() - 1];
    stock.erase(stock.size() - 1);
    out.length = 0;
    return true;
}

void Outbox::send(Frame frame, PortIndex port) {
    frame.port = port;
    if (!to_send[port].push_back(frame)) drop(frame, Reason::TxFull);
}

void Outbox::free(const Frame& frame) {
    const bool kept = to_free.push_back(frame);
    SP_CHECK(kept);  // a frame that is lost here would leak its buffer
}

void Outbox::drop(const Frame& frame, Reason reason) {
    counters_.count(reason);
    free(frame);
}

void Outbox::hand_over(const Frame& frame, WorkerIndex owner) {
    if (!to_hand_over.push_back({frame, owner})) drop(frame, Reason::HandoverFull);
}

void Outbox::log(const AccessRecord& record) {
    if (!records.push_back(record)) counters_.log_records_lost.add(1);
}

bool Outbox::ask(const NameQuery& query) {
    const bool kept = queries.push_back(query);
    (kept ? counters_.names_asked : counters_.queries_delayed).add(1);
    return kept;
}

}  // namespace sallyport::dp
