// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <array>
#include <utility>

#include "config/documents.h"
#include "config/hosts_from.h"
#include "config/kubernetes/import.h"
#include "config/reader.h"
#include "config/report.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// One load: what was asked for, and what became of it.
struct Loading {
    const LoadOptions& options;
    Texts texts;             // what was read, by name; stays where it is
    std::size_t octets = 0;  // of them
    Report report;
    Documents documents;
    Model model;
};

void fail_file(Report& report, const std::string& name, ReadFailure failure) {
    const SourceText& nothing = report.open({}, name);
    report.add(FindingCode::Unreadable, nothing.whole(), {},
               {std::move(failure.message), std::move(failure.remedy)});
}

void read_one(Loading& load, const std::string& path) {
    if (load.texts.contains(path)) {
        const SourceText& nothing = load.report.open({}, path);
        load.report.add(FindingCode::DuplicateFile, nothing.whole(), {},
                        {"the file is named twice", "name it once"});
        return;
    }
    auto text = read_input(load.options.texts, path, kMaxFileBytes);
    if (!text) return fail_file(load.report, path, std::move(text.error()));
    load.octets += text->size();
    if (load.octets > kMaxLoadBytes) {
        const SourceText& nothing = load.report.open({}, path);
        load.report.add(FindingCode::TooLarge, nothing.whole(), {},
                        {"this file and those before it have more than 64 MiB"});
        return;
    }
    const auto kept = load.texts.emplace(path, std::move(*text)).first;
    read_documents(load.report.open(without_byte_order_mark(kept->second), path), load.documents,
                   load.report);
}

// The files that a path stands for: itself, or those of a directory.
std::vector<std::string> files_of(Loading& load, const std::string& path) {
    if (load.options.texts != nullptr || !is_directory(path)) return {path};
    auto files = list_directory(path);
    if (!files) {
        fail_file(load.report, path, std::move(files.error()));
        return {};
    }
    if (files->empty())
        fail_file(load.report, path,
                  {"the directory holds no configuration", "it takes files *.yaml and *.yml"});
    return std::move(*files);
}

void read_files(Loading& load, std::span<const std::string> paths) {
    for (const std::string& path : paths)
        for (const std::string& file : files_of(load, path)) {
            // The last place is for this finding.
            if (load.report.file_count() + 1 == kMaxFiles) {
                const SourceText& nothing = load.report.open({}, file);
                load.report.add(FindingCode::TooManyDocuments, nothing.whole(), {},
                                {"more than " + std::to_string(kMaxFiles - 1) + " files"});
                return;
            }
            read_one(load, file);
        }
}

void refuse_without_native(Loading& load) {
    if (!load.options.to_run || load.documents.native || load.report.has_errors()) return;
    load.report.add(FindingCode::MissingNative, {}, {},
                    {"no document says what the gate's ports and egress addresses are",
                     "add a file that begins with 'apiVersion: sallyport/v1'"});
}

std::chrono::sys_seconds moment_of(const LoadOptions& options) {
    return options.now.value_or(
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

void read_documents_of(Loading& load) {
    Model& model = load.model;
    if (load.documents.native) {
        model.has_native = true;
        read_model(*load.documents.native, model, load.report);
        read_hosts_from(model, load.options, load.texts, load.report);
        validate(model, moment_of(load.options), load.report);
    }
    refuse_without_native(load);
    if (!load.documents.objects.empty()) import_objects(load.documents.objects, model, load.report);
    validate_rule_names(model, load.report);
    if (load.options.running != nullptr && !load.report.has_errors())
        refuse_restart(*load.options.running, model, load.report);
}

}  // namespace

LoadResult load(std::span<const std::string> paths, const LoadOptions& options) {
    Loading load{.options = options, .texts = {}, .report = {}, .documents = {}, .model = {}};
    read_files(load, paths);
    read_documents_of(load);
    LoadResult result;
    if (!load.report.has_errors()) {
        load.model.files = load.report.file_names();
        result.model = std::move(load.model);
    }
    result.findings = load.report.take();
    if (options.keep_texts) result.texts = std::move(load.texts);
    return result;
}

LoadResult load_file(const std::string& path, const LoadOptions& options) {
    return load({&path, 1}, options);
}

LoadResult load_text(std::string_view text, std::string_view file_name) {
    const std::string name(file_name);
    const Texts texts{{name, std::string(text)}};
    return load_file(name, {.texts = &texts});
}

}  // namespace sallyport::cfg
