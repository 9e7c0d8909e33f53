"""The digest by which an approval holds on to the statements that were approved."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from icdref.model import ConditionSummary
from icdref.records import to_record


def approved_digest(summary: ConditionSummary) -> str:
    """Return the SHA-256 of the statements of a summary, as `review.approved_digest` must give it.

    Keys without a value are left out, so that a key added to the format later does not break an approval.
    """
    statements = [_filled(statement) for statement in to_record(summary)["statements"]]
    canonical = json.dumps(statements, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each) for key, each in value.items() if each not in (None, "", [])}
    return [_filled(each) for each in value] if isinstance(value, list) else value
