"""The pages that are written from the settings are up to date."""

from tools import gen_settings_docs


def test_every_setting_stands_in_the_example_and_in_the_documentation() -> None:
    assert gen_settings_docs.outdated() == []
