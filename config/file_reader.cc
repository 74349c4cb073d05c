// SPDX-License-Identifier: Apache-2.0
#include "config/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include "config/shown.h"

namespace sallyport::cfg {
namespace {

namespace fs = std::filesystem;

std::error_code last_error() {
    return {errno, std::generic_category()};
}

std::string remedy_of(const std::error_code& error, const std::string& path) {
    if (error == std::errc::no_such_file_or_directory) return "check the path " + shown(path);
    if (error == std::errc::permission_denied)
        return "let the user that runs the program read it (chmod, chown)";
    return "check the file and the device that it is on";
}

std::unexpected<ReadFailure> failed(const std::error_code& error, const std::string& path) {
    return std::unexpected(
        ReadFailure{"the file cannot be read: " + error.message(), remedy_of(error, path)});
}

class Descriptor {
   public:
    // Opening a pipe must not wait for its writer.
    explicit Descriptor(const std::string& path)
        : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    ~Descriptor() {
        if (number_ >= 0) (void)::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

   private:
    int number_;
};

// Reads on until the end or the room is full; a file may be longer or shorter than it just was.
std::error_code fill(int descriptor, std::string& text) {
    std::size_t used = 0;
    while (used < text.size()) {
        const ssize_t n = ::read(descriptor, text.data() + used, text.size() - used);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return last_error();
        if (n == 0) break;
        used += static_cast<std::size_t>(n);
    }
    text.resize(used);
    return {};
}

}  // namespace

Result<std::string, ReadFailure> read_file(const std::string& path, std::size_t limit) {
    const Descriptor file(path);
    if (file.number() < 0) return failed(last_error(), path);
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) return failed(last_error(), path);
    if (!S_ISREG(status.st_mode))
        return std::unexpected(ReadFailure{"the file cannot be read: it is not a regular file",
                                           S_ISDIR(status.st_mode)
                                               ? "name a file, not a directory"
                                               : "name a file, not a pipe, socket or device"});
    const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    std::string text(std::min(size, limit) + 1, '\0');
    if (const std::error_code error = fill(file.number(), text)) return failed(error, path);
    return text;
}

Result<std::string, ReadFailure> read_input(const Texts* texts, const std::string& path,
                                            std::size_t limit) {
    if (texts == nullptr) return read_file(path, limit);
    const auto found = texts->find(path);
    if (found != texts->end()) return found->second;
    return std::unexpected(ReadFailure{"the file cannot be read: it is not among those given",
                                       "hand it in with the configuration"});
}

bool is_directory(const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

Result<std::vector<std::string>, ReadFailure> list_directory(const std::string& path) {
    std::error_code error;
    std::vector<std::string> files;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        const fs::path& file = at->path();
        const bool yaml = file.extension() == ".yaml" || file.extension() == ".yml";
        if (yaml && !file.filename().string().starts_with('.') && !is_directory(file.string()))
            files.push_back(file.string());
    }
    if (error) return failed(error, path);
    std::ranges::sort(files);
    return files;
}

std::string beside(const std::string& file, const std::string& path) {
    return (fs::path(file).parent_path() / path).lexically_normal().string();
}

}  // namespace sallyport::cfg
