# SPDX-License-Identifier: Apache-2.0
"""Processes that the tests start, each known by its pid and ended again by it."""
import os
import signal
import subprocess

from .waiting import wait_until

_running = []


class Process:
    """A started program. Its standard output and error go to `log`, one file."""

    def __init__(self, argv, log, ns=None, stdin=subprocess.DEVNULL):
        self.argv = [str(a) for a in argv]
        self.log = log
        command = (["ip", "netns", "exec", ns.name] if ns else []) + self.argv
        self._begin = os.path.getsize(log) if os.path.exists(log) else 0
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(command, stdin=stdin, stdout=out, stderr=out,
                                          start_new_session=True)
        self.pid = self.popen.pid
        _running.append(self)

    def text(self):
        """What it printed; the log may hold the output of earlier programs before it."""
        with open(self.log, "rb") as f:
            f.seek(self._begin)
            return f.read().decode(errors="replace")

    def running(self):
        return self.popen.poll() is None

    def wait(self, seconds=10):
        try:
            return self.popen.wait(seconds)
        finally:
            if self.popen.returncode is not None and self in _running:
                _running.remove(self)

    def stop(self, sig=signal.SIGTERM, seconds=10):
        """Asks it to end; kills it when it does not. Returns the exit status."""
        if self.running():
            self.popen.send_signal(sig)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.wait()

    def wait_for_text(self, needle, seconds=5):
        """Waits until the log holds `needle`; fails at once when the program ends without it."""
        def there():
            if needle in self.text():
                return True
            if not self.running() and needle not in self.text():
                raise AssertionError(f"{self.argv[0]} ended early: {self.text()[-2000:]}")
            return False
        wait_until(f"{needle!r} from {self.argv[0]}", there, seconds)


def stop_all():
    """Ends what is still running; for the way out."""
    for process in list(_running):
        process.stop(signal.SIGKILL)


def run(argv, ns=None, seconds=30, check=True, text=True, data=None):
    """Runs to the end and returns the CompletedProcess with stdout and stderr captured."""
    command = (["ip", "netns", "exec", ns.name] if ns else []) + [str(a) for a in argv]
    done = subprocess.run(command, capture_output=True, text=text, timeout=seconds, input=data,
                          check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr}")
    return done
