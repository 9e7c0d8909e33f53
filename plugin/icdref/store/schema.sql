-- The index of one edition: written once by the compiler, read-only and immutable ever after.
--
-- Every table that holds answers has a `record` (JSON) and a `crc`: the CRC-32 of the key columns and the record, checked
-- on every read. One flipped bit in an SQLite file otherwise gives a silently wrong answer in most cases.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Releases in order of system and effective date; `no` is what `since` and `until` below count in.
CREATE TABLE release (no INTEGER PRIMARY KEY, version TEXT NOT NULL, record BLOB NOT NULL, crc INTEGER NOT NULL);

-- One row per concept and unchanged run of releases: a code that never changed over ten releases has one row.
-- `position` is a place in book order that holds in every release; `last` is the place of its last descendant, so that
-- everything below a concept is `position BETWEEN position AND last`, among the rows alive in the release.
CREATE TABLE concept (
    id       INTEGER PRIMARY KEY,
    code     TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    billable INTEGER NOT NULL,
    record   BLOB    NOT NULL,
    crc      INTEGER NOT NULL
);
CREATE UNIQUE INDEX concept_by_code ON concept (code, since);
CREATE INDEX concept_by_position ON concept (position, since);

-- Validity by date of billable codes, known independently of any release.
CREATE TABLE validity (code TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;

-- The conversion table, both ways: {"by": [[release, new, ended]], "of": [[release, old, ended]]}.
CREATE TABLE succession (code TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;

-- Maps between code systems: all rows of one source code, in the publisher's order.
CREATE TABLE mapping (
    source_system TEXT NOT NULL,
    source        TEXT NOT NULL,
    record        BLOB NOT NULL,
    crc           INTEGER NOT NULL,
    PRIMARY KEY (source_system, source)
) WITHOUT ROWID;

-- The tree of each release in columns, packed: for value sets, which count and page thousands of codes (store/trees.py).
CREATE TABLE release_tree (release INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL);

-- FHIR resources that the operator imported: CodeSystem and ValueSet whole, of a ConceptMap all but its elements.
CREATE TABLE fhir_resource (
    type   TEXT NOT NULL,
    id     TEXT NOT NULL,
    record BLOB NOT NULL,
    crc    INTEGER NOT NULL,
    PRIMARY KEY (type, id)
) WITHOUT ROWID;

-- The elements of imported concept maps, by group and source code; `place` is their order in the resource.
CREATE TABLE map_element (
    map    TEXT    NOT NULL,
    grp    INTEGER NOT NULL,
    place  INTEGER NOT NULL,
    code   TEXT    NOT NULL,
    record BLOB    NOT NULL,
    crc    INTEGER NOT NULL,
    PRIMARY KEY (map, grp, place)
) WITHOUT ROWID;
CREATE INDEX map_element_by_code ON map_element (map, code, grp);

-- Condition summaries, whole, by id.
CREATE TABLE condition (id TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL) WITHOUT ROWID;

-- Released versions of condition summaries; `number` 0 is the oldest of a summary. The checksum covers id and version.
CREATE TABLE released (
    id      TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    version TEXT    NOT NULL,
    record  BLOB    NOT NULL,
    crc     INTEGER NOT NULL,
    PRIMARY KEY (id, number)
) WITHOUT ROWID;

-- Definitions and identifiers imported from open content (never ours, never reviewed), by the code that they are about;
-- `defined` is 0 for an identifier alone. The record holds the code's title: another title, another meaning, no definition.
CREATE TABLE stub (
    code    TEXT    NOT NULL,
    id      TEXT    NOT NULL,
    defined INTEGER NOT NULL,
    record  BLOB    NOT NULL,
    crc     INTEGER NOT NULL,
    PRIMARY KEY (code, id)
) WITHOUT ROWID;

-- The search index. A document is what a code says over a run of releases in which nothing that search reads changed;
-- numbers are given so that what is met often comes first. Codes that only add an encounter to another code (the letters
-- A to S as seventh character) are no documents: they are found through the code they extend.
CREATE TABLE search_document (
    id    INTEGER PRIMARY KEY,
    code  TEXT    NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    crc   INTEGER NOT NULL
);
CREATE UNIQUE INDEX search_document_by_code ON search_document (code, since);

-- The documents that a word stands in: `record` is three sets (titles, terms, what stands above in the tree), see
-- store/bits.py. A word that begins with `!` is ruled out by the title; `stage#3` is a number beside what it counts.
CREATE TABLE search_word (
    id     INTEGER PRIMARY KEY,
    word   TEXT    NOT NULL UNIQUE,
    stem   TEXT    NOT NULL,
    record BLOB    NOT NULL,
    crc    INTEGER NOT NULL
);
CREATE INDEX search_word_by_stem ON search_word (stem);

-- The same, for beginnings that many words share.
CREATE TABLE search_prefix (prefix TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL);

-- Sets of documents by name: `side right`, `chapter 13`, `release 0`, `seventh A initial encounter` …
CREATE TABLE search_set (name TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL);

-- One number per document, or the whole vocabulary, by name.
CREATE TABLE search_column (name TEXT PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL);

-- Whole titles and terms, as the set of their words (language/tokens.py, bag_key). It only orders what was found.
CREATE TABLE search_key (
    key      INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (key, kind, document)
) WITHOUT ROWID;

-- What people call things: {"text", "kind", "means", "key"} from lay-terms.tsv and from the names of the summaries.
CREATE TABLE search_phrase (id INTEGER PRIMARY KEY, record BLOB NOT NULL, crc INTEGER NOT NULL);
