"""A certification authority and a time-stamping authority of a test's own, answering over HTTP on the loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.keys.internal import translate_pyca_cryptography_cert_to_asn1, translate_pyca_cryptography_key_to_asn1
from pyhanko.sign.timestamps import DummyTimeStamper

PASSPHRASE = "only-for-tests"
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Place:
    """Where they answer, and the files that an installation would be given."""

    url: str
    pkcs12: Path
    roots: Path
    asked: list[str]


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class _Authority:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.now = datetime.now(UTC)
        builder = self._builder("Test root", self.key.public_key())
        self.root = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
            self.key, hashes.SHA256()
        )

    def _builder(self, name: str, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named("Test root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - timedelta(days=1))
            .not_valid_after(self.now + YEAR)
        )

    def issue(
        self, name: str, url: str, *, stamps: bool = False
    ) -> tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, x509.Certificate]:
        """A key and its certificate, which says where the list of revoked ones is."""
        # pyHanko's time-stamper signs with RSA only.
        key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        place = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{url}/crl")], None, None, None)
        builder = self._builder(name, key.public_key()).add_extension(usage, critical=True)
        builder = builder.add_extension(x509.CRLDistributionPoints([place]), critical=False)
        if stamps:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return key, builder.sign(self.key, hashes.SHA256())

    def revoked(self) -> bytes:
        """The list, with nobody on it."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(_named("Test root"))
        builder = builder.last_update(self.now - timedelta(hours=1)).next_update(self.now + YEAR)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


@contextmanager
def authorities(folder: Path) -> Iterator[Place]:
    """Both, for as long as a test needs them."""
    ca, asked = _Authority(), list[str]()
    stampers: list[DummyTimeStamper] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("application/pkix-crl", ca.revoked())

        def do_POST(self) -> None:
            asked_for = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer("application/timestamp-reply", stampers[0].request_tsa_response(asked_for).dump())

        def _answer(self, media_type: str, body: bytes) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """A test says enough by itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    url = f"http://127.0.0.1:{server.server_port}"
    stamp_key, stamp = ca.issue("Test time-stamping authority", url, stamps=True)
    to_asn1 = translate_pyca_cryptography_cert_to_asn1
    stampers.append(DummyTimeStamper(to_asn1(stamp), translate_pyca_cryptography_key_to_asn1(stamp_key)))
    key, certificate = ca.issue("Bureau of Model Exports", url)
    kept, roots = folder / "signing.p12", folder / "roots.pem"
    wrapped = BestAvailableEncryption(PASSPHRASE.encode())
    kept.write_bytes(pkcs12.serialize_key_and_certificates(b"license", key, certificate, [ca.root], wrapped))
    roots.write_bytes(ca.root.public_bytes(Encoding.PEM))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Place(f"{url}/tsa", kept, roots, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
