"""The files to load: which ones they are, and what their bytes say about them."""

import codecs
import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from _landing import FED_TABLES
from _options import ActionableError

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}
SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers")
CHUNK_BYTES = 1 << 22


@dataclass(frozen=True)
class SourceFile:
    """A file to load, and the folder it was found in, if it was not named itself."""

    path: Path
    folder: Path | None = None

    @property
    def format(self) -> str | None:
        """The format, by the file's name."""
        return FORMATS.get(Path(self.path.name.lower().removesuffix(".gz")).suffix)

    def table_name(self) -> str | None:
        """Return the landing table whose name starts the file's or its folder's."""
        path = self.path.resolve()
        top = (self.folder or path.parent).resolve()
        within = len(path.relative_to(top).parts)
        names = [path.name, *(parent.name for parent in list(path.parents)[:within])]
        tables = sorted(FED_TABLES, key=len, reverse=True)
        starts = (t for n in names for t in tables if n.lower().startswith(t))
        return next(starts, None)


def find_files(paths: Iterable[Path]) -> Iterator[SourceFile | ActionableError]:
    """Yield the files to load; a path that leads to none becomes its error."""
    for path in paths:
        if path.is_file() and path.suffix.lower() in SPREADSHEETS:
            yield ActionableError(
                f"{path.name}: is a spreadsheet; save it as CSV (UTF-8), each sheet as"
                " a file of its own, and load that"
            )
        elif path.is_file():
            yield SourceFile(path)
        elif path.is_dir():
            files = [SourceFile(found, path) for found in visible_files(path)]
            inside = [file for file in files if file.format]
            yield from inside
            if not inside:
                yield ActionableError(
                    f"{path}: holds no CSV, JSON Lines or Parquet file; check the path"
                )
        else:
            yield ActionableError(
                f"{path}: no such file or folder; check the path for a typing error"
            )


def visible_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder but hidden ones and marks such as _SUCCESS."""
    for found in sorted(folder.rglob("*")):
        if found.is_file() and not found.name.startswith((".", "_")):
            yield found


def passed_over(paths: Iterable[Path]) -> list[str]:
    """Return the names of the files in folders that are in no format we read."""
    found = [file for path in paths if path.is_dir() for file in visible_files(path)]
    return [file.name for file in found if not SourceFile(file).format]


@dataclass(frozen=True)
class Content:
    """What a pass over a file's bytes finds out."""

    content_hash: str
    is_gzipped: bool
    encoding: str | None = None  # None: not text
    has_mixed_newlines: bool = False
    has_nulls: bool = False


def open_bytes(path: Path, is_gzipped: bool) -> IO[bytes]:
    """Open a file for its bytes, gunzipped."""
    if is_gzipped:
        return cast(IO[bytes], gzip.open(path, "rb"))
    return open(path, "rb")


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream piece by piece."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def examine(path: Path, is_text: bool) -> Content:
    """Hash a file and, if it is text, learn its encoding and line ends."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        is_gzipped = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        for chunk in chunks(stream):
            digest.update(chunk)
    if not is_text:
        return Content(digest.hexdigest(), is_gzipped)
    decoder, encoding = codecs.getincrementaldecoder("utf-8")(), "utf-8"
    feeds = returns = pairs = nulls = 0
    last = b""
    with open_bytes(path, is_gzipped) as stream:
        for position, chunk in enumerate(chunks(stream)):
            if position == 0 and chunk[:2] in (
                codecs.BOM_UTF16_LE,
                codecs.BOM_UTF16_BE,
            ):
                encoding = "utf-16"
            if encoding == "utf-8":
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    encoding = "cp1252"
            feeds, returns = feeds + chunk.count(b"\n"), returns + chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            nulls += chunk.count(b"\0")
            last = chunk[-1:]
    if encoding == "utf-8" and decoder.getstate()[0]:
        encoding = "cp1252"
    is_mixed = feeds > 0 and returns > 0 and not feeds == returns == pairs
    return Content(digest.hexdigest(), is_gzipped, encoding, is_mixed, nulls > 0)


def _keep_undefined_bytes(error: UnicodeError) -> tuple[str, int]:
    # Windows-1252 leaves five bytes undefined; browsers read them as Latin-1 does.
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("latin-1", _keep_undefined_bytes)


def transcode(path: Path, content: Content, to: Path, one_newline: bool) -> None:
    """Write a text file again as plain UTF-8, optionally with line feeds alone.

    A null byte becomes U+FFFD, because the engine takes it for the end of a line.
    """
    encoding = content.encoding or "utf-8"
    errors = "latin-1" if encoding == "cp1252" else "strict"
    sig = "utf-8-sig" if encoding == "utf-8" else encoding
    decoder = codecs.getincrementaldecoder(sig)(errors)
    newlines = io.IncrementalNewlineDecoder(None, translate=one_newline)
    with (
        open_bytes(path, content.is_gzipped) as stream,
        open(to, "w", encoding="utf-8", newline="") as out,
    ):
        if stream.read(3) != codecs.BOM_UTF8 or encoding.startswith("utf-16"):
            stream.seek(0)
        for chunk in chunks(stream):
            text = newlines.decode(decoder.decode(chunk))
            out.write(text.replace("\0", "\ufffd"))
        out.write(newlines.decode(decoder.decode(b"", True), True))
