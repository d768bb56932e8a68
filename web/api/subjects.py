"""Owns PUT /subjects/<kind>/<external id>: the other system says how a student, class or product is now."""

from __future__ import annotations

from http import HTTPStatus

from tickets.subject_register import put_subject
from web.api.entrance import api
from web.api.schemas import SubjectReceipt, SubjectValues
from web.context import me, runtime


@api.put("/subjects/<kind>/<external_id>")
@api.input(SubjectValues, arg_name="body")
@api.output(SubjectReceipt)
@api.doc(operation_id="putSubject", responses={201: "It was new."})
def put(kind: str, external_id: str, body: SubjectValues) -> tuple[SubjectReceipt, int]:
    """Create or change a subject

    `kind` is student, class or product. Values left out stay as they were, null clears. Said again, nothing changes.
    """
    saved = put_subject(runtime(), me(), kind, external_id, body.model_dump(mode="json", exclude_unset=True))
    receipt = SubjectReceipt(id=saved.public_id, kind=kind, external_id=external_id, changed=saved.changed)
    return receipt, HTTPStatus.CREATED if saved.created else HTTPStatus.OK
