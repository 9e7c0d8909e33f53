"""Text without accents and case, British spellings made American, plurals made singular."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_LIGATURES: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "’": "'", "‘": "'", "´": "'", "`": "'"}
)

_CONTROLS: Final = dict.fromkeys([*range(32), 127], " ")

_SAME_IN_BOTH: Final = frozenset(
    [
        "asbestos",
        "biceps",
        "caries",
        "chaos",
        "diabetes",
        "facies",
        "feces",
        "forceps",
        "gas",
        "herpes",
        "hives",
        "lens",
        "measles",
        "menses",
        "mumps",
        "pancreas",
        "psoas",
        "quadriceps",
        "rabies",
        "rickets",
        "scabies",
        "series",
        "shingles",
        "species",
        "triceps",
        "ascites",
        "pus",
        "this",
        "his",
        "has",
        "was",
        "does",
        "its",
        "yes",
        "always",
        "bias",
        "atlas",
        "christmas",
        "as",
        "is",
        "us",
        "falls",
        "sis",
    ]
)
_IRREGULAR: Final = {
    "feet": "foot", "teeth": "tooth", "women": "woman", "men": "man", "children": "child", "phalanges": "phalanx",
    "diverticula": "diverticulum", "atria": "atrium", "foramina": "foramen", "testes": "testis", "testicles": "testicle",
    "calves": "calf", "knives": "knife", "halluces": "hallux", "ova": "ovum", "bronchi": "bronchus", "fungi": "fungus",
    "emboli": "embolus", "thrombi": "thrombus", "calculi": "calculus", "nevi": "nevus", "menisci": "meniscus",
    "alveoli": "alveolus", "nuclei": "nucleus", "crises": "crisis", "metastases": "metastasis", "nares": "naris",
    "bacteria": "bacterium", "septa": "septum", "ostia": "ostium", "larvae": "larva", "lice": "louse", "humeri": "humerus",
    "cervices": "cervix", "appendices": "appendix", "apices": "apex", "matrices": "matrix", "varices": "varix",
    "carcinomata": "carcinoma", "fibromata": "fibroma", "condylomata": "condyloma", "hemangiomata": "hemangioma",
    "buses": "bus", "viruses": "virus", "sinuses": "sinus", "fetuses": "fetus", "uteruses": "uterus", "calluses": "callus",
    "abscesses": "abscess", "lenses": "lens", "gases": "gas", "pelves": "pelvis", "axes": "axis", "lives": "life",
}  # fmt: skip
_GREEK: Final = re.compile(r"(?<=.{3})(os|es|ys)es$")
_NOT_GREEK: Final = frozenset(["doses", "noses", "hoses", "roses", "poses", "closes", "purposes", "overdoses", "cheeses"])

_BRITISH: Final = (
    ("aemia", "emia"), ("aem", "em"), ("haem", "hem"), ("oedema", "edema"), ("oeso", "eso"), ("foet", "fet"), ("coel", "cel"),
    ("rrhoea", "rrhea"), ("noea", "nea"), ("paed", "ped"), ("gynaec", "gynec"), ("leuk", "leuk"), ("caec", "cec"),
    ("faec", "fec"), ("anaes", "anes"), ("aes", "es"), ("oes", "es"), ("ae", "e"), ("oe", "e"), ("isation", "ization"),
    ("ising", "izing"), ("ised", "ized"), ("ise", "ize"), ("yse", "yze"), ("our", "or"), ("sulph", "sulf"), ("ogue", "og"),
    ("centre", "center"), ("fibre", "fiber"), ("litre", "liter"), ("metre", "meter"), ("grey", "gray"), ("mould", "mold"),
    ("tyre", "tire"), ("kerb", "curb"), ("ageing", "aging"), ("aluminium", "aluminum"), ("lled", "led"), ("lling", "ling"),
    ("defence", "defense"), ("practise", "practice"), ("plough", "plow"), ("pyjama", "pajama"), ("programme", "program"),
    ("orthopaed", "orthoped"), ("homoeo", "homeo"), ("diarrhoe", "diarrhe"), ("haemorrh", "hemorrh"),
)  # fmt: skip


def fold(text: str) -> str:
    """Return text in lower case without accents; what has no ASCII form becomes a blank.

    >>> fold("Münchmeyer’s  SJÖGREN")
    "munchmeyer's  sjogren"
    """
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
        text = "".join(letter if letter.isascii() else " " for letter in plain if not unicodedata.combining(letter))
    return text.translate(_CONTROLS).lower()


def singular(word: str) -> str:
    """Return the singular of an English or Latin plural; other words come back unchanged.

    >>> [singular(word) for word in ("injuries", "vertebrae", "exostoses", "diseases", "diabetes", "pelvis", "feet")]
    ['injury', 'vertebra', 'exostosis', 'disease', 'diabetes', 'pelvis', 'foot']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word in _SAME_IN_BOTH or not word.isalpha():
        return word
    if word.endswith("ae") and len(word) > 5:
        return word[:-1]
    if not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word not in _NOT_GREEK and _GREEK.search(word):
        return word[:-2] + "is"
    return word[:-1]


def american(word: str) -> Iterator[str]:
    """Yield the American spellings that a British word (or the beginning of one) may stand for, likeliest first.

    >>> next(american("haemorrhoids")), next(american("tumour")), list(american("heart"))
    ('hemorrhoids', 'tumor', [])
    """
    seen = {word}
    whole = word
    for british, spelling in _BRITISH:
        if british != spelling and british in whole:
            whole = whole.replace(british, spelling)
            if whole not in seen:
                seen.add(whole)
                yield whole
    for british, spelling in _BRITISH:
        if british in word and (single := word.replace(british, spelling)) not in seen:
            seen.add(single)
            yield single
