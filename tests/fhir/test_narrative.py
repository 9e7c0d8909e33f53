import html
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.fhir.narrative import (
    Xhtml,
    element,
    escape,
    from_markdown,
    is_safe_href,
    items,
    join,
    link,
    markdown_sections,
    narrative,
)
from icdref.fhir.narrative_check import NarrativeReading, narrative_faults

XSS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](http://example.org/)",
    "[x](//example.org/)",
    "[x](/relative)",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "<javascript:alert(1)>",
    "![x](https://example.org/x.png)",
    '[x](https://example.org/" onclick="alert(1))',
    "[x](https://example.org/ 'title\" onclick=\"alert(1)')",
    "<!-- --><script>x</script>",
    "<![CDATA[<script>x</script>]]>",
    "<?xml-stylesheet href='x'?>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "&nbsp;&copy;&#0;&#1;&#xFFFE;",
    "```\n</code></pre><script>x</script>\n```",
    '``` x" onclick="alert(1)\ny\n```',
    "`</code><script>`",
    "[x]: javascript:alert(1)\n\n[x]",
    "</div><script>x</script><div>",
    "\x00\x01\x08\x0b\x0c\x1f\ufffe\uffff",
    "\ud800",
    "3. a\n4. b",
    "<style>p{}</style><p style='x'>y</p>",
]


def div(*content):
    return narrative("generated", "x", *content)["div"]


def text_of(markup):
    return "".join(ElementTree.fromstring(markup).itertext())


@pytest.mark.parametrize("text", XSS)
def test_an_attack_as_text_stays_text(text):
    made = div(element("p", text, id="a", title=text))
    assert narrative_faults(made) == []
    visible = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    assert text_of(made) == "x" + visible


@pytest.mark.parametrize("text", XSS)
def test_an_attack_as_markdown_passes_the_allow_list(text):
    assert narrative_faults(div(from_markdown(text))) == []
    for title, body in markdown_sections(f"## {text}\n\n{text}\n"):
        assert narrative_faults(div(element("h2", title), body)) == []


@given(st.text())
def test_any_text_is_shown_as_it_is(text):
    made = div(element("p", text))
    assert narrative_faults(made) == []
    assert text_of(made).replace("\r", "\n") == "x" + html.unescape(escape(text)).replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(alphabet=st.sampled_from("<>&\"'[]()!`#*_-=:/\\ \nahrefjvscipt3.;\x00\u2028"), max_size=60))
def test_any_markdown_passes_the_allow_list(text):
    assert narrative_faults(div(from_markdown(text))) == []
    for title, body in markdown_sections(text):
        assert narrative_faults(div(title, body)) == []


@given(st.text())
def test_only_https_and_places_are_linked(url):
    if is_safe_href(url):
        assert url.startswith(("https://", "#"))
    assert narrative_faults(div(link(url, "text"))) == []


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://doi.org/10.1016/S0140-6736(05)67889-0", True),
        ("https://example.org", True),
        ("https://example.org:8443/a?b=c&d=e#f", True),
        ("#mot.red.1", True),
        ("http://example.org", False),
        ("https://", False),
        ("https:// example.org", False),
        ("https://example.org/\n", False),
        ("https://user@example.org/", False),
        ("https://exämple.org/", False),
        ("javascript:alert(1)", False),
        ("#", False),
        ("", False),
    ],
)
def test_which_urls_are_safe(url, safe):
    assert is_safe_href(url) is safe


def test_markup_is_not_escaped_twice():
    assert join("a & ", element("b", "c < d")) == "a &amp; <b>c &lt; d</b>"
    assert isinstance(items(["<", Xhtml("<b>x</b>")]), Xhtml)
    assert items(["<", Xhtml("<b>x</b>")]) == "<ul><li>&lt;</li><li><b>x</b></li></ul>"


def test_a_narrative_names_a_foreign_language():
    made = narrative("additional", "hola", language="es")
    assert made["status"] == "additional"
    assert 'lang="es" xml:lang="es"' in made["div"]
    assert narrative_faults(made["div"]) == []


def test_markdown_keeps_its_small_subset():
    shown = from_markdown("Some *bold* text.\n\n- one\n- [two](https://example.org/)\n")
    assert "<em>bold</em>" in shown
    assert '<a href="https://example.org/">two</a>' in shown


def test_markdown_is_cut_at_headings():
    text = "Before.\n\n# One *and*\nhalf\n\nBody.\n\n### Deeper\n\nMore.\n\n## Empty\n\n## Two\n\n- x\n"
    assert markdown_sections(text) == (
        ("", "<p>Before.</p>"),
        ("One and", "<p>half</p>\n<p>Body.</p>\n<h3>Deeper</h3>\n<p>More.</p>"),
        ("Two", "<ul>\n<li>x</li>\n</ul>"),
    )


XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (f"<div {XHTML}><script>x</script></div>", "<script> is not allowed"),
        (f"<div {XHTML}><p style='x'>y</p></div>", "'style' of <p>"),
        (f"<div {XHTML}><p onclick='x'>y</p></div>", "'onclick' of <p>"),
        (f"<div {XHTML}><a href='javascript:x'>y</a></div>", "neither https nor"),
        (f"<div {XHTML}><a href='http://x.org/'>y</a></div>", "neither https nor"),
        (f"<div {XHTML}><img src='https://x.org/y.png'/></div>", "<img> is not allowed"),
        (f"<div {XHTML}><iframe/>y</div>", "<iframe> is not allowed"),
        (f"<div {XHTML}><form>y</form></div>", "<form> is not allowed"),
        (f"<div {XHTML}><P>y</P></div>", "<P> is not allowed"),
        (f"<div {XHTML}><p>y</div>", "not well-formed"),
        (f"<div {XHTML}>&nbsp;</div>", "not well-formed"),
        (f"<div {XHTML}>y</div><div/>", "not well-formed"),
        (f"<div {XHTML}> <p/> </div>", "no text"),
        ("", "not well-formed"),
        ("<div>y</div>", "not in the XHTML namespace"),
        (f"<p {XHTML}>y</p>", "must be one <div>"),
        (f'<div {XHTML}><svg xmlns="http://www.w3.org/2000/svg">y</svg></div>', "namespace"),
        (f'<div {XHTML} xmlns:x="urn:x"><x:p>y</x:p></div>', "namespace"),
        (f'<div {XHTML} xmlns:x="urn:x" x:href="a">y</div>', "is not allowed"),
        (f"<!DOCTYPE div [<!ENTITY a 'b'>]><div {XHTML}>&a;</div>", "document types"),
        (f"<div {XHTML}><!-- x -->y</div>", "comments"),
        (f"<?xml version='1.0'?><div {XHTML}>y</div>", "processing"),
        (f"<div {XHTML}><p id='1 2'>y</p></div>", "not an XML name"),
    ],
)
def test_the_allow_list_refuses(made, fault):
    assert any(fault in each for each in narrative_faults(made))


def test_a_reading_gives_ids_and_places():
    reading = NarrativeReading(f'<div {XHTML}><p id="a">x</p><p id="a"><a href="#b">y</a></p></div>')
    assert (reading.ids, reading.places, reading.faults) == (["a", "a"], ["b"], [])
