"""Owns /ticket-types/<id>/versions/<version>/publication: an older version of a type becomes its newest again."""

from __future__ import annotations

from uuid import UUID

from tickets.publishing_again import look, publish_again
from web.api.definitions import report_line
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.schemas import DeployedType
from web.api.version_schemas import PublicationOutlook, PublishAgain
from web.context import me, runtime

PATH = "/ticket-types/<uuid:type_id>/versions/<int(max=2147483647):version>/publication"


@api.get(PATH)
@api.output(PublicationOutlook)
@api.doc(operation_id="previewPublication")
def preview_publication(type_id: UUID, version: int) -> PublicationOutlook:
    """Look at publishing an older version again

    Which number it would get, and what standards and variants have to say of it. Nothing is published.
    """
    again = look(runtime(), me(), type_id, version)
    return PublicationOutlook(
        version=again.older.version,
        live=again.live.version,
        becomes=again.number,
        accepted=not again.refused,
        problems=[report_line(each) for each in again.problems],
    )


@api.post(PATH)
@idempotent
@api.input(PublishAgain, arg_name="body")
@api.output(DeployedType, status_code=201)
@api.doc(operation_id="publishAgain")
def publish_version_again(type_id: UUID, version: int, body: PublishAgain) -> DeployedType:
    """Publish an older version again

    Its files, with what they called then, become the newest version; running tickets stay on theirs. Refused (409) when
    another version than `live` is live by now, and when it does not hold to the group's standard.
    """
    made = publish_again(runtime(), me(), type_id, version, live=body.live)
    return DeployedType(key=made.key, version=made.version, id=made.public_id, new=made.new)
