"""After switching the language or signing in people stay here: an address leads nowhere else."""

import pytest

from trustmed.web.language import own_path


@pytest.mark.parametrize("path", ["/", "/patients/1?tab=record", "/поиск", "/documents#signed"])
def test_a_path_of_ours_stays(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "patients",
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\r/e",
        "/\n/e",
    ],
)
def test_any_other_leads_home(path: str | None) -> None:
    assert own_path(path) == "/"
