// SPDX-License-Identifier: Apache-2.0
#include "config/documents.h"

#include <algorithm>
#include <string>
#include <utility>

#include "config/schema.h"
#include "config/text_check.h"

namespace sallyport::cfg {
namespace {

const Node* entry_of(const Node& root, std::string_view key) {
    const auto found = std::ranges::find(root.items, key, &Node::key);
    return found == root.items.end() ? nullptr : &*found;
}

bool is_empty(const Node& root) {
    return root.kind == Node::Kind::Null || (root.kind == Node::Kind::Map && root.items.empty());
}

// The native language has no `kind`, so that one beside our own version is an unknown key.
bool is_object(const Node& root) {
    const Node* version = entry_of(root, "apiVersion");
    const bool ours = version != nullptr && version->text == kApiVersion;
    return !ours && entry_of(root, "kind") != nullptr;
}

// A file in another language gets one finding, not one for each key.
bool is_our_language(const Node& root, Report& report) {
    const Node* version = entry_of(root, "apiVersion");
    if (version == nullptr || version->kind != Node::Kind::Scalar || version->text == kApiVersion)
        return true;
    Model unused;
    read_version({*version, *find_field({}, "apiVersion"), version->key, report}, unused);
    return false;
}

void add_native(Node root, Documents& documents, Report& report) {
    if (!is_our_language(root, report)) return;
    if (!documents.native) {
        documents.native = std::move(root);
        return;
    }
    const Mark first = documents.native->where.mark;
    report.add(FindingCode::SecondDocument, root.where, {},
               {"a second native document begins here (the first: " +
                    report.place_text(first, root.where.mark) + ')',
                "write one, and objects of Kubernetes beside it"});
}

void add_document(Node root, Documents& documents, Report& report) {
    if (root.kind == Node::Kind::Broken) return;
    if (root.kind != Node::Kind::Map)
        report.add(FindingCode::WrongType, root.where, {},
                   {"a configuration is a map of keys and values"});
    else if (is_object(root))
        documents.objects.push_back(std::move(root));
    else
        add_native(std::move(root), documents, report);
}

}  // namespace

std::string_view without_byte_order_mark(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text;
}

void read_documents(const SourceText& source, Documents& documents, Report& report) {
    const std::size_t errors = report.error_count();
    if (!check_text(source, report)) return;
    auto roots = parse_yaml(source, report, documents.room);
    if (!roots) return;
    // A document without content is what a superfluous '---' makes.
    std::erase_if(*roots, is_empty);
    if (roots->empty() && report.error_count() == errors)
        report.add(FindingCode::Empty, source.whole(), {},
                   {"the configuration is empty",
                    "begin the file with 'apiVersion: " + std::string(kApiVersion) + '\''});
    for (Node& root : *roots) add_document(std::move(root), documents, report);
}

}  // namespace sallyport::cfg
