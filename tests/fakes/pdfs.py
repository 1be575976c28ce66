"""PDFs as people send them, and as nobody should: made here, byte by byte."""

import io
import zlib
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import NameObject, NumberObject

WORDS = "Ann Example wrote compilers in Python and Rust for nine years."


def pdf(*pages: str) -> bytes:
    """Return a PDF whose pages hold one line each; an empty one is a page without text."""
    return pdf_of([_line(page) if page else b"" for page in pages])


def pdf_of(contents: Sequence[bytes], filter_: bytes = b"") -> bytes:
    """Return a PDF whose pages have these content streams."""
    first = 4  # 1: catalogue, 2: pages, 3: font
    kids = b" ".join(b"%d 0 R" % (first + 2 * number) for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, content in enumerate(contents):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (first + 2 * number + 1),
            b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), filter_, content),
        ]
    return file_of(objects)


def file_of(objects: Sequence[bytes]) -> bytes:
    """Return a PDF made of these objects, the first of which is its catalogue."""
    out = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def encrypted(data: bytes, *, password: str) -> bytes:
    """Return `data` encrypted; an empty password only keeps readers from printing."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """Return a small PDF whose only page unpacks to `size` bytes."""
    return pdf_of([zlib.compress(b" " * size, 9)], b"/Filter /FlateDecode")


def deeply_nested(depth: int) -> bytes:
    """Return a PDF whose catalogue is an array in an array in an array …"""
    return file_of([b"<< /Type /Catalog /Pages " + b"[" * depth + b"]" * depth + b" >>"])


def own_parent() -> bytes:
    """Return a PDF whose tree of pages contains itself."""
    return file_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])


def written(text: str, x: float = 72, y: float = 720, size: float = 12, how: bytes = b"") -> bytes:
    """Return what writes a line. x, y: points from the lower left; how: operators before it, as `b"1 g"` for white."""
    shown = text.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"q %s BT /F1 %.1f Tf %.1f %.1f Td (%s) Tj ET Q " % (how, size, x, y, shown)


def column(text: str, x: float = 72, y: float = 760, size: float = 11, leading: float = 15) -> bytes:
    """Return what writes lines below each other; an empty one leaves space."""
    return b"".join(written(line, x, y - leading * n, size) for n, line in enumerate(text.splitlines()) if line)


def with_notes(data: bytes, *, subject: str = "", note: str = "", flags: int = 0) -> bytes:
    """Return `data` with a subject among its metadata and a note on its first page."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    if subject:
        writer.add_metadata({"/Subject": subject})
    if note:
        text = FreeText(text=note, rect=(50, 50, 200, 100))
        text[NameObject("/F")] = NumberObject(flags)
        writer.add_annotation(0, text)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _line(text: str) -> bytes:
    return written(text)
