// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/shown.h"
#include "config/units.h"

namespace sallyport::cfg::kubernetes {

const Node* View::find(std::string_view key) const {
    if (map_ == nullptr || map_->kind != Node::Kind::Map) return nullptr;
    const auto found = std::ranges::find(map_->items, key, &Node::key);
    if (found == map_->items.end()) return nullptr;
    const bool there = found->kind != Node::Kind::Null && found->kind != Node::Kind::Broken;
    return there ? &*found : nullptr;
}

std::optional<Placed> View::value(std::string_view key) const {
    const Node* node = find(key);
    if (node == nullptr || node->kind != Node::Kind::Scalar) return std::nullopt;
    return Placed{*node, path_of(key), *object_, *report_};
}

std::string View::text(std::string_view key, std::string_view otherwise) const {
    const auto placed = value(key);
    return placed ? placed->text() : std::string(otherwise);
}

std::vector<Placed> View::values(std::string_view key) const {
    std::vector<Placed> placed;
    const Node* node = find(key);
    if (node == nullptr || node->kind != Node::Kind::List) return placed;
    for (std::size_t i = 0; i < node->items.size(); ++i)
        if (node->items[i].kind == Node::Kind::Scalar)
            placed.push_back({node->items[i], item_path(path_of(key), i), *object_, *report_});
    return placed;
}

std::vector<std::string> View::texts(std::string_view key) const {
    std::vector<std::string> out;
    for (const Placed& placed : values(key)) out.push_back(placed.text());
    return out;
}

View View::map(std::string_view key) const {
    return {find(key), path_of(key), *object_, *report_};
}

std::vector<View> View::maps(std::string_view key) const {
    std::vector<View> out;
    const Node* node = find(key);
    if (node == nullptr || node->kind != Node::Kind::List) return out;
    for (std::size_t i = 0; i < node->items.size(); ++i)
        if (node->items[i].kind == Node::Kind::Map)
            out.emplace_back(&node->items[i], item_path(path_of(key), i), *object_, *report_);
    return out;
}

std::vector<Label> View::labels(std::string_view key) const {
    std::vector<Label> out;
    const Node* node = find(key);
    if (node == nullptr || node->kind != Node::Kind::Map) return out;
    for (const Node& item : node->items) out.push_back({item.key, item.text});
    return out;
}

std::optional<std::uint32_t> View::number(std::string_view key, std::uint32_t min,
                                          std::uint32_t max) const {
    const auto placed = value(key);
    if (!placed) return std::nullopt;
    const auto number = parse_number(placed->text());
    if (!number) return std::nullopt;
    if (*number >= min && *number <= max) return static_cast<std::uint32_t>(*number);
    placed->fail(FindingCode::OutOfRange, shown(placed->text()) + " is not in " +
                                              std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
}

std::optional<std::uint16_t> View::port(std::string_view key) const {
    const auto n = number(key, 1, 65535);
    return n ? std::optional(static_cast<std::uint16_t>(*n)) : std::nullopt;
}

std::optional<std::chrono::milliseconds> View::duration(std::string_view key) const {
    const auto placed = value(key);
    if (!placed) return std::nullopt;
    const auto duration = parse_go_duration(placed->text());
    if (duration && duration->count() > 0) return duration;
    if (duration)
        placed->fail(FindingCode::OutOfRange, shown(placed->text()) + " is less than 1ms");
    else
        placed->fail(FindingCode::BadDuration, shown(placed->text()) + " is not a duration",
                     "like 10s, 1.5s or 1h30m");
    return std::nullopt;
}

void View::need(std::string_view key) const {
    const Node* node = find(key);
    const bool filled =
        node != nullptr &&
        (node->kind == Node::Kind::Scalar ? !node->text.empty() : !node->items.empty());
    if (filled) return;
    const bool there = map_ != nullptr && map_->kind == Node::Kind::Map &&
                       std::ranges::find(map_->items, key, &Node::key) != map_->items.end();
    if (node != nullptr)
        report_->add(FindingCode::EmptyList, node->where, path_of(key),
                     {'\'' + std::string(key) + "' is empty"});
    else if (!there)
        fail(FindingCode::MissingKey, '\'' + std::string(key) + "' is missing in " + path_);
}

std::optional<std::chrono::milliseconds> parse_go_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        double factor;
    };
    constexpr auto kUnits =
        std::to_array<Unit>({{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}});
    constexpr double kMax = 1000.0 * 60 * 60 * 24 * 366 * 100;
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        double number = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number,
                                                   std::chars_format::fixed);
        const bool digits = text.front() >= '0' && text.front() <= '9';
        if (error != std::errc{} || !digits) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
        const auto* unit =
            std::ranges::find_if(kUnits, [&](const Unit& u) { return text.starts_with(u.name); });
        if (unit == kUnits.end()) return std::nullopt;
        text.remove_prefix(unit->name.size());
        total += number * unit->factor;
        if (total > kMax) return std::nullopt;
    }
    return std::chrono::milliseconds(std::llround(total));
}

}  // namespace sallyport::cfg::kubernetes
