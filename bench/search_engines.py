"""Why search keeps its own sets of documents: SQLite FTS5 and tantivy on the same documents and the same labelled queries.

All three get title, terms, the titles above, and from lay-terms.tsv what people call the code; FTS5 gets a corrector of
typos over its own vocabulary, tantivy its fuzzy terms. Where nothing has every word, both fall back to any word. tantivy is
measured where it is installed (`pip install tantivy`); icdref does not need it.
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from common.edition import compiled
from common.report import publish, table
from rapidfuzz import process
from rapidfuzz.distance import OSA
from search_speed import unshared

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.search.labelled import COUNT, Query, read, score  # noqa: E402

from icdref.config import Settings  # noqa: E402
from icdref.language.fold import fold  # noqa: E402
from icdref.service.live import LiveService  # noqa: E402
from icdref.service.service import Service  # noqa: E402
from icdref.store.index import INDEX_NAME, Index  # noqa: E402
from icdref.store.search import SearchStore  # noqa: E402

FIELDS = ("title", "terms", "lay", "above")
WEIGHTS = (4.0, 3.0, 4.0, 1.0)
FUZZY_FROM = 5
LETTERS_OF_EVERY = 10
_WORD = re.compile(r"[a-z0-9]+")

Find = Callable[[str], Sequence[Any]]
Document = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Engine:
    name: str
    find: Find
    build_seconds: float
    start_milliseconds: float
    megabytes: float


def documents(service: Service) -> Iterator[Document]:
    """Yield (code, title, terms, lay, above) of every code that search keeps as a document."""
    connection = sqlite3.connect(service.edition.folder / INDEX_NAME)
    codes = [code for (code,) in connection.execute("SELECT code FROM search_document ORDER BY id")]
    lay: dict[str, list[str]] = defaultdict(list)
    for phrase in SearchStore(Index(service.edition.folder / INDEX_NAME)).phrases():
        for code in phrase.codes:
            lay[code.rstrip("-")].append(phrase.text)
    for code in codes:
        stored = service.concepts.concept(code, 0)
        if stored is None:
            continue
        concept = stored.concept
        above = " ".join(each.display for each in service.concepts.ancestors(concept, 0))
        terms = " ".join(note.text for note in concept.notes if note.kind in ("includes", "inclusion-term"))
        yield code, fold(concept.display), fold(terms), fold(" ".join(lay[code])), fold(above)


def words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def hits(rows: Iterable[tuple[str, str]]) -> list[SimpleNamespace]:
    return [SimpleNamespace(code=code, display=title) for code, title in rows]


def fts5(found: Sequence[Document], folder: Path) -> Engine:
    path = folder / "fts5.sqlite"
    begun = time.process_time()
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE VIRTUAL TABLE d USING fts5(code UNINDEXED, {', '.join(FIELDS)}, prefix='2 3 4')")
    connection.executemany("INSERT INTO d VALUES (?, ?, ?, ?, ?)", found)
    connection.execute("INSERT INTO d(d) VALUES ('optimize')")
    connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(d, 'row')")
    connection.commit()
    built = time.process_time() - begun
    connection.close()
    begun = time.process_time()
    opened = sqlite3.connect(path)
    known = [word for (word,) in opened.execute("SELECT term FROM v ORDER BY term")]
    started = 1000 * (time.process_time() - begun)
    vocabulary = frozenset(known)
    rank = f"bm25(d, 0, {', '.join(map(str, WEIGHTS))})"
    sql = f"SELECT code, title FROM d WHERE d MATCH ? ORDER BY {rank} LIMIT {COUNT}"

    def corrected(word: str) -> str:
        if word in vocabulary or len(word) < FUZZY_FROM:
            return word
        near = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=2)
        return near[0] if near else word

    def find(text: str) -> Sequence[Any]:
        typed = words(text)
        parts = [f'"{corrected(word)}"' for word in typed[:-1]] + [f'"{word}"*' for word in typed[-1:]]
        for operator in (" AND ", " OR "):
            if parts and (rows := opened.execute(sql, (operator.join(parts),)).fetchall()):
                return hits(rows)
        return []

    return Engine("FTS5, corrected words", find, built, started, path.stat().st_size / 1e6)


def tantivy_engine(found: Sequence[Document], folder: Path) -> Engine | None:
    try:
        import tantivy  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 -- only where it is installed
    except ImportError:
        return None
    begun = time.process_time()
    schema = tantivy.SchemaBuilder().add_text_field("code", stored=True, tokenizer_name="raw")
    for name in FIELDS:
        schema = schema.add_text_field(name, stored=name == "title")
    place = folder / "tantivy"
    place.mkdir()
    index = tantivy.Index(schema.build(), path=str(place))
    writer = index.writer(num_threads=1)
    for document in found:
        writer.add_document(tantivy.Document(**dict(zip(("code", *FIELDS), document, strict=True))))
    writer.commit()
    writer.wait_merging_threads()
    built = time.process_time() - begun
    begun = time.process_time()
    opened = tantivy.Index.open(str(place))
    searcher = opened.searcher()
    started = 1000 * (time.process_time() - begun)
    boosts = dict(zip(FIELDS, WEIGHTS, strict=True))
    query, occur = tantivy.Query, tantivy.Occur

    def of_word(word: str, *, last: bool) -> Any:
        choices = []
        for name in FIELDS:
            exact = query.term_query(opened.schema, name, word)
            choices.append((occur.Should, query.boost_query(exact, boosts[name])))
            if len(word) >= FUZZY_FROM or last:
                distance = 1 if len(word) >= FUZZY_FROM else 0
                near = query.fuzzy_term_query(opened.schema, name, word, distance=distance, prefix=last)
                choices.append((occur.Should, query.boost_query(near, boosts[name] / 3)))
        return query.boolean_query(choices)

    def find(text: str) -> Sequence[Any]:
        typed = words(text)
        parts = [of_word(word, last=place == len(typed) - 1) for place, word in enumerate(typed)]
        for how in (occur.Must, occur.Should):
            results = searcher.search(query.boolean_query([(how, part) for part in parts]), COUNT).hits if parts else []
            if results:
                rows = [searcher.doc(address) for _, address in results]
                return hits((str(row["code"][0]), str(row["title"][0])) for row in rows)
        return []

    size = sum(each.stat().st_size for each in place.rglob("*") if each.is_file())
    return Engine("tantivy, fuzzy", find, built, started, size / 1e6)


def own(service: Service, seconds: float, megabytes: float) -> Engine:
    begun = time.process_time()
    service.search.search("first", count=COUNT)
    started = 1000 * (time.process_time() - begun)
    return Engine("icdref", lambda text: service.search.search(text, count=COUNT).hits, seconds, started, megabytes)


def measured(engine: Engine, queries: Sequence[Query]) -> dict[str, float]:
    """Return quality over all queries, and the processor time of each letter of some of them."""
    before = unshared()
    reached = score(queries, engine.find)["all"]
    times = []
    for query in queries[::LETTERS_OF_EVERY]:
        for end in range(1, len(query.text) + 1):
            begun = time.process_time()
            engine.find(query.text[:end])
            times.append(1000 * (time.process_time() - begun))
    cuts = statistics.quantiles(times, n=100)
    return {
        "hit@1": reached.first / reached.queries,
        "hit@5": reached.five / reached.queries,
        "wrong side": reached.wrong_side,
        "p50_ms": cuts[49],
        "p99_ms": cuts[98],
        "memory_mb": unshared() - before,
        "start_ms": engine.start_milliseconds,
        "build_s": engine.build_seconds,
        "disk_mb": engine.megabytes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "tests" / "search" / "queries.tsv")
    parser.add_argument("--data", help="data directory with an edition (default: compile one)")
    parser.add_argument("--show", action="append", default=[], metavar="QUERY", help="print what each engine finds first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    queries = read(options.file)
    result: dict[str, dict[str, float]] = {}
    with compiled(options.data) as data, TemporaryDirectory(prefix="icdref-bench-") as directory:
        service = LiveService(Settings(data=str(data), scrub_seconds=0)).now()
        found = list(documents(service))
        makers: tuple[Callable[[], Engine | None], ...] = (
            lambda: fts5(found, Path(directory)),
            lambda: tantivy_engine(found, Path(directory)),
            lambda: own(service, float("nan"), float("nan")),
        )
        for make in makers:
            if not (engine := make()):
                continue
            for text in options.show:
                first = next(iter(engine.find(text)), None)
                print(f"{engine.name:24} {text:60} {first.code if first else '-':9} {first.display if first else ''}")
            if not options.show:
                result[engine.name] = measured(engine, queries)
    if options.show:
        return
    rows = [
        [name, *(f"{value:.3f}" if value < 1 else f"{value:.1f}" for value in each.values())] for name, each in result.items()
    ]
    publish(result, table(["engine", *next(iter(result.values()))], rows), as_json=options.json)


if __name__ == "__main__":
    main()
