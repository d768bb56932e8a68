"""Forms: form-js JSON becomes fields that are read, checked and shown; no database, no clock, no Flask."""

from forms.camunda import CamundaField, camunda_problems, form_from_camunda
from forms.files import UploadRefused
from forms.form import Form
from forms.read import read_form
from forms.showing import display
from forms.submission import Submission, parse_html, parse_json
from forms.telling import Answer, answers
from forms.views import FieldView, Views

__all__ = [
    "Answer",
    "CamundaField",
    "FieldView",
    "Form",
    "Submission",
    "UploadRefused",
    "Views",
    "answers",
    "camunda_problems",
    "display",
    "form_from_camunda",
    "parse_html",
    "parse_json",
    "read_form",
]
