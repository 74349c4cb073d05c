# SPDX-License-Identifier: Apache-2.0
"""A certificate authority that lives as long as a test run."""
import hashlib
import os

from .process import run


class Authority:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.ca = os.path.join(directory, "ca.pem")
        self._ca_key = os.path.join(directory, "ca.key")
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=throw-away test authority",
             "-keyout", self._ca_key, "-out", self.ca])

    def certificate(self, *names):
        """Returns (certificate, key) files for the names, which may hold a wildcard."""
        of_all = hashlib.sha256(" ".join(names).encode()).hexdigest()[:12]
        base = os.path.join(self.directory, f"{names[0].replace('*', '_')}-{of_all}")
        certificate, key, request, extensions = (base + e for e in (".pem", ".key", ".csr", ".ext"))
        if not os.path.exists(certificate):
            run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request])
            with open(extensions, "w") as f:
                f.write("subjectAltName=" + ",".join(f"DNS:{n}" for n in names))
            run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._ca_key,
                 "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", certificate])
        return certificate, key
