from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from icdref.config import SettingError, Settings, describe
from icdref.model import SAFETY_SECTIONS, SECTIONS


def test_without_any_setting_icdref_answers_on_this_machine_only():
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.root_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")


ACCEPTED = {
    "base_url": "https://ehr.example.org/",
    "url_prefix": "/icdref",
    "lowest_status": "approved",
    "gated_sections": "treatment, prognosis,",
    "scrub_seconds": "0",
    "tx_tests": "1.7.8",
}


def another(setting) -> str:
    """Return a text that the setting accepts and that is not its default."""
    if setting.name in ACCEPTED:
        return ACCEPTED[setting.name]
    if isinstance(setting.default, bool):
        return str(not setting.default).lower()
    if isinstance(setting.default, int):
        return str(setting.default + 1)
    return "https://a.example.org,https://b.example.org" if isinstance(setting.default, tuple) else "another"


def test_every_setting_is_read_from_the_environment():
    environment = {f"ICDREF_{setting.name.upper()}": another(setting) for setting in fields(Settings)}
    settings = Settings.from_environment(environment)
    unchanged = [each.name for each in fields(Settings) if getattr(settings, each.name) == getattr(Settings(), each.name)]
    assert unchanged == []
    assert {type(getattr(settings, each.name)) for each in fields(Settings)} <= {str, int, bool, tuple}
    assert settings.port == 8081
    assert settings.gated_sections == ("treatment", "prognosis")
    assert settings.directory == Path("another")
    assert settings.root_url == "https://ehr.example.org/icdref"


def test_an_override_wins_over_the_environment_and_none_is_no_override():
    environment = {"ICDREF_PORT": "9000", "ICDREF_HOST": "::1"}
    settings = Settings.from_environment(environment, port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "::1")


def test_other_variables_are_not_settings():
    assert Settings.from_environment({"PORT": "1", "ICDREF_NOTHING": "1", "icdref_port": "1"}) == Settings()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"base_url": "ehr.example.org"}, "ICDREF_BASE_URL is 'ehr.example.org'"),
        ({"base_url": "ftp://ehr.example.org"}, "must be http"),
        ({"base_url": "https://ehr.example.org?a=1"}, "ICDREF_BASE_URL"),
        ({"url_prefix": "icdref"}, "ICDREF_URL_PREFIX is 'icdref'; it must start with /"),
        ({"url_prefix": "/icdref/"}, "not end with it"),
        ({"lowest_status": "retired"}, "ICDREF_LOWEST_STATUS is 'retired'; it must be draft or approved"),
        ({"gated_sections": ("treatments",)}, "ICDREF_GATED_SECTIONS names 'treatments'; known sections: red-flags"),
        ({"frame_origins": ("ehr.example.org",)}, "ICDREF_FRAME_ORIGINS names 'ehr.example.org'; an origin is https://host"),
        ({"cds_origins": ("https://ehr.example.org/path",)}, "ICDREF_CDS_ORIGINS names"),
        ({"port": -1}, "ICDREF_PORT is -1"),
        ({"workers": 0}, "ICDREF_WORKERS is 0"),
        ({"body_bytes": 0}, "ICDREF_BODY_BYTES"),
        ({"body_seconds": 0}, "ICDREF_BODY_SECONDS"),
        ({"json_depth": 0}, "ICDREF_JSON_DEPTH"),
        ({"cache_bytes": -1}, "ICDREF_CACHE_BYTES"),
        ({"scrub_seconds": -1}, "ICDREF_SCRUB_SECONDS"),
        ({"frame_origins": ("https://a.example; script-src *",)}, "ICDREF_FRAME_ORIGINS names"),
        ({"cds_origins": ("*",)}, "an origin is https://host[:port]"),
    ],
)
def test_a_setting_that_cannot_be_served_with_is_refused_by_name_and_value(values, named):
    with pytest.raises(SettingError) as caught:
        Settings(**values)
    assert named in str(caught.value)


@pytest.mark.parametrize("section", sorted(SAFETY_SECTIONS | {"definition", "references"}))
def test_safety_text_can_never_be_gated(section):
    with pytest.raises(SettingError, match="can never be gated"):
        Settings(gated_sections=("treatment", section))


def test_every_other_section_can_be_gated():
    for section, _ in SECTIONS:
        if section not in SAFETY_SECTIONS | {"definition", "references"}:
            assert Settings(gated_sections=(section,)).gated_sections == (section,)


def test_a_number_that_is_none_is_refused_by_name():
    with pytest.raises(SettingError, match="ICDREF_PORT is 'eighty'; it must be a whole number"):
        Settings.from_environment({"ICDREF_PORT": "eighty"})


def test_a_switch_is_true_or_false():
    assert Settings.from_environment({"ICDREF_CDS_COMMENTS": "TRUE"}).cds_comments is True
    with pytest.raises(SettingError, match="ICDREF_CDS_COMMENTS is 'yes'; it must be true or false"):
        Settings.from_environment({"ICDREF_CDS_COMMENTS": "yes"})


def test_a_switch_is_true_or_false_and_nothing_else():
    assert Settings.from_environment({"ICDREF_CDS_COMMENTS": "True"}).cds_comments is True
    assert Settings.from_environment({"ICDREF_CDS_COMMENTS": "false"}).cds_comments is False
    with pytest.raises(SettingError, match="ICDREF_CDS_COMMENTS is 'yes'; it must be true or false"):
        Settings.from_environment({"ICDREF_CDS_COMMENTS": "yes"})


def test_the_version_of_tests_passed_is_a_version():
    assert Settings.from_environment({"ICDREF_TX_TESTS": "1.7.8"}).tx_tests == "1.7.8"
    with pytest.raises(SettingError, match="ICDREF_TX_TESTS is 'all of them'; a version"):
        Settings.from_environment({"ICDREF_TX_TESTS": "all of them"})


def test_the_data_directory_defaults_to_that_of_the_platform():
    assert Settings().directory.name == "icdref"
    assert Settings().directory.is_absolute()


def test_every_setting_is_described_by_name_default_unit_and_meaning():
    rows = describe()
    assert [name for name, *_ in rows] == [f"ICDREF_{setting.name.upper()}" for setting in fields(Settings)]
    assert all(unit and meaning for _, _, unit, meaning in rows)
    assert {name: default for name, default, _, _ in rows}["ICDREF_PORT"] == "8080"
