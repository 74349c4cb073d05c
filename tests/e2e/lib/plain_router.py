# SPDX-License-Identifier: Apache-2.0
"""The kernel in the gate's place, routing without a filter: proves the tests themselves."""
from .families import PLAYED, V4, V6
from .scenario import Skip


class PlainRouter:
    """`ipv6`: of both families, once the scenario has called Wire.add_ipv6()."""

    def __init__(self, lab, ipv6=PLAYED is V6):
        self.wire, self.families = lab.wire, (V4, V6) if ipv6 else (V4,)

    def __enter__(self):
        if not self.wire.routable:
            raise Skip("the kernel has no device here to route by")
        for family in self.families:
            self._begin(family)
        return self

    def _begin(self, family):
        gate = self.wire.gate
        for device, address in (("gi", family.gate_inside), ("go", family.gate_outside)):
            family.switch(gate, device, True)
            gate.ip("addr", "add", f"{address}/{family.length}", "dev", device)
        gate.ip(family.option, "route", "add", "default", "via", family.next_hop)
        gate.sysctl(family.forwarding, 1)
        self.wire.internet.ip(family.option, "route", "add", family.network(family.inside), "via", family.gate_outside)

    def __exit__(self, *_):
        gate = self.wire.gate
        for family in self.families:
            gate.sysctl(family.forwarding, 0)
            self.wire.internet.ip(family.option, "route", "del", family.network(family.inside))
        for device in ("gi", "go"):
            gate.ip("addr", "flush", "dev", device)
            V6.switch(gate, device, False)
