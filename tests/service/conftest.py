"""The terminology of the cut and of the vendored release."""

from __future__ import annotations

import pytest

from icdref.service.terminology import Terminology


@pytest.fixture(scope="module")
def terms(small_service) -> Terminology:
    return small_service.terminology


@pytest.fixture(scope="module")
def vendored(full_service) -> Terminology:
    return full_service.terminology
