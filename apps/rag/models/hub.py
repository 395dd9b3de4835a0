"""Files of a model hub over HTTP, as Hugging Face and its mirrors offer them: what a revision holds, and each
file with resume and checksum.

The only code of rag that calls out of the house, and only when somebody asks for a model by name.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from apps.rag.models.errors import ModelFileError
from apps.rag.models.folders import checked_path

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)
CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
MAX_REDIRECTS = 5
MAX_LISTED = 2000
MAX_LISTING = 8 * 1024 * 1024  # bytes
BLOCK = 1 << 20
PAUSES = (1.0, 3.0, 10.0, 30.0)  # seconds before another try at a file that was cut off

Advance = Callable[[int], None]  # bytes that arrived (negative: that have to come again)


@dataclass(frozen=True, slots=True)
class HubFile:
    """`sha256` for large files, `blob` (git's SHA-1 of the content) for the others; one of them is empty."""

    path: str
    size: int
    sha256: str = ""
    blob: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a revision held when it was asked for; `commit` names it for good."""

    repo: str
    commit: str
    files: tuple[HubFile, ...]


class Hub:
    """A hub by its base address. Not thread-safe; close it, or use it in a `with`."""

    def __init__(self, base_url: str, *, pauses: tuple[float, ...] = PAUSES) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ModelFileError(
                f"Not an address of a model hub: {base_url[:200]!r}.", code="hub_unreachable"
            )
        self.base_url = base_url.rstrip("/")
        self._pauses = pauses
        self._opened: httpx.Client | None = None

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._opened is not None:
            self._opened.close()

    def listing(self, repo: str, revision: str) -> Listing:
        """Raises ModelFileError: hub_not_found, hub_refused, hub_unreachable, hub_bad_answer, hub_bad_name."""
        url = f"{self.base_url}/api/models/{quote(repo)}/revision/{quote(revision, safe='')}?blobs=true"
        with _as_faults(repo), self._open(url, {}) as answer:
            body = _json(answer)
        try:
            commit = str(body["sha"])
            rows = body["siblings"]
            if not commit.isalnum() or len(rows) > MAX_LISTED:
                raise ValueError("no commit, or too many files")
            files = tuple(_file(row) for row in rows)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(
                f"The hub's list of {repo} cannot be read: {error!r}", code="hub_bad_answer"
            ) from error
        return Listing(repo, commit, files)

    def fetch(self, listing: Listing, file: HubFile, target: Path, *, advance: Advance) -> None:
        """Bring one file to `target`; what `target`.part holds already is not asked for again. Raises
        ModelFileError, leaving the part where another try may go on."""
        part = target.with_name(f"{target.name}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        url = f"{self.base_url}/{quote(listing.repo)}/resolve/{listing.commit}/{quote(file.path)}"
        again = False
        for pause in (*self._pauses, None):
            try:
                with _as_faults(file.path):
                    self._transfer(url, file, part, advance)
                break
            except ModelFileError as fault:
                if pause is None or not fault.retryable or (fault.code == "hub_checksum" and again):
                    raise
                again = fault.code == "hub_checksum"
                logger.info("%s: %s; trying again", file.path, fault.detail)
                time.sleep(pause)
        part.replace(target)

    def _transfer(self, url: str, file: HubFile, part: Path, advance: Advance) -> None:
        here = part.stat().st_size if part.is_file() else 0
        if here > file.size:
            part.unlink()
            here = 0
        if here < file.size or not part.is_file():
            headers = {"Range": f"bytes={here}-"} if here else {}
            with self._open(url, headers) as answer, part.open("ab") as out:
                if here and not _continues(answer, here):
                    out.truncate(0)
                    advance(-here)
                    here = 0
                for block in answer.iter_raw():  # as it comes: what has arrived survives a cut
                    here += len(block)
                    if here > file.size:
                        break
                    out.write(block)
                    advance(len(block))
        if here < file.size:
            raise ModelFileError(
                f"{file.path} was cut off at {here} of {file.size} bytes.",
                code="hub_unreachable",
                retryable=True,
            )
        if here > file.size or not matches(part, file):
            part.unlink()
            advance(-min(here, file.size))
            raise ModelFileError(
                f"{file.path} is not what the hub announced (checksum).", code="hub_checksum", retryable=True
            )

    @contextmanager
    def _open(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """GET, following a few redirects: large files lie on other hosts. From https never to http."""
        for _ in range(MAX_REDIRECTS + 1):
            with self._client().stream(
                "GET", url, headers={**headers, "Accept-Encoding": "identity"}
            ) as answer:
                if answer.is_redirect:
                    url = _next(url, answer.headers["location"])
                    continue
                _refuse_status(answer)
                yield answer
                return
        raise ModelFileError("The hub redirects without end.", code="hub_bad_answer")

    def _client(self) -> httpx.Client:
        import httpx

        if self._opened is None:
            timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
            self._opened = httpx.Client(
                timeout=timeout, follow_redirects=False, headers={"User-Agent": "askive"}
            )
        return self._opened


def matches(path: Path, file: HubFile) -> bool:
    """Whether the bytes have the announced checksum."""
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        digest.update(b"blob %d\0" % path.stat().st_size)
    with path.open("rb") as opened:
        while block := opened.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == (file.sha256 or file.blob)


def _file(row: dict[str, Any]) -> HubFile:
    path = str(row["rfilename"])
    checked_path(path)
    lfs = row.get("lfs")
    size = int(lfs["size"] if lfs else row["size"])
    sha256, blob = (str(lfs["sha256"]), "") if lfs else ("", str(row["blobId"]))
    if size < 0 or len(sha256) not in (0, 64) or (not sha256 and len(blob) != 40):
        raise ValueError(f"no size or checksum for {path[:100]}")
    return HubFile(path, size, sha256.lower(), blob.lower())


def _json(answer: httpx.Response) -> dict[str, Any]:
    import json

    held = bytearray()
    for block in answer.iter_bytes():
        held += block
        if len(held) > MAX_LISTING:
            raise ModelFileError("The hub's list is too long.", code="hub_bad_answer")
    try:
        body = json.loads(held)
    except ValueError as error:
        raise ModelFileError("The hub did not answer with a list of files.", code="hub_bad_answer") from error
    return body if isinstance(body, dict) else {}


def _continues(answer: httpx.Response, here: int) -> bool:
    return answer.status_code == 206 and answer.headers.get("content-range", "").startswith(f"bytes {here}-")


def _next(url: str, location: str) -> str:
    target = urljoin(url, location)
    parts = urlsplit(target)
    lower = urlsplit(url).scheme == "https" and parts.scheme != "https"
    if lower or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ModelFileError(
            f"The hub redirects to {target[:100]!r}, which is not followed.", code="hub_bad_answer"
        )
    return target


def _refuse_status(answer: httpx.Response) -> None:
    status = answer.status_code
    if status in {200, 206}:
        return
    if status == 404:
        raise ModelFileError("The hub does not have this model, revision or file.", code="hub_not_found")
    if status in {401, 403}:
        raise ModelFileError("The hub asks for a sign-in for this model.", code="hub_refused")
    passing = status == 429 or status >= 500 or status == 416
    raise ModelFileError(f"The hub answered {status}.", code="hub_unreachable", retryable=passing)


@contextmanager
def _as_faults(what: str) -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelFileError(
            f"{what}: the hub cannot be reached or broke off: {error!r}"[:400],
            code="hub_unreachable",
            retryable=True,
        ) from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise ModelFileError(
                f"{what}: the disk is full. What was loaded is kept; make room and call again.",
                code="disk_full",
            ) from error
        raise ModelFileError(f"{what}: {error}", code="model_unusable") from error
