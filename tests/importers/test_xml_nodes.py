from __future__ import annotations

import pytest

from icdref.importers.errors import ImportFault
from icdref.importers.xml_nodes import DEEPEST, parse


def test_elements_keep_their_lines_attributes_texts_and_order():
    root = parse(b'<a x="1">\n  <b>one</b>\n  <c/><b> two\n </b></a>', "a.xml")
    assert (root.tag, root.attributes, root.line) == ("a", {"x": "1"}, 1)
    assert [(child.tag, child.line) for child in root.children] == [("b", 2), ("c", 3), ("b", 3)]
    assert [child.text for child in root.named("b")] == ["one", " two\n "]
    assert (root.first_text("b"), root.first_text("d")) == ("one", "")


def test_text_is_what_stands_directly_inside():
    assert parse(b"<a>x<b>y</b>z<!-- no --></a>", "a.xml").text == "xz"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b'<?xml version="1.0" encoding="utf-8"?><a>S\xc3\xa9zary</a>', "Sézary"),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?><a>S\xc3\xa9zary</a>', "Sézary"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><a>S\xe9zary</a>', "Sézary"),
        (b"<a>&lt;b&gt; &amp; &#233;</a>", "<b> & é"),
    ],
)
def test_encodings_and_entities_are_read(content, text):
    assert parse(content, "a.xml").text == text


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "not well-formed XML"),
        (b"<a>\n<b></a>", 2, "not well-formed XML: mismatched tag"),
        (b"<a/><b/>", 1, "not well-formed XML"),
        (b"<a>\xff</a>", 1, "not well-formed XML"),
        (b"<a>&nothing;</a>", 1, "not well-formed XML: undefined entity"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', 1, "XML"),
    ],
)
def test_what_is_not_xml_is_refused_with_its_line(content, line, reason):
    with pytest.raises(ImportFault) as caught:
        parse(content, "a.xml")
    assert (caught.value.file, caught.value.line) == ("a.xml", line)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "doctype",
    [
        b"<!DOCTYPE a>",
        b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd">',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>',
    ],
)
def test_a_doctype_is_never_read(doctype):
    with pytest.raises(ImportFault, match="a DOCTYPE is not accepted; remove it"):
        parse(b"\n" + doctype + b"<a>&x;</a>", "a.xml")


def test_nesting_is_bounded():
    assert parse(b"<a>" * DEEPEST + b"</a>" * DEEPEST, "a.xml").tag == "a"
    with pytest.raises(ImportFault, match=f"nested deeper than {DEEPEST} levels"):
        parse(b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1), "a.xml")
