"""Where set-up could install everything (TRUSTMED_NO_SKIPS=1), a skipped test fails.

Except for tests of federal packs, which set-up cannot fetch, as long as their folder is not named.
"""

import os
from collections.abc import Generator

import pytest

STRICT = os.environ.get("TRUSTMED_NO_SKIPS") == "1"
PACKS = {"semd": "TRUSTMED_SEMD_DIR", "nsi": "TRUSTMED_NSI_DIR"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    excepted = any(item.get_closest_marker(mark) and not os.environ.get(name) for mark, name in PACKS.items())
    if STRICT and report.skipped and not hasattr(report, "wasxfail") and not excepted:
        _fail(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if STRICT and report.skipped:
        _fail(report)
    return report


def _fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {reason}\nNothing may be skipped here: TRUSTMED_NO_SKIPS=1."
