"""The pages for people: time at the server, weight with everything, first content in a browser; and suggestions.

Server times are whole requests over one connection with the answer cache turned off, so each page is made anew: random codes,
all summaries, every kind of page. Weight and first content are those of headless Chromium with an empty cache.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import shutil
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

from common.edition import compiled, random_codes, serve_command
from common.processes import Running, server
from common.report import publish, table, verdict

AIM_PAGE, AIM_SUGGESTION, AIM_BYTES, AIM_PAINT = 30.0, 20.0, 150_000, 500.0
SUMMARIES = (
    "fibrodysplasia-ossificans-progressiva",
    "heterotopic-ossification-after-burns",
    "muscle-calcification-ossification",
    "myositis-ossificans-traumatica",
    "neurogenic-heterotopic-ossification",
    "other-ossification-of-muscle",
)
WORDS = (
    "broken wrist left",
    "heart attack",
    "type 2 diabetes with neuropathy",
    "bone in a bruised muscle",
    "sprained ankle right",
    "pneumonia",
    "copd exacerbation",
    "migraine without aura",
    "fracture of femur closed initial",
    "urinary tract infection",
)
SHOWN = {
    "home": "/",
    "search": "/search?q=broken+wrist+left",
    "code with summary": "/codes/M61.569",
    "code without": "/codes/S52.501A",
    "condition": "/conditions/fibrodysplasia-ossificans-progressiva",
    "patient": "/conditions/myositis-ossificans-traumatica?audience=patient&language=es",
    "compare": "/compare?codes=M61.05,M61.25,M61.58",
    "about": "/about/fibrodysplasia-ossificans-progressiva",
    "releases": "/releases",
    "changes": "/releases/2026-04-01..2026-10-01",
    "coverage": "/coverage",
}


_PAINTED = """new Promise((resolve) => new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (each.name === "first-contentful-paint") resolve(each.startTime);
}).observe({ type: "paint", buffered: true }))"""


def paths(data: Path, number: int) -> dict[str, list[str]]:
    """Return the addresses that are timed, by kind."""
    codes = random_codes(data, number)
    muscle = [f"/codes/M61.{site}" for site in ("00", "011", "051", "152", "20", "28", "352", "461", "551", "569")]
    typed = [query[:length] for query in WORDS for length in range(2, len(query) + 1)]
    random.Random(20261122).shuffle(typed)
    return {
        "home": ["/"] * 100,
        "code, random": [f"/codes/{code}" for code in codes],
        "code with summary": muscle * (number // len(muscle)),
        "condition": [f"/conditions/{name}" for name in SUMMARIES] * (number // len(SUMMARIES)),
        "patient": ["/conditions/myositis-ossificans-traumatica?audience=patient&language=es"] * 100,
        "compare": [SHOWN["compare"]] * 100,
        "search": [f"/search?q={quote(query)}" for query in WORDS] * (number // len(WORDS)),
        "changes": [SHOWN["changes"]] * 100,
        "coverage": ["/coverage"] * 100,
        "releases": ["/releases"] * 100,
        "about": [f"/about/{name}" for name in SUMMARIES] * 20,
        "suggestions": [f"/suggest?q={quote(text)}" for text in typed],
    }


def timed(icdref: Running, wanted: list[str]) -> dict[str, float]:
    """Return the percentiles of GETs, one after the other over one connection, in milliseconds."""
    connection = http.client.HTTPConnection(urlsplit(icdref.url).netloc, timeout=30)
    times = []
    for path in (wanted[0], *wanted):
        started = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            sys.exit(f"{path} was answered with {answer.status}")
    first, *times = times
    times.sort()
    return {"first": first, "p50": statistics.median(times), "p99": times[min(int(len(times) * 0.99), len(times) - 1)]}


def seen(icdref: Running, chromium: str) -> dict[str, dict[str, float]]:
    """Return bytes and milliseconds to first content of each page, in a new window each time."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where there is a browser

    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, path in SHOWN.items():
            rounds = []
            for _ in range(3):
                page = browser.new_page()
                page.goto(icdref.url + path, wait_until="load")
                paint = page.evaluate(_PAINTED)
                sizes = page.evaluate(
                    "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
                    ".reduce((sum, each) => [sum[0] + each.decodedBodySize, sum[1] + each.encodedBodySize], [0, 0])"
                )
                rounds.append((paint, *sizes))
                page.close()
            paint, whole, sent = (statistics.median(each) for each in zip(*rounds, strict=True))
            found[name] = {"paint_milliseconds": paint, "bytes": whole, "bytes_sent": sent}
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="data directory with a compiled edition; without it one is compiled first")
    parser.add_argument("--requests", type=int, default=400, help="of each kind of page")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    chromium = next((path for name in names if name and (path := shutil.which(name))), "")
    with compiled(options.data) as data:
        with server(serve_command(1), "/ready", ICDREF_DATA=str(data), ICDREF_CACHE_BYTES="0") as icdref:
            times = {kind: timed(icdref, wanted) for kind, wanted in paths(data, options.requests).items()}
        with server(serve_command(1), "/ready", ICDREF_DATA=str(data)) as icdref:
            pages = seen(icdref, chromium) if chromium else {}
    rows = [
        [
            kind,
            f"{each['first']:.1f}",
            f"{each['p50']:.1f}",
            f"{each['p99']:.1f}",
            verdict(each["p99"], _aim(kind), at_least=False),
        ]
        for kind, each in times.items()
    ]
    text = table(["made anew, ms", "first", "p50", "p99", "aim"], rows)
    shown = [
        [
            name,
            f"{each['bytes'] / 1000:.0f}",
            f"{each['bytes_sent'] / 1000:.0f}",
            verdict(each["bytes"], AIM_BYTES, at_least=False),
            f"{each['paint_milliseconds']:.0f}",
            verdict(each["paint_milliseconds"], AIM_PAINT, at_least=False),
        ]
        for name, each in pages.items()
    ]
    text += (
        "\n\n" + table(["page", "kB", "kB sent", "aim", "first content ms", "aim"], shown) if shown else "\n\nno Chromium found"
    )
    publish({"server": times, "browser": pages}, text, as_json=options.json)


def _aim(kind: str) -> float:
    return AIM_SUGGESTION if kind == "suggestions" else AIM_PAGE


if __name__ == "__main__":
    main()
