"""The words around the text of a page, in the languages that patient texts are written in. Not one clinical sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_ENGLISH: Final = {
    "skip": "Skip to the content",
    "search": "Search",
    "search_hint": "Code, diagnosis or plain words",
    "search_label": "Search ICD-10-CM",
    "conditions": "Conditions",
    "compare": "Compare",
    "releases": "Releases",
    "coverage": "Coverage",
    "for_clinicians": "For clinicians",
    "for_patients": "For patients",
    "safety_title": "Safety notes for health professionals",
    "safety_language": "",
    "rests_on": "This text rests on the statements",
    "about": "Who wrote this and on what it rests",
    "draft": "",
    "intended": "",
    "also_as": "Also as",
    "print": "Print",
    "copy_link": "Copy link",
    "copied": "Copied",
    "reader": "Reader",
}
_SPANISH: Final = {
    "skip": "Ir al contenido",
    "search": "Buscar",
    "search_hint": "Código, diagnóstico o palabras comunes (en inglés)",
    "search_label": "Buscar en ICD-10-CM",
    "conditions": "Enfermedades",
    "compare": "Comparar",
    "releases": "Ediciones",
    "coverage": "Cobertura",
    "for_clinicians": "Para profesionales",
    "for_patients": "Para pacientes",
    "safety_title": "Avisos de seguridad para profesionales de la salud",
    "safety_language": "En inglés.",
    "rests_on": "Este texto se basa en las afirmaciones",
    "about": "Quién lo escribió y en qué se basa",
    "draft": "Borrador: escrito por los autores del programa; ningún profesional de la salud lo ha revisado.",
    "intended": "Obra de consulta para profesionales de la salud: información general, no un consejo para un paciente en"
    " particular, y sin dosis.",
    "also_as": "También como",
    "print": "Imprimir",
    "copy_link": "Copiar enlace",
    "copied": "Copiado",
    "reader": "Lector",
}
_LANGUAGES: Final[Mapping[str, Mapping[str, str]]] = {"en": _ENGLISH, "es": _SPANISH}
NAMES: Final = {"en": "English", "es": "Español"}


def words_in(language: str) -> Mapping[str, str]:
    """Return the words of a language, English where there are none."""
    return _LANGUAGES.get(language.split("-", maxsplit=1)[0], _ENGLISH)
