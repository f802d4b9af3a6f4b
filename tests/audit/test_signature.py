"""Bundles signed by an SSH key, and what is said of the signature."""

import shutil
import subprocess

import pytest
from shidian.audit.signature import VARIABLE, check_signature, sign, signing_key
from shidian.audit.verify.static import verify
from shidian.cli import main
from shidian.errors import AuditError

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen on this machine")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("author", "other"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", folder / name], check=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "a phrase", "-f", folder / "locked"], check=True)
    return folder


@pytest.fixture
def signed(bundle, keys, tmp_path):
    path = tmp_path / "towns.zip"
    shutil.copy2(bundle, path)
    sign(path, str(keys / "author"))
    return path


def test_a_signature_of_the_author_s_key(signed, keys, capsys):
    verdict = verify(signed, signer=keys / "author.pub")
    assert verdict.faults == ()
    assert any(text.startswith("signature: by the key SHA256:") for text in verdict.passed)
    assert main(["verify", str(signed), "--signer", str(keys / "author.pub")]) == 0
    assert "ok  signature: by the key SHA256:" in capsys.readouterr().out
    allowed = signed.with_name("allowed")
    allowed.write_text(f"a@example.org {(keys / 'author.pub').read_text()}", encoding="utf-8")
    assert check_signature(signed, None, allowed).right


def test_a_signature_of_another_key_of_another_file_or_no_signature(signed, keys, tmp_path):
    other = verify(signed, signer=keys / "other.pub").faults
    assert ["is not the signature of the key in" in str(fault) for fault in other] == [True]
    place = signed.with_name("towns.zip.sig")
    text = place.read_text(encoding="utf-8")
    (tmp_path / "x").write_text("another file", encoding="utf-8")
    place.write_bytes(sign(tmp_path / "x", str(keys / "author")).read_bytes())
    for signer in (None, keys / "author.pub"):
        assert "signature" in str(verify(signed, signer=signer).faults)
    place.write_text(text.replace("A", "B"), encoding="utf-8")
    assert "is no signature of this file" in str(verify(signed).faults)
    place.unlink()
    assert verify(signed).faults == ()
    assert "signature: none (towns.zip.sig is not there)" in verify(signed).notes
    assert "none" in str(verify(signed, signer=keys / "author.pub").faults)


def test_a_signature_whose_owner_is_not_known_is_no_assurance(signed):
    verdict = verify(signed)
    assert verdict.faults == ()
    assert any("whose owner is not known here" in note for note in verdict.notes)


def test_keys_that_cannot_sign(bundle, keys, tmp_path, monkeypatch):
    path = tmp_path / "towns.zip"
    shutil.copy2(bundle, path)
    with pytest.raises(AuditError, match=rf"{VARIABLE} names .*none, where there is no file"):
        sign(path, str(tmp_path / "none"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(AuditError, match=r"was not signed .* a key with a passphrase must be in ssh-agent"):
        sign(path, str(keys / "locked"))
    with pytest.raises(AuditError, match="no public key"):
        check_signature(path.with_name("towns.zip"), sign(path, str(keys / "author")), keys / "author")
    monkeypatch.setenv(VARIABLE, "k")
    assert signing_key() == "k"


def test_without_ssh_keygen_it_is_said(signed, keys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_signature(signed, None, None).right is None
    assert check_signature(signed, None, keys / "author.pub").right is False
    with pytest.raises(AuditError, match="no ssh-keygen"):
        sign(signed, str(keys / "author"))
