"""Signatures of bundles by an SSH key: who made a bundle, which a seal cannot say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shidian.errors import AuditError
from shidian.whole_files import whole

VARIABLE = "SHIDIAN_SIGNING_KEY"
"""Environment variable that names the author's key: the private key, or the public one of a key in an agent."""
ENDING = ".sig"
_NAMESPACE = "shidian-bundle"
_WHO = "author"


@dataclass(frozen=True)
class Signature:
    """What is known of a bundle's signature: whether it is right (None = not known), and the words for it."""

    right: bool | None
    text: str


def signing_key() -> str:
    """Return the author's key, "" where none is configured."""
    return os.environ.get(VARIABLE, "")


def sign(bundle: Path, key: str) -> Path:
    """Sign a bundle and return the signature's file, beside it.

    Raises:
        AuditError: no ``ssh-keygen``, no such key, or a key that cannot be used without a passphrase.
    """
    if not Path(key).is_file():
        raise AuditError(f"{VARIABLE} names {key}, where there is no file; unset it to write bundles without signature")
    target = bundle.with_name(bundle.name + ENDING)
    done = _keygen("sign", "-f", key, content=bundle)
    if done.returncode:
        raise AuditError(
            f"{bundle.name} was not signed with {key}: {_said(done)}; a key with a passphrase must be in ssh-agent, "
            f"and {VARIABLE} name its public half"
        )
    with whole(target) as part:
        part.write_bytes(done.stdout)
    return target


def check_signature(bundle: Path, signature: Path | None, signer: Path | None) -> Signature:
    """Check the signature of a bundle.

    Args:
        bundle: the zip.
        signature: its signature; the file beside it where None.
        signer: the author's public key, or a file of allowed signers as ``ssh-keygen`` reads it; None where unknown.
    """
    place = signature or bundle.with_name(bundle.name + ENDING)
    if not place.is_file():
        asked = signature is not None or signer is not None
        return Signature(False if asked else None, f"none ({place.name} is not there)")
    if shutil.which("ssh-keygen") is None:
        return Signature(False if signer else None, "not checked: there is no ssh-keygen on this machine")
    if signer is None:
        done = _keygen("check-novalidate", "-s", str(place), content=bundle)
        found = _key_of(_said(done))
        if done.returncode:
            return Signature(False, f"{place.name} is no signature of this file: {_said(done)}")
        return Signature(None, f"made with the key {found}, whose owner is not known here: --signer FILE names it")
    with tempfile.TemporaryDirectory() as folder:
        allowed, who = _allowed(signer, Path(folder))
        done = _keygen("verify", "-f", str(allowed), "-I", who, "-s", str(place), content=bundle)
    if done.returncode:
        return Signature(False, f"{place.name} is not the signature of the key in {signer}: {_said(done)}")
    return Signature(True, f"by the key {_key_of(_said(done))} of {signer.name}")


def _allowed(signer: Path, folder: Path) -> tuple[Path, str]:
    """Return a file of allowed signers and the one who must have signed.

    Raises:
        AuditError: a file with no public key.
    """
    text = signer.read_text(encoding="utf-8", errors="replace") if signer.is_file() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines or not any(_KEY.search(line) for line in lines):
        raise AuditError(f"{signer}: no public key of an author (a line such as 'ssh-ed25519 AAAA...')")
    if not _KEY.match(lines[0]):
        return signer, lines[0].split()[0].split(",")[0]
    made = folder / "allowed"
    made.write_text("".join(f"{_WHO} {line}\n" for line in lines), encoding="utf-8")
    return made, _WHO


_KEY = re.compile(r"(ssh-|ecdsa-|sk-)[\w@.-]+ AAAA")


def _keygen(what: str, *options: str, content: Path) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise AuditError("there is no ssh-keygen on this machine (on Debian: apt-get install openssh-client)")
    with content.open("rb") as file:
        command = [program, "-Y", what, "-n", _NAMESPACE, *options]
        return subprocess.run(command, stdin=file, capture_output=True, check=False, start_new_session=True)


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stderr + (b"" if done.stdout.startswith(b"-----") else done.stdout)).decode("utf-8", "replace")
    return " ".join(text.split())


def _key_of(text: str) -> str:
    found = re.search(r"SHA256:[\w+/=]+", text)
    return found[0] if found else "of unknown name"
