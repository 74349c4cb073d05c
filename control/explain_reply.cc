// SPDX-License-Identifier: Apache-2.0
#include "control/explain_reply.h"

#include <charconv>

#include "control/explain_question.h"
#include "control/explanation.h"
#include "control/registrable.h"

namespace sallyport::ctl {
namespace {

// A text that is no number is a port that cannot be.
std::uint32_t port_of(const std::string& text) {
    std::uint32_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() ? port : 0;
}

QuestionText question_text(std::span<const std::optional<std::string>> texts) {
    QuestionText out{texts[0], texts[1], texts[2], texts[3], texts[5], std::nullopt};
    if (texts[4]) out.port = port_of(*texts[4]);
    return out;
}

}  // namespace

Reply explain_reply(const ApiContext& context, std::span<const std::optional<std::string>> texts) {
    const auto question = question_of(question_text(texts));
    if (!question)
        return error_reply(400, "bad_parameter", question.error(), "see GET /v1 for what it takes");
    const Running running = context.reload->running();
    const auto known = context.find_name(question->name);
    const auto public_address = [&](const dp::EgressSet& set) {
        const IpAddr towards = question->destination.value_or(question->source);
        return context.dataplane->public_address(set, question->source, towards.family());
    };
    const auto explanation = explanation_json(
        {.model = *running.model,
         .generation = *running.generation,
         .question = *question,
         .options = {.rule_ids = running.rule_ids,
                     .at = running.compiled_at,
                     .registrable = registrable_domain},
         .addresses = known ? known->addresses : std::span<const IpAddr>{},
         .public_address = public_address});
    return {200, Json{{"explanation", explanation}, {"generation", running.generation->id}}, {}};
}

}  // namespace sallyport::ctl
