// SPDX-License-Identifier: Apache-2.0
#include "control/control_socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <optional>

#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

mode_t mode_of(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

TEST(ControlSocket, IsThereForItsGroupAndGoneAfterwards) {
    TempDir dir;
    {
        const auto socket = ControlSocket::claim(dir / "s");
        ASSERT_TRUE(socket);
        EXPECT_EQ(mode_of(dir / "s"), 0660u);
        EXPECT_TRUE(RawClient(dir / "s").connected());
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(ControlSocket, MakesADirectoryAndRemovesItAgain) {
    TempDir dir;
    {
        const auto socket = ControlSocket::claim(dir / "run/s");
        ASSERT_TRUE(socket);
        EXPECT_EQ(mode_of(dir / "run") & ~0750u, 0u);
        EXPECT_EQ(mode_of(dir / "run") & 0700u, 0700u);
    }
    EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(ControlSocket, DirectoryThatCannotBeMadeNamesTheRemedy) {
    const auto socket = ControlSocket::claim("/nowhere/at/all/s");
    ASSERT_FALSE(socket);
    EXPECT_NE(socket.error().what.find("/nowhere/at/all"), std::string::npos);
    EXPECT_NE(socket.error().remedy.find("control.socket"), std::string::npos);
}

TEST(ControlSocket, RefusesWhileALiveDaemonServesIt) {
    TempDir dir;
    const auto first = ControlSocket::claim(dir / "s");
    ASSERT_TRUE(first);
    const auto second = ControlSocket::claim(dir / "s");
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().what.find("another daemon is serving"), std::string::npos);
    EXPECT_TRUE(RawClient(dir / "s").connected()) << "the refusal must not take the socket away";
}

TEST(ControlSocket, ReplacesAStaleOne) {
    TempDir dir;
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (dir / "s").c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(dead);  // its file stays, as after kill -9
    const auto socket = ControlSocket::claim(dir / "s");
    ASSERT_TRUE(socket) << socket.error().what;
    EXPECT_TRUE(RawClient(dir / "s").connected());
}

TEST(ControlSocket, LeavesAFileThatIsNoSocketAlone) {
    TempDir dir;
    std::ofstream(dir / "s") << "precious";
    const auto socket = ControlSocket::claim(dir / "s");
    ASSERT_FALSE(socket);
    EXPECT_EQ(read_file(dir / "s"), "precious");
}

TEST(ControlSocket, RefusesAPathThatIsTooLong) {
    TempDir dir;
    const auto socket = ControlSocket::claim(dir / std::string(120, 'x'));
    ASSERT_FALSE(socket);
    EXPECT_NE(socket.error().what.find("longer"), std::string::npos);
}

TEST(ControlSocket, DoesNotRemoveTheSocketOfASuccessor) {
    TempDir dir;
    std::optional<ControlSocket> first(ControlSocket::claim(dir / "s").value());
    std::filesystem::remove(dir / "s");
    const auto second = ControlSocket::claim(dir / "s");
    ASSERT_TRUE(second);
    first.reset();
    EXPECT_TRUE(RawClient(dir / "s").connected());
}

}  // namespace
}  // namespace sallyport::ctl
