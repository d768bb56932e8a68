"""Texts with FEEL in them, and Markdown."""

from __future__ import annotations

from typing import Any

import pytest

from engine.expressions import ExpressionError
from forms.markdown import has_image, to_html
from forms.scope import Scope
from forms.templating import MAX_OUTPUT, compile_text, escape_markdown
from tests.forms.build import NOW


def rendered(source: str, **data: Any) -> str:
    return compile_text(source).render(Scope.of(data, NOW, {}))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain 100% {x}", "plain 100% {x}"),
        ("Hello {{name}}", "Hello 周岚"),
        ('= "Hello " + name', "Hello 周岚"),
        ("{{ missing }}|{{}}|{{1/0}}", "||"),
        ("{{number}} {{half}} {{yes}} {{items}}", "3 0.5 true a, b"),
        ('{{ "}}" }}{{ {a: {b: 1}}.a.b }}', "}}1"),
        ("{{#if number > 2}}many{{/if}}{{#if number > 5}}lots{{/if}}", "many"),
        ("{{#loop items}}<{{this}}>{{/loop}}", "<a><b>"),
        ("{{#loop people}}{{name}} of {{parent.name}};{{/loop}}", "A of 周岚;B of 周岚;"),
        ("{{#loop missing}}x{{/loop}}{{#loop number}}{{this}}{{/loop}}", "3"),
        ("a\n{{#if yes}}\nb\n{{/if}}\nc", "a\nb\nc"),
        ("{{#loop items}}\n- {{this}}\n{{/loop}}\nend", "- a\n- b\nend"),
        ('{{#loop people}}{{#if this.name = "A"}}{{_this_.name}}{{/if}}{{/loop}}', "A"),
    ],
)
def test_a_template_is_rendered_as_in_form_js(source: str, text: str) -> None:
    people = [{"name": "A"}, {"name": "B"}]
    assert rendered(source, name="周岚", number=3, half=0.5, yes=True, items=["a", "b"], people=people) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{",
        "{{a",
        "{{a + }}",
        "{{#if}}x{{/if}}",
        "{{#if a}}",
        "{{/loop}}",
        "{{#if a}}{{/loop}}",
        "{{#each a}}{{/each}}",
        "= (",
    ],
)
def test_what_is_not_understood_is_refused(source: str) -> None:
    with pytest.raises(ExpressionError):
        compile_text(source)


def test_a_refusal_says_on_which_line() -> None:
    with pytest.raises(ExpressionError) as refusal:
        compile_text("one\ntwo {{1 +}}")
    assert refusal.value.line == 2


def test_blocks_nest_only_so_deep() -> None:
    with pytest.raises(ExpressionError):
        compile_text("{{#if a}}" * 50 + "{{/if}}" * 50)


def test_nested_loops_end_soon_and_their_output_is_limited() -> None:
    items = list(range(1000))
    nested = "{{#loop a}}{{#loop parent.a}}{{#loop parent.parent.a}}x{{/loop}}{{/loop}}{{/loop}}"
    assert len(rendered(nested, a=items)) <= 200
    assert len(rendered("{{#loop a}}" + "y" * 2000 + "{{/loop}}", a=items)) == MAX_OUTPUT


def test_a_value_in_markdown_is_shown_as_typed() -> None:
    typed = "[x](https://evil.example) **b** <i> # h\n- l `c` ![i](u) 1. | &amp; https://a.b"
    html = to_html(compile_text("{{v}}").render(Scope.of({"v": typed}, NOW, {}), escape_markdown))
    assert not {"<a", "<strong", "<i>", "<h", "<li", "<code", "<img"} & {
        tag for tag in ("<a", "<strong", "<i>", "<h", "<li", "<code", "<img") if tag in html
    }
    assert "**b** &lt;i&gt;" in html


def test_markdown_keeps_words_lists_tables_and_links() -> None:
    html = to_html("### Title\n\na **b** [c](https://example.com)\n\n- d\n\n| e |\n|---|\n| f |")
    assert "<h2>Title</h2>" in html
    assert '<a href="https://example.com" rel="noopener noreferrer nofollow">c</a>' in html
    assert {"<strong>", "<li>", "<td>"} <= {tag for tag in ("<strong>", "<li>", "<td>") if tag in html}


@pytest.mark.parametrize(
    "source",
    [
        "<script>x</script>",
        "<b onclick=x>",
        "[x](javascript:y)",
        "[x](data:text/html,y)",
        "![x](https://e.com/y.png)",
        "<iframe src=x>",
    ],
)
def test_markdown_runs_and_loads_nothing(source: str) -> None:
    html = str(to_html(source))
    assert not any(f"<{tag}" in html for tag in ("script", "b ", "iframe", "img"))
    assert "href" not in html


def test_headings_follow_the_page_s_without_a_gap() -> None:
    html = str(to_html("#### a\n\n## b\n\n###### c\n\n## d"))
    assert [html.index(f">{text}</h{rank}>") > 0 for text, rank in zip("abcd", "3242", strict=True)] == [True] * 4


def test_images_are_found() -> None:
    assert has_image("a ![b](c)")
    assert has_image("[x]: http://a\n\n![b][x]")
    assert has_image('<IMG src="x">')
    assert not has_image("a [b](c)!")
