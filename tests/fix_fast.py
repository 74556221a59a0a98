"""`--fast`: unit and service tests alone, for the hour-to-hour loop."""

import pytest

WHOLE_REGIONS = ("tests/demo/", "tests/fault/", "tests/upgrade/", "tests/browser/")
LINKS = "tests/integration/topology/"
SERVERS_OF_THEIR_OWN = ("tests/integration/embedded/", "tests/integration/region/feed/")
TESTS_OF_TESTS = ("tests/integration/test_strict.py",)
LONG = (*WHOLE_REGIONS, LINKS, *SERVERS_OF_THEIR_OWN, *TESTS_OF_TESTS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fast",
        action="store_true",
        help="unit and service tests alone: no whole region, links, feed, browser or kills, segments apart only",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--fast"):
        config.hook.pytest_deselected(items=[item for item in items if not _is_fast(item)])
        items[:] = [item for item in items if _is_fast(item)]


def _is_fast(item: pytest.Item) -> bool:
    is_slow = any(item.get_closest_marker(mark) for mark in ("region", "chromium", "fault", "long"))
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    is_together = "together" in (parameters.get("region"), parameters.get("site"))
    return not is_slow and not is_together and not item.nodeid.startswith(LONG)
