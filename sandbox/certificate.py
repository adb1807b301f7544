"""Whom does the sandbox say it is? Its own small certificate authority and a certificate for this machine.

Kept between starts, so that a product with `ca.pem` in its settings goes on trusting it. The authority's key
is thrown away at once: nobody can sign anything else with it.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=3650)
_RENEW_BEFORE = timedelta(days=30)


def server_context(folder: Path) -> ssl.SSLContext:
    """A TLS context for localhost and 127.0.0.1; makes `ca.pem` and `server.pem` in `folder` where needed."""
    server_file = folder / "server.pem"
    if not (folder / "ca.pem").exists() or _expires_soon(server_file):
        _make(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server_file)
    return context


def _expires_soon(server_file: Path) -> bool:
    if not server_file.exists():
        return True
    try:
        certificate = x509.load_pem_x509_certificate(server_file.read_bytes())
    except ValueError:  # cut off by a full disk: make it again
        return True
    return certificate.not_valid_after_utc < datetime.now(UTC) + _RENEW_BEFORE


def _make(folder: Path) -> None:
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca = _ca_certificate(ca_key)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _server_certificate(key, ca, ca_key)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").unlink(missing_ok=True)  # last to appear: where it is, the pair belongs together
    _write(folder / "server.pem", private + certificate.public_bytes(serialization.Encoding.PEM), 0o600)
    _write(folder / "ca.pem", ca.public_bytes(serialization.Encoding.PEM), 0o644)


def _builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _ca_certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return (
        _builder("Avisa sandbox authority", "Avisa sandbox authority", key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server_certificate(
    key: ec.EllipticCurvePrivateKey, ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    here = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    # Python 3.13 verifies strictly (VERIFY_X509_STRICT): the authority's key identifier must be there.
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return (
        _builder("localhost", "Avisa sandbox authority", key)
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)
