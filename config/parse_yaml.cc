// SPDX-License-Identifier: Apache-2.0
// The only file that meets yaml-cpp and its exceptions. It takes the library's events, not its
// nodes: events show every key, document, tag and alias, and can be stopped at a depth.
#include "config/parse_yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/shown.h"

namespace sallyport::cfg {
namespace {

struct Stop {};  // thrown by the builder through the library when reading on makes no sense

Mark mark_of(const YAML::Mark& mark, std::uint16_t file) {
    return mark.is_null() ? Mark{1, 1, file} : Mark{mark.line + 1, mark.column + 1, file};
}

class TreeBuilder final : public YAML::EventHandler {
   public:
    TreeBuilder(const SourceText& source, Report& report, std::size_t& room)
        : source_(source), report_(report), room_(room) {}

    std::vector<Node> take_roots() { return std::move(roots_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (roots_.size() < kMaxDocuments) return;
        report_.add(FindingCode::TooManyDocuments, place_of(mark), {},
                    {"more than " + std::to_string(kMaxDocuments) + " documents"});
        throw Stop{};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(leaf(Node::Kind::Null, mark, anchor));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        refuse_alias(source_, report_, place_of(mark));
        add(leaf(Node::Kind::Broken, mark, 0));
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        Node node = leaf(Node::Kind::Scalar, mark, anchor);
        if (refuse_tag(node.where, tag)) node.kind = Node::Kind::Broken;
        node.text = value;
        node.quoted = tag != "?";
        node.where.end_column = end_of(node);
        add(std::move(node));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(Node::Kind::List, leaf(Node::Kind::List, mark, anchor), tag);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(Node::Kind::Map, leaf(Node::Kind::Map, mark, anchor), tag);
    }
    void OnMapEnd() override { close(); }

    // `*name`, or what looks like one: an unquoted wildcard.
    static void refuse_alias(const SourceText& source, Report& report, Span where) {
        const std::string_view rest =
            source.text().substr(source.offset_of(where.mark));
        const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n,]}"));
        where.end_column = where.mark.column + static_cast<int>(word.size()) - 1;
        const bool wildcard = word.starts_with("*.");
        report.add(FindingCode::AnchorOrAlias, where, {},
                   {"alias " + shown(word) + " is not accepted",
                    wildcard ? "a wildcard needs quotes: \"" + std::string(word) + '"'
                             : "write the value itself"});
    }

   private:
    struct Frame {
        Node node;
        Node key;
        bool has_key = false;
    };

    Node leaf(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (room_ == 0) {
            report_.add(FindingCode::TooManyDocuments, place_of(mark), {},
                        {"more than " + std::to_string(kMaxNodes) + " values in all files"});
            throw Stop{};
        }
        --room_;
        Node node;
        node.kind = kind;
        node.where = place_of(mark);
        if (anchor != 0)
            report_.add(FindingCode::AnchorOrAlias, node.where, {},
                        {"anchors are not accepted", "write the value where it is used"});
        return node;
    }

    // The library says "?" or nothing for what has no tag, and "!" for what is quoted.
    bool refuse_tag(const Span& where, const std::string& tag) {
        const std::string_view text = source_.text();
        const std::size_t at = source_.offset_of(where.mark);
        const bool written = at < text.size() && text[at] == '!';
        if (!written && (tag.empty() || tag == "?" || tag == "!")) return false;
        report_.add(FindingCode::Tag, where, {}, {"tags are not accepted", "remove " + shown(tag)});
        return true;
    }

    void open(Node::Kind kind, Node node, const std::string& tag) {
        refuse_tag(node.where, tag);
        node.kind = kind;
        if (frames_.size() >= kMaxDepth) {
            report_.add(FindingCode::TooDeep, node.where, {},
                        {"more than " + std::to_string(kMaxDepth) + " levels"});
            throw Stop{};
        }
        frames_.push_back({.node = std::move(node), .key = {}, .has_key = false});
    }

    void close() {
        Node node = std::move(frames_.back().node);
        frames_.pop_back();
        add(std::move(node));
    }

    void add(Node node) {
        if (frames_.empty()) {
            roots_.push_back(std::move(node));
            return;
        }
        Frame& frame = frames_.back();
        if (frame.node.kind == Node::Kind::List) {
            frame.node.items.push_back(std::move(node));
        } else if (!frame.has_key) {
            frame.key = std::move(node);
            frame.has_key = true;
        } else {
            frame.has_key = false;
            add_entry(frame, std::move(node));
        }
    }

    void add_entry(Frame& frame, Node value) {
        const Node& key = frame.key;
        if (key.kind != Node::Kind::Scalar) {
            if (key.kind != Node::Kind::Broken)
                report_.add(FindingCode::KeyNotText, key.where, {}, {"a key must be a text"});
            return;
        }
        if (key.text == "<<" && !key.quoted) {
            report_.add(FindingCode::MergeKey, key.where, {},
                        {"the merge key '<<' is not accepted", "write the keys themselves"});
            return;
        }
        // The library places an absent value where the next token stands.
        if (value.kind == Node::Kind::Null && value.where.mark.line != key.where.mark.line)
            value.where = key.where;
        value.key = key.text;
        value.key_where = key.where;
        frame.node.items.push_back(std::move(value));
    }

    // The last column of a scalar that stands on one line; else that of its first character.
    int end_of(const Node& node) const {
        const std::string_view rest = source_.text().substr(source_.offset_of(node.where.mark));
        std::size_t length = 1;
        if (rest.starts_with('"') || rest.starts_with('\'')) {
            const std::size_t end = rest.find_first_of({&rest[0], 1}, 1);
            const bool one_line = rest.substr(0, end).find('\n') == std::string_view::npos;
            if (end != std::string_view::npos && one_line) length = end + 1;
        } else if (rest.starts_with(node.text) && !node.text.empty()) {
            length = node.text.size();
        }
        return node.where.mark.column + static_cast<int>(length) - 1;
    }

    Span place_of(const YAML::Mark& mark) const {
        return {.mark = mark_of(mark, source_.file()), .end_column = 0};
    }

    const SourceText& source_;
    Report& report_;
    std::size_t& room_;
    std::vector<Node> roots_;
    std::vector<Frame> frames_;
};

// The library names what it missed; the author needs to know what to look at.
std::string syntax_hint(std::string_view error) {
    struct Hint {
        std::string_view error, hint;
    };
    constexpr auto kHints = std::to_array<Hint>({
        {"end of map not found", "check the indentation of this line"},
        {"end of sequence not found", "check the indentation of this line"},
        {"end of map flow not found", "a '}' is missing"},
        {"end of sequence flow not found", "a ']' is missing"},
        {"illegal map value", "a text with ': ' in it needs quotes"},
        {"illegal tab when looking for indentation", "indent with spaces"},
        {"unknown token", "a text that begins with this character needs quotes"},
        {"illegal EOF in scalar", "a closing quote is missing"},
    });
    const auto* found = std::ranges::find(kHints, error, &Hint::error);
    return found == kHints.end() ? std::string() : std::string(found->hint);
}

void refuse_syntax(const SourceText& source, Report& report, const YAML::ParserException& error) {
    const Span where{.mark = mark_of(error.mark, source.file()), .end_column = 0};
    const std::string_view text = source.text();
    const std::size_t at = source.offset_of(where.mark);
    if (at < text.size() && text[at] == '*') {
        TreeBuilder::refuse_alias(source, report, where);
        return;
    }
    const bool tab = source.line(where.mark.line).starts_with('\t');
    report.add(FindingCode::Syntax, where, {},
               {"YAML syntax: " + error.msg, tab ? "indent with spaces" : syntax_hint(error.msg)});
}

// True: read to the end.
bool run(TreeBuilder& builder, const SourceText& source, Report& report) {
    try {
        std::istringstream in{std::string(source.text())};
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
        return true;
    } catch (const Stop&) {
        return false;
    } catch (const YAML::ParserException& error) {
        refuse_syntax(source, report, error);
    } catch (const std::exception& error) {
        report.add(FindingCode::Syntax, {.mark = {1, 1, source.file()}, .end_column = 0}, {},
                   {std::string("the YAML reader failed: ") + error.what()});
    }
    return false;
}

void refuse_duplicate_keys(Report& report, const Node& node, const std::string& path) {
    std::unordered_map<std::string_view, Mark> seen;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const Node& item = node.items[i];
        const bool map = node.kind == Node::Kind::Map;
        const std::string here = map ? child_path(path, item.key) : item_path(path, i);
        if (map) {
            const auto [first, fresh] = seen.try_emplace(item.key, item.key_where.mark);
            if (!fresh)
                report.add(FindingCode::DuplicateKey, item.key_where, here,
                           {"duplicate key " + shown(item.key) + " (first defined at " +
                                std::to_string(first->second.line) + ':' +
                                std::to_string(first->second.column) + ')',
                            "keep one of the two"});
        }
        refuse_duplicate_keys(report, item, here);
    }
}

}  // namespace

std::optional<std::vector<Node>> parse_yaml(const SourceText& source, Report& report,
                                            std::size_t& room) {
    TreeBuilder builder(source, report, room);
    if (!run(builder, source, report)) return std::nullopt;
    std::vector<Node> roots = builder.take_roots();
    if (roots.empty()) roots.emplace_back().where = source.whole();
    for (const Node& root : roots) refuse_duplicate_keys(report, root, {});
    return roots;
}

}  // namespace sallyport::cfg
