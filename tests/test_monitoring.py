"""The rules and the dashboard of deploy/monitoring ask for metrics that exist, and ring in time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry

from attendance import create_app
from attendance.core.settings import PROJECT, Settings
from attendance.operation import metrics
from attendance.web.current import services_of

MONITORING = PROJECT / "deploy" / "monitoring"
METRIC = re.compile(r"\b(?:attendance_\w+|up)\b(?=[{\[)\s]|$)")
# Prometheus's own, of every server that it asks.
OF_PROMETHEUS = {"up"}
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(
    PROMTOOL is None and not os.environ.get("CI"),
    reason="promtool is missing: it is in Debian's package prometheus",
)


@pytest.fixture
def told(tmp_path: Path, database_url: str) -> Iterator[dict[str, set[str]]]:
    """Every name under which the application tells a figure, with the labels that it has."""
    settings = Settings.load(
        instance_dir=tmp_path, uploads_dir=tmp_path, database_url=database_url, metrics_port=9100
    )
    app = create_app(settings)
    registry: CollectorRegistry = app.extensions[metrics.EXTENSION]
    names: dict[str, set[str]] = {}
    for collector, known in registry._collector_to_names.items():
        labels = {*getattr(collector, "_labelnames", ()), "le"}
        names |= dict.fromkeys(known, labels)
    yield names
    services_of(app).database.close()


def rules() -> list[dict[str, str]]:
    groups = yaml.safe_load((MONITORING / "rules.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> dict[str, list[str]]:
    board = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    return {
        panel["title"]: [target["expr"] for target in panel["targets"]] for panel in board["panels"]
    }


def expressions() -> list[str]:
    return [rule["expr"] for rule in rules()] + [one for each in panels().values() for one in each]


def test_every_metric_that_is_asked_for_exists(told: dict[str, set[str]]) -> None:
    asked = {name for text in expressions() for name in METRIC.findall(text)}
    assert len(asked) > 8
    assert asked - OF_PROMETHEUS - set(told) == set()


def test_every_label_that_is_asked_for_exists(told: dict[str, set[str]]) -> None:
    chosen = re.compile(r"(attendance_\w+)\{(\w+)=")
    asked = [pair for text in expressions() for pair in chosen.findall(text)]
    assert asked
    assert [(name, label) for name, label in asked if label not in told[name]] == []


def test_every_figure_that_the_page_names_for_an_alarm_has_a_rule_or_a_panel() -> None:
    page = (PROJECT / "docs" / "deployment.md").read_text("utf-8")
    named = set(re.findall(r"`(attendance_\w+)`", page[page.index("## What to monitor") :]))
    everything = " ".join(expressions())
    assert named
    assert [name for name in sorted(named) if name not in everything] == []


def test_every_rule_is_tried_and_says_what_is_the_matter() -> None:
    tried = "".join(path.read_text("utf-8") for path in MONITORING.glob("*_test.yml"))
    for rule in rules():
        assert f"alertname: {rule['alert']}" in tried
        assert rule["annotations"]["summary"]  # type: ignore[index]
        assert rule["labels"]["severity"] in ("page", "look")  # type: ignore[index]


def test_the_panels_do_not_overlap() -> None:
    board = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
    places = [tuple(panel["gridPos"][side] for side in "xy") for panel in board["panels"]]
    assert len(set(places)) == len(places) == len(panels())


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert PROMTOOL, "promtool is missing: it is in Debian's package prometheus"
    return subprocess.run(
        [PROMTOOL, *arguments], cwd=MONITORING, capture_output=True, text=True, check=False
    )


@needs_promtool
def test_prometheus_reads_its_files() -> None:
    checked = promtool("check", "config", "prometheus.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


@needs_promtool
def test_every_rule_rings_when_it_should_and_is_silent_before() -> None:
    tried = promtool("test", "rules", "rules_test.yml", "rules_week_test.yml")
    assert tried.returncode == 0, tried.stdout + tried.stderr


@needs_promtool
def test_every_expression_of_the_dashboard_can_be_computed(tmp_path: Path) -> None:
    wanted = [one for each in panels().values() for one in each]
    recorded = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(wanted)]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}))
    checked = promtool("check", "rules", str(file))
    assert checked.returncode == 0, checked.stdout + checked.stderr
