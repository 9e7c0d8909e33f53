"""Two hundred vectors through every place that shows what was asked: parsed as a browser parses, nothing active is there."""

from __future__ import annotations

import pytest

from tests.browser.browsing import Visit
from tests.browser.vectors import VECTORS

pytestmark = pytest.mark.slow

PLACES = [
    "/search?q=",
    "/codes/",
    "/search?q=bone&within=",
    "/codes/M61.569?date=",
    "/compare?codes=M61.05,",
    "/conditions/",
    "/conditions/myositis-ossificans-traumatica?audience=patient&language=",
    "/releases/2025..",
]

# What a page of ours may hold: its own script file, and no address but http(s), mailto and paths.
_ACTIVE = """async ([place, vectors]) => {
  const found = [];
  for (const vector of vectors) {
    const answer = await fetch(place + encodeURIComponent(vector), { headers: { Accept: "text/html" } });
    if (answer.status >= 500) found.push(`${answer.status} ${vector}`);
    if (!(answer.headers.get("Content-Type") || "").startsWith("text/html")) continue;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const each of page.querySelectorAll("*")) {
      const name = each.localName, source = each.getAttribute("src") || "";
      const own = name === "script" && source.startsWith("/static/") && !each.textContent;
      if (["script", "iframe", "object", "embed", "base", "style", "marquee", "template"].includes(name) && !own) found.push(`${name} ${vector}`);
      for (const attribute of each.attributes) {
        if (attribute.name.startsWith("on") || attribute.name === "style") found.push(`${attribute.name} ${vector}`);
        const leads = ["href", "src", "action", "formaction", "xlink:href", "data"].includes(attribute.name);
        if (leads && !/^(https?:|mailto:|#|\\/(?!\\/)|$)/i.test(attribute.value)) found.push(`${attribute.value} ${vector}`);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("place", PLACES)
def test_no_vector_becomes_an_active_node(visit: Visit, place: str) -> None:
    visit.go("/compare")
    vectors = VECTORS if place in PLACES[:2] else VECTORS[::5]  # the other places escape in the same way
    assert visit.evaluate(_ACTIVE, [place, list(vectors)]) == []
    assert [each for each in visit.faults() if "Failed to load resource" not in each] == []


@pytest.mark.parametrize("place", PLACES[:4])
def test_opened_as_a_page_nothing_runs(visit: Visit, place: str) -> None:
    for vector in VECTORS[:9]:
        visit.page.goto(visit.base + place + "".join(f"%{byte:02X}" for byte in vector.encode()))
        assert [each for each in visit.faults() if "Failed to load resource" not in each] == []
