"""Attacks by the file itself: archives, devices, links, names."""

import gzip
import io
import lzma
import os
import socket
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from hostile.attack import ACCEPTED, REFUSED, Attack, case

Maker = Callable[[Path], None]


def special(secret: str) -> list[Attack]:
    regular = "a case is a file; nothing else is opened, or no more of it is read than a case may have"

    def link_to(target: str) -> Maker:
        return lambda path: path.symlink_to(target)

    def listening(path: Path) -> None:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket may be no longer than some hundred bytes
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
        os.chdir(here)

    def sparse(path: Path) -> None:
        with path.open("wb") as file:
            file.write(case().encode())
            file.truncate(50_000_000_000)

    return [
        Attack("special/folder.ttl", lambda path: path.mkdir(), REFUSED, "folder", regular),
        Attack("special/fifo.ttl", lambda path: os.mkfifo(path), REFUSED, "(?i)no file|not a|regular|pipe", regular),
        Attack("special/socket.ttl", listening, REFUSED, "(?i)cannot be read|no file|not a|regular", regular),
        Attack("special/loop.ttl", lambda path: path.symlink_to(path.name), REFUSED, "(?i)cannot be read|no such|loop|link", regular),
        Attack("special/nowhere.ttl", link_to("/nowhere/x.ttl"), REFUSED, "no such file", regular),
        Attack("special/zeros.ttl", link_to("/dev/zero"), REFUSED, ".", regular),
        Attack("special/random.ttl", link_to("/dev/urandom"), REFUSED, ".", regular),
        Attack("special/null.ttl", link_to("/dev/null"), REFUSED, ".", regular),
        Attack("special/memory.ttl", link_to("/proc/self/mem"), REFUSED, ".", regular),
        Attack("special/environment.ttl", link_to("/proc/self/environ"), REFUSED, ".", "no RDF; and what it says is not told", label=None),
        Attack("special/sparse.ttl", sparse, REFUSED, "(?i)bytes|large|long|limit", "issue 5: a limit on bytes"),
    ]  # fmt: skip


def names() -> list[Attack]:
    shown = "a name is shown as text, without anything that steers a terminal"
    return [
        Attack(f"names/{name}.ttl", case(), ACCEPTED, "valid", shown)
        for name in (
            "\x1b[31mred", "a\nb", "\u202egpj", "=1+1", "-x", "<img src=x>", "[bold]x[", "a b", "%s{0}", "'\"", "ä\u0301", "a" * 240, "$(id)", "*",
        )
    ]  # fmt: skip


def archives() -> list[Attack]:
    valid, mib = case().encode(), 1 << 20
    nothing_written = "nothing is unpacked to the disk; a member's name is only a name"
    bounded = "issue 5: limits on bytes; no archive unpacks without bound"

    def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return out.getvalue()

    def tarred(*members: tuple[str, bytes, str], size: int | None = None) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for name, kind, target in members:
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, target
                info.size = len(valid) if kind == tarfile.REGTYPE else 0
                archive.addfile(info, io.BytesIO(valid) if kind == tarfile.REGTYPE else None)
        return out.getvalue()

    def bomb(write: Callable[[Path], io.BufferedIOBase | gzip.GzipFile | lzma.LZMAFile], mibs: int) -> Maker:
        def made(path: Path) -> None:
            with write(path) as file:
                for _ in range(mibs):
                    file.write(b" " * mib)

        return made

    def zip_bomb(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number in range(25):
                archive.writestr(f"{number}.ttl", b" " * (60 * mib))

    def link(name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o120777 << 16
        return info

    lying = bytearray(zipped(("a.ttl", b" " * 10_000_000)))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # the size that is stated
        lying[lying.index(signature) + place :][:4] = b""
        struct.pack_into("<I", lying, lying.index(signature) + place, 10)
    file, linked = tarfile.REGTYPE, tarfile.SYMTYPE
    return [
        Attack("archives/slip.zip", zipped(("../../../slipped.ttl", valid), ("/tmp/slipped.ttl", valid.replace(b"hostile#", b"b#"))), ACCEPTED, "", nothing_written, batch_only=True),
        Attack("archives/slip.tar", tarred(("../../../slipped.ttl", file, ""), ("/etc/slipped.ttl", file, "")), ACCEPTED, "", nothing_written, batch_only=True),
        Attack("archives/links.tar", tarred(("a.ttl", linked, "/etc/passwd"), ("b.ttl", tarfile.LNKTYPE, "/etc/passwd"), ("c.ttl", linked, "c.ttl")), REFUSED, "a link, a device", nothing_written, batch_only=True),
        Attack("archives/devices.tar", tarred(("a.ttl", tarfile.CHRTYPE, ""), ("b.ttl", tarfile.BLKTYPE, ""), ("c.ttl", tarfile.FIFOTYPE, "")), REFUSED, "a link, a device", nothing_written, batch_only=True),
        Attack("archives/link.zip", zipped((link("a.ttl"), b"/etc/passwd")), REFUSED, "a.ttl", "a link holds the name of a file, which is no RDF", batch_only=True),
        Attack("archives/nested.zip", zipped(("a.zip", zipped(("b.zip", zipped(("c.ttl", valid))))),), REFUSED, "packed inside an archive", bounded, batch_only=True),
        Attack("archives/names.zip", zipped(("\x1b[31mred.ttl", valid), ("a\nb.ttl", valid)), ACCEPTED, "", "names are shown as text", batch_only=True),
        Attack("archives/twice.zip", zipped(("a.ttl", valid), ("A.ttl", valid)), ACCEPTED, "", "two members, each read", batch_only=True),
        Attack("archives/lying.zip", bytes(lying), REFUSED, "a.ttl|unpacked|empty", "what is stated of a size is not believed", batch_only=True),
        Attack("archives/truncated.zip", zipped(("a.ttl", valid))[:-30], REFUSED, "cannot be unpacked", "damaged", batch_only=True),
        Attack("archives/truncated.tar", tarred(("a.ttl", file, ""))[:700], REFUSED, "unpacked|a.ttl", "damaged", batch_only=True),
        Attack("archives/no-archive.tar.xz", b"\xfd7zXZ\x00" + os.urandom(1_000), REFUSED, "cannot be unpacked", "damaged", batch_only=True),
        Attack("archives/many-members.zip", zipped(*((f"{n}.txt", b"") for n in range(20_000))), REFUSED, "no file of a known extension", "nothing to read", batch_only=True, slow=True),
        Attack("archives/bomb.zip", zip_bomb, REFUSED, "unpacks to more|empty|bytes", bounded, batch_only=True, slow=True),
        Attack("archives/bomb.ttl.gz", bomb(lambda path: gzip.open(path, "wb", 1), 300), REFUSED, "bytes", bounded, batch_only=True, slow=True),
        Attack("archives/bomb.ttl.xz", bomb(lambda path: lzma.open(path, "wb", preset=0), 300), REFUSED, "bytes", bounded, batch_only=True, slow=True),
        Attack("archives/bomb-of-lines.nq.gz", bomb(lambda path: gzip.open(path, "wb", 1), 1_200), REFUSED, "bytes|unpacks", bounded, batch_only=True, slow=True),
        Attack("archives/window.ttl.xz", window_of_xz(valid), REFUSED, "unpacked|memory", "no stated size of a dictionary is granted unseen", batch_only=True),
    ]  # fmt: skip


def window_of_xz(content: bytes) -> bytes:
    """A file that asks for a dictionary of 4 GiB."""
    packed = bytearray(lzma.compress(content, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 4096}]))
    start = 12  # after the header of the stream stands that of the block: its size, flags, filters, padding, CRC32
    size = (packed[start] + 1) * 4
    packed[packed.index(b"\x21\x01", start, start + size) + 2] = 40
    packed[start + size - 4 : start + size] = struct.pack("<I", zlib.crc32(bytes(packed[start : start + size - 4])))
    return bytes(packed)
