"""A small sound content directory and a tiny hand-made tree, from which each test makes one fault."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from icdref.compiler.content import Fault, check_directory
from icdref.compiler.content.shingles import hashed_runs, to_file
from icdref.importers.conditions import read_conditions
from icdref.model import ConditionSummary

SEED_PAGE = "A page on the web once said that lumps of this kind always melt away when the moon is full."

SOURCES = """
schema = "sources/1"
[[source]]
id = "tabular"
citation = "The tabular list, FY2026."
type = "classification"
read = "full"
[[source]]
id = "review2020"
citation = "A review of lumps. 2020."
doi = "10.1000/lumps.2020"
type = "review"
read = "abstract"
[[source]]
id = "trial2021"
citation = "A trial of rest. 2021."
pmid = "1234567"
type = "trial"
read = "full"
[[source]]
id = "case2019"
citation = "One patient. 2019."
url = "https://example.org/case"
retrieved = 2026-11-01
type = "case-report"
read = "abstract"
[[source]]
id = "seed-000"
citation = "A page on the web."
last_update = 2024-06-07 02:49:00
file = "000.txt"
type = "secondary-web"
read = "full"
ceiling = "D"
[[source]]
id = "seed-001"
citation = "A harmful page on the web."
file = "001.txt"
type = "unattributed-web"
read = "full"
ceiling = "X"
quarantine = "tells people to do harmful things"
"""

BRUISE = """
schema = "condition-summary/1"
id = "bruise-bone"
version = "0.1.0"
status = "draft"
language = "en"
sections_without_source = ["forms", "pathophysiology", "symptoms", "diagnosis", "differential", "complications", "prognosis", "prevention", "follow-up"]

[title]
en = "Bone after a bruise"
es = "Hueso tras un golpe"
[[synonym]]
text = "bruise bone"
kind = "lay"
[[synonym]]
text = "muscle bone"
kind = "related"

[[code]]
system = "http://hl7.org/fhir/sid/icd-10-cm"
release = "2026-04-01"
code = "M61.0"
match = "self-and-descendants"
role = "focus"
[[code]]
system = "http://hl7.org/fhir/sid/icd-9-cm"
code = "728.12"
match = "self"
role = "equivalent"

[[relation]]
kind = "differential-of"
target = "soft-tissue-sarcoma"
codes = ["C49"]
why = "bru.red.1"
[[relation]]
kind = "is-variant-of"
target = "muscle-bone"

[[statement]]
id = "bru.red.1"
section = "red-flags"
text = "A lump that keeps growing needs an opinion at once."
grade = "B"
sources = ["review2020"]
[[statement]]
id = "bru.never.1"
section = "never-do"
text = "Do not knead the lump."
grade = "D"
sources = ["case2019", "seed-000"]
seeds = [{ id = "seed-001", relation = "conflicts", claims = ["1.01"], note = "wants it kneaded" }]
[[statement]]
id = "bru.def.1"
section = "definition"
text = "Bone that grows in a muscle after a blow."
grade = "B"
sources = ["review2020"]
seeds = [{ id = "seed-000", relation = "agrees", claims = ["0.01"] }]
[[statement]]
id = "bru.epi.1"
section = "epidemiology"
text = "In one series, 30 of 32 runners (94%) had it in the thigh."
grade = "D"
sources = ["case2019"]
[[statement]]
id = "bru.cause.1"
section = "cause"
text = "A blow is the usual cause, and then M61.0- is coded."
grade = "B"
sources = ["review2020"]
[[statement]]
id = "bru.img.1"
section = "imaging-timeline"
text = "Films are often normal at first."
grade = "B"
sources = ["review2020"]
window = { from_weeks = 0, to_weeks = 3 }
[[statement]]
id = "bru.tx.1"
section = "treatment"
text = "Rest for 6 weeks comes first."
grade = "A"
sources = ["trial2021", "review2020"]
conflict = { topic = "length of rest", position = "6 weeks", other = ["mus.tx.1"] }
[[statement]]
id = "bru.code.1"
section = "coding"
text = "Code the site and the side."
grade = "A"
sources = ["tabular"]
review_by = 2027-10-01

[[staging]]
name = "Small scheme"
applies_to = "the hip"
classes = [{ name = "I", meaning = "a little bone" }, { name = "II", meaning = "much bone" }]
sources = ["review2020"]

[review]
authors = [{ role = "author", name = "icdref authors" }]
reviewers = []
review_interval_months = 24
last_checked = 2026-11-22
next_check_due = 2027-05-22
expires = 2028-11-22

[dsi]
citation = "this file"
developer = "icdref project"
funding = "none declared"
release_date = 2026-11-22
revision_date = 2026-11-22
uses = []

[licence]
text = "CC-BY-4.0"
code_text = "public domain"
"""

MUSCLE = """
schema = "condition-summary/1"
id = "muscle-bone"
version = "0.1.0"
status = "draft"
language = "en"
sections_without_source = ["forms", "cause", "pathophysiology", "epidemiology", "symptoms", "imaging-timeline", "diagnosis", "differential", "complications", "prognosis", "prevention", "follow-up"]

[title]
en = "Bone in muscle"
[[synonym]]
text = "muscle bone"
kind = "clinical"

[[code]]
system = "http://hl7.org/fhir/sid/icd-10-cm"
release = "2026-04-01"
code = "M61"
match = "self"
role = "focus"
[[code]]
system = "http://hl7.org/fhir/sid/icd-10-cm"
release = "2026-04-01"
code = "M61.9"
match = "self"
role = "focus"

[[statement]]
id = "mus.red.1"
section = "red-flags"
text = "Fever with a hot joint is urgent."
grade = "B"
sources = ["review2020"]
[[statement]]
id = "mus.never.1"
section = "never-do"
text = "Do not cut into it early."
grade = "B"
sources = ["review2020"]
[[statement]]
id = "mus.def.1"
section = "definition"
text = "Bone in a muscle, whatever the reason."
grade = "B"
sources = ["review2020"]
[[statement]]
id = "mus.tx.1"
section = "treatment"
text = "Rest for 2 weeks is enough."
grade = "B"
sources = ["review2020"]
conflict = { topic = "length of rest", position = "2 weeks", other = ["bru.tx.1"] }
[[statement]]
id = "mus.code.1"
section = "coding"
text = "Use a sharper code when the reason is known."
grade = "A"
sources = ["tabular"]

[review]
authors = [{ role = "author", name = "icdref authors" }]
reviewers = []
review_interval_months = 24
last_checked = 2026-11-22
next_check_due = 2027-05-22
expires = 2028-11-22

[dsi]
citation = "this file"
developer = "icdref project"
funding = "none declared"
release_date = 2026-11-22
revision_date = 2026-11-22
uses = []

[licence]
text = "CC-BY-4.0"
code_text = "public domain"
"""

PATIENT_EN = """+++
summary = "bruise-bone"
language = "en"
status = "draft"
target_grade = 7
based_on = ["bru.def.1", "bru.img.1", "bru.tx.1"]
+++
## What is it?

Bone has grown in your muscle after a blow.

- Rest for six weeks.
- An X-ray can look fine for the first three weeks.

Read more [here](https://example.org/more).
"""

PATIENT_ES = """+++
summary = "bruise-bone"
language = "es"
status = "draft"
target_grade = 7
based_on = ["bru.def.1", "bru.tx.1"]
+++
## ¿Qué es?

Es hueso que crece en el músculo tras un golpe. Descanse seis semanas.
"""

QUARANTINE = """
schema = "quarantine/1"
[[phrase]]
text = "muscle angiogenesis"
reason = "a false synonym"
[[statement]]
id = "bru.tx.90"
section = "treatment"
text = "Heat makes it worse."
grade = "X"
sources = []
needs = "a source"
"""

CLAIMS = "\n".join(
    "\t".join(row)
    for row in (
        ("id", "seed", "section", "claim", "verdict", "sources"),
        ("0.01", "seed-000", "definition", "Bone in muscle", "sound", "review2020"),
        ("0.02", "seed-000", "treatment", "Melts under the moon", "doubtful", "-"),
        ("1.01", "seed-001", "treatment", "Knead it", "wrong-unsafe", "-"),
    )
)

FILES = {
    "sources.toml": SOURCES,
    "conditions/bruise-bone.toml": BRUISE,
    "conditions/muscle-bone.toml": MUSCLE,
    "conditions/bruise-bone.patient.en.md": PATIENT_EN,
    "conditions/bruise-bone.patient.es.md": PATIENT_ES,
    "quarantine/withheld.toml": QUARANTINE,
    "quarantine/seed-claims.tsv": CLAIMS,
    "released-statements.tsv": "id\tversion\nbru.def.1\t0.1.0\nbru.tx.90\t0.1.0\n",
}

PARENTS = {
    "13": "",
    "M60-M63": "13",
    "M61": "M60-M63",
    "M61.0": "M61",
    "M61.00": "M61.0",
    "M61.01": "M61.0",
    "M61.011": "M61.01",
    "M61.012": "M61.01",
    "M61.9": "M61",
    "C49": "2",
    "C49.9": "C49",
    "D21": "2",
}
BILLABLE = ("M61.00", "M61.011", "M61.012", "M61.9", "C49.9")


class SmallTree:
    """A tree over a table of parents."""

    def __init__(self, parents: dict[str, str] = PARENTS, billable: Sequence[str] = BILLABLE) -> None:
        self.parents = parents
        self.billable = billable

    def exists(self, code: str) -> bool:
        return code in self.parents

    def ancestors(self, code: str) -> Sequence[str]:
        found = []
        while code := self.parents.get(code, ""):
            found.append(code)
        return found

    def billable_below(self, code: str) -> Sequence[str]:
        return [leaf for leaf in self.billable if leaf == code or code in self.ancestors(leaf)]

    def billable_codes_of(self, category: str) -> Sequence[str]:
        return self.billable_below(category)


class Directory:
    """A content directory in a temporary folder, sound until it is edited."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, content in FILES.items():
            self.write(name, content)
        (path / "seeds").mkdir()
        (path / "seeds" / "000.txt").write_text(SEED_PAGE, "utf-8")
        self.write("quarantine/seed-shingles.txt", to_file(hashed_runs(path / "seeds")))

    def write(self, name: str, content: str) -> None:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")

    def edit(self, name: str, old: str, new: str) -> Directory:
        """Replace the first occurrence of a text, which must be there."""
        content = (self.path / name).read_text("utf-8")
        assert old in content, old
        self.write(name, content.replace(old, new, 1))
        return self

    def faults(self, as_of: date | None = None, tree: SmallTree | None = None) -> tuple[Fault, ...]:
        return check_directory(self.path, tree or SmallTree(), as_of)


def good_summary() -> ConditionSummary:
    """Return the first summary of the sound directory, which uses every optional key."""
    with TemporaryDirectory() as folder:
        return read_conditions(Directory(Path(folder)).path).summaries[0]
