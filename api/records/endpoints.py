"""The six calls every kind of record has, made from its `Kind`."""

from functools import cache
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, create_model

from api.auth import Caller
from api.callers import needs
from api.errors import Complaint, Invalid
from api.interviews.schemas import Page
from api.problems import responses
from api.records.kinds import Kind
from api.records.service import Match, RecordService
from api.records.tables import Record
from api.services import TheServices

R = TypeVar("R", bound=Record)
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out", bound=BaseModel)

PAGES = 100_000
LONGEST_VERSION = 18  # digits
CREATES = (
    "With an `external_ref` that is known and the same body, what there is is returned; with another body it is a 409."
)
LISTS = "Deleted ones are not among them. A filter that is left out lets everything through."
RETURNS = "Its `ETag` is its version; send it as `If-Match` with a change."
CHANGES = (
    "The body is a JSON merge patch (RFC 7396): a field that is left out stays, null removes, objects merge, all else "
    "replaces. The whole is checked as if it were created. With `If-Match`, only that version is changed."
)
DELETES = (
    "It is gone from every list and its `external_ref` is free again. What others need stays, and the problem `in_use` "
    "names them: an agent of a template, a template or job of a posting, all three of an interview that is not over. "
    "An interview needs its posting no more once it is made, and candidates keep the id of a job that is gone. With "
    "`If-Match`, only that version is deleted."
)


def if_match(header: Annotated[str | None, Header(alias="If-Match")] = None) -> Match:
    """Return which versions a change is meant for; raise `Invalid` for a header that names none."""
    if header is None or header.strip() == "*":
        return Match()
    named = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    if not all(tag.isdecimal() and len(tag) <= LONGEST_VERSION for tag in named):
        raise Invalid(
            Complaint(("header", "If-Match"), "is not one of our ETags", 'send what an ETag header said, like "3"')
        )
    return Match(frozenset(int(tag) for tag in named))


Matching = Annotated[Match, Depends(if_match)]


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


@cache
def record_router(kind: Kind[R, In, Out]) -> APIRouter:
    """Return `/v1/<path>` and what is below it."""
    router = APIRouter(prefix=f"/v1/{kind.path}", tags=[kind.path])
    takes: Any = kind.takes  # the types that FastAPI reads are known at run time alone
    gives: Any = kind.gives
    patch: Any = patch_of(kind.takes)
    one, many = kind.name, kind.path
    an = "an" if one[0] in "aeiou" else "a"

    def allows(action: str) -> Any:
        return Annotated[Caller, Depends(needs(f"{kind.name}:{action}"))]

    creator: Any = allows("create")
    reader: Any = allows("read")
    editor: Any = allows("update")
    remover: Any = allows("delete")

    def service(services: TheServices) -> RecordService[R, In, Out]:
        return services.records.of(kind)

    mine: Any = Annotated[RecordService[Any, Any, Any], Depends(service)]

    async def create(wanted: takes, response: Response, records: mine, caller: creator) -> Any:
        made = await records.create(caller.tenant, wanted)
        response.headers["ETag"] = etag(made.version)
        response.headers["Location"] = f"/v1/{kind.path}/{made.body.model_dump()['id']}"
        return made.body

    async def list_(
        request: Request,
        records: mine,
        caller: reader,
        page: Annotated[int, Query(ge=1, le=PAGES)] = 1,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Any:
        where = {name: request.query_params[name] for name in kind.filters if name in request.query_params}
        return await records.page(caller.tenant, where, page, limit)

    async def get(id: str, response: Response, records: mine, caller: reader) -> Any:
        found = await records.get(caller.tenant, id)
        response.headers["ETag"] = etag(found.version)
        return found.body

    async def change(
        id: str,
        wanted: patch,
        response: Response,
        records: mine,
        caller: editor,
        match: Matching,
    ) -> Any:
        changed = await records.change(caller.tenant, id, wanted.model_dump(mode="json", exclude_unset=True), match)
        response.headers["ETag"] = etag(changed.version)
        return changed.body

    async def delete(id: str, records: mine, caller: remover, match: Matching) -> Response:
        await records.delete(caller.tenant, id, match)
        return Response(status_code=204)

    changing = responses(401, 403, 404, 409, 412, 413, 422)
    filters = [{"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in kind.filters]
    add = router.add_api_route
    add(
        "",
        create,
        methods=["POST"],
        status_code=201,
        response_model=gives,
        responses=responses(401, 403, 409, 413, 422),
        operation_id=f"create_{one}",
        summary=f"Create {an} {one}",
        description=CREATES,
    )
    add(
        "",
        list_,
        methods=["GET"],
        response_model=Page[gives],
        responses=responses(401, 403, 422),
        operation_id=f"list_{many}",
        summary=f"List {many}, newest first",
        description=LISTS,
        openapi_extra={"parameters": filters},
    )
    add(
        "/{id}",
        get,
        methods=["GET"],
        response_model=gives,
        responses=responses(401, 403, 404),
        operation_id=f"get_{one}",
        summary=f"Return {an} {one}",
        description=RETURNS,
    )
    for method, how in (("PATCH", "Change"), ("PUT", "Change, like PATCH,")):
        add(
            "/{id}",
            change,
            methods=[method],
            response_model=gives,
            responses=changing,
            operation_id=f"{method.lower()}_{one}",
            summary=f"{how} {an} {one}",
            description=CHANGES,
        )
    add(
        "/{id}",
        delete,
        methods=["DELETE"],
        status_code=204,
        response_class=Response,
        responses=responses(401, 403, 404, 409, 412, 422),
        operation_id=f"delete_{one}",
        summary=f"Delete {an} {one}",
        description=DELETES,
    )
    return router


def patch_of(takes: type[BaseModel], *names: str, called: str | None = None) -> Any:
    """Return the schema of a merge patch: every field may be left out, or null to remove it.

    names: of the fields, all of them where none is named.
    """
    fields: dict[str, Any] = dict.fromkeys(names or takes.model_fields, (Any, None))
    return create_model(called or f"{takes.__name__}Patch", __config__=takes.model_config, **fields)
