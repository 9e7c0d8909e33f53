"""The pages that are looked at: one of each kind, and those with something odd."""

from __future__ import annotations

PAGES = {
    "home": "/",
    "search": "/search?q=broken+wrist+left",
    "search-nothing": "/search?q=zzzzqqq",
    "code": "/codes/M61.569",
    "code-header": "/codes/M61",
    "code-without-summary": "/codes/S52.501A",
    "code-chapter": "/codes/13",
    "code-on-a-date": "/codes/M61.569?date=2018-03-01",
    "conditions": "/conditions",
    "condition": "/conditions/fibrodysplasia-ossificans-progressiva",
    "patient": "/conditions/myositis-ossificans-traumatica?audience=patient&language=es",
    "about": "/about/fibrodysplasia-ossificans-progressiva",
    "compare": "/compare?codes=M61.05,M61.25,M61.58",
    "compare-empty": "/compare",
    "coverage": "/coverage",
    "releases": "/releases",
    "changes": "/releases/2026-04-01..2026-10-01",
    "print": "/codes/M61.569?format=print",
    "infobutton": "/infobutton/application?mainSearchCriteria.v.cs=2.16.840.1.113883.6.90&mainSearchCriteria.v.c=M61.051",
}
WIDTHS = {"phone": 360, "tablet": 768, "desk": 1280}
