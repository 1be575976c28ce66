"""Jobs, candidates, agents, templates and postings: the six calls each has, and what some have besides."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from api.candidates.kind import CandidateRecordIn, CandidateRecordOut
from api.candidates.resumes import ResumeKept, ResumeOut
from api.client.wire import Wire, understood
from api.interviews.schemas import Page
from api.postings import PostingIn, PostingOut
from api.postings.schemas import EmbedKeyIn, EmbedKeyOut, NewEmbedKeyOut, RotateIn, VisitIn, VisitOut
from api.records.kinds import Kind
from api.records.service import Versioned

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)


def if_match(version: int | None) -> dict[str, str]:
    """Return the header that has only one version changed."""
    return {} if version is None else {"If-Match": f'"{version}"'}


class Records(Generic[In, Out]):
    """Records of one kind. A change is a JSON merge patch; `version` has it done to that version alone."""

    def __init__(self, wire: Wire, kind: Kind[Any, In, Out]) -> None:
        self._wire, self._gives, self._path = wire, kind.gives, f"/v1/{kind.path}"

    async def create(self, wanted: In | Mapping[str, Any]) -> Out:
        """Create a record; a known `external_ref` with the same content returns the one there is."""
        return await self._wire.read(self._gives, "POST", self._path, body=wanted)

    async def get(self, id: str) -> Out:
        """Return a record."""
        return (await self.versioned(id)).body

    async def versioned(self, id: str) -> Versioned[Out]:
        """Return a record with its version."""
        answer = await self._wire.ask("GET", f"{self._path}/{id}")
        return Versioned(understood(self._gives, answer), int(answer.headers["ETag"].strip('W/"')))

    async def page(self, page: int = 1, limit: int = 20, **filters: str) -> Page[Out]:
        """Return one page, newest first."""
        return await self._wire.page(self._gives, self._path, page, limit, filters)

    def each(self, **filters: str) -> AsyncIterator[Out]:
        """Iterate over all of them, newest first."""
        return self._wire.each(self._gives, self._path, filters)

    async def change(self, id: str, patch: Mapping[str, Any], *, version: int | None = None) -> Out:
        """Change a record."""
        return await self._wire.read(self._gives, "PATCH", f"{self._path}/{id}", body=patch, headers=if_match(version))

    async def delete(self, id: str, *, version: int | None = None) -> None:
        """Delete a record."""
        await self._wire.ask("DELETE", f"{self._path}/{id}", headers=if_match(version))


class Candidates(Records[CandidateRecordIn, CandidateRecordOut]):
    """Candidates and their résumés."""

    async def put_resume(self, id: str, pdf: bytes) -> ResumeKept:
        """Have a résumé read and kept in place of an earlier one."""
        return await self._wire.read(ResumeKept, "POST", f"{self._path}/{id}/resume", files=resume(pdf))

    async def resume(self, id: str) -> ResumeOut:
        """Return what a résumé says."""
        return await self._wire.read(ResumeOut, "GET", f"{self._path}/{id}/resume")

    async def delete_resume(self, id: str) -> None:
        """Remove a résumé."""
        await self._wire.ask("DELETE", f"{self._path}/{id}/resume")


class Postings(Records[PostingIn, PostingOut]):
    """Postings and their embed keys."""

    async def create_embed_key(self, id: str, wanted: EmbedKeyIn | Mapping[str, Any]) -> NewEmbedKeyOut:
        """Make an embed key, whose signing key is shown this once."""
        return await self._wire.read(NewEmbedKeyOut, "POST", f"{self._path}/{id}/embed-keys", body=wanted)

    async def embed_keys(self, id: str) -> list[EmbedKeyOut]:
        """Return every embed key, newest first."""
        return await self._wire.all_of(EmbedKeyOut, f"{self._path}/{id}/embed-keys")

    async def rotate_embed_key(self, id: str, kid: str, wanted: RotateIn | Mapping[str, Any]) -> NewEmbedKeyOut:
        """Make a key's successor."""
        return await self._wire.read(NewEmbedKeyOut, "POST", f"{self._path}/{id}/embed-keys/{kid}/rotate", body=wanted)

    async def check_visit(self, id: str, kid: str, visit: VisitIn | Mapping[str, Any]) -> VisitOut:
        """Check a signed visit, and use its nonce up."""
        return await self._wire.read(VisitOut, "POST", f"{self._path}/{id}/embed-keys/{kid}/check", body=visit)

    async def revoke_embed_key(self, id: str, kid: str) -> None:
        """End an embed key at once."""
        await self._wire.ask("DELETE", f"{self._path}/{id}/embed-keys/{kid}")


def resume(pdf: bytes) -> dict[str, tuple[str, bytes, str]]:
    """Return a PDF as the form that résumés are sent in."""
    return {"file": ("resume.pdf", pdf, "application/pdf")}
